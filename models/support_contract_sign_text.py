# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import hashlib

from odoo import models
from odoo.tools import format_amount, format_date
from odoo.tools.image import image_data_uri

from ..tools.frozen_html import without_fetches


class SupportContract(models.Model):
    """What is shown to be signed: the contract, and its general conditions. It says
    nothing that changes by itself (no balance, no state, no "today"), so that its
    fingerprint tells whether it is still what the signer has read.

    Called on records with all rights, after a check who reads; in the language of the
    environment.
    """

    _inherit = "support.contract"

    def _get_sign_text(self, part):
        """The HTML of one part, as it is shown, signed and kept.

        :param str part: ``contract`` or ``conditions``
        """
        self.ensure_one()
        if part == "conditions":
            template = "support_contract.sign_conditions_text"
            values = self._get_sign_conditions_values()
        else:
            template = "support_contract.sign_contract_text"
            values = self._get_sign_contract_values()
        return str(self.env["ir.qweb"]._render(template, values)).strip()

    def _get_sign_digest(self, text):
        return hashlib.sha256(text.encode()).hexdigest()

    def _get_sign_conditions_values(self):
        conditions = self.conditions_id
        return {
            "name": conditions.name or "",
            "intro": self.env._(
                "Version %(version)s, published on %(day)s. Part of contract "
                "%(contract)s between %(company)s and %(customer)s.",
                version=conditions.version,
                day=format_date(self.env, conditions.published_on) or "–",
                contract=self.name,
                company=self.company_id.name,
                customer=self.commercial_partner_id.name,
            ),
            "body": without_fetches(conditions.body),
        }

    def _get_sign_contract_values(self):
        company = self.company_id
        return {
            "name": self.name,
            "type": self.type_id.name,
            "package": self.package_id.name or "",
            "logo": company.logo_web and image_data_uri(company.logo_web),
            "provider": self._get_sign_address(company.partner_id),
            "customer": self._get_sign_address(self.partner_id),
            "signatory": self.signatory_id.name or "",
            "reference": self.customer_reference or "",
            "start": format_date(self.env, self.date_start),
            "end": format_date(self.env, self.date_end),
            "description": without_fetches(self.type_id.description),
            "sections": self._get_document_sections(),
            "hours": self._get_hours_table(),
            "rates": self._get_offer_rates(),
            "installations": [
                (item.name, item.activations_stated)
                for item in self.installation_ids.sorted("id")
            ],
            "counted": self._compares_activations(),
            "activations": self.activation_count,
            "conditions": self.conditions_id.display_name or "",
        }

    def _get_sign_address(self, partner):
        """Name, address and tax number: list of lines."""
        owner = partner.commercial_partner_id
        address = partner._display_address(without_company=True)
        lines = [owner.name, *address.splitlines()]
        vat = partner.vat or owner.vat
        if vat:
            label = partner.country_id.vat_label or self.env._("Tax ID")
            lines.append(f"{label} {vat}")
        return [line.strip() for line in lines if line and line.strip()]

    def _get_sign_choice_values(self):
        """The types that may be chosen, the present one first in their own order:
        list of dicts ``id``, ``name``, ``description``, ``fee`` and ``chosen``."""
        self.ensure_one()
        choices = self._get_sign_choices()
        return [
            {
                "id": contract_type.id,
                "name": contract_type.name,
                "description": without_fetches(contract_type.description),
                "fee": self._get_sign_fee(contract_type),
                "chosen": contract_type == self.type_id,
            }
            for contract_type in choices
        ]

    def _get_sign_fee(self, contract_type):
        """The fee of ``contract_type`` as a sentence; of the present one it is what
        is agreed."""
        if contract_type == self.type_id:
            amount, source = self.fee_amount, self
        else:
            amount = contract_type._get_fee(self.company_id, self.currency_id)
            source = contract_type
        if not amount:
            return ""
        fee = format_amount(self.env, amount, self.currency_id)
        if source.fee_basis == "activation":
            fee = self.env._("%s for each activation", fee)
        return {
            "term": self.env._("%s for the term, without taxes.", fee),
            "month": self.env._("%s a month, without taxes.", fee),
            "quarter": self.env._("%s a quarter, without taxes.", fee),
            "year": self.env._("%s a year, without taxes.", fee),
        }[source.fee_period]
