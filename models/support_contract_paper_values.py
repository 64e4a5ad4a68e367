# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import hashlib

from odoo import models
from odoo.tools import format_date

from ..tools.frozen_html import without_fetches


class SupportContract(models.Model):
    """The contract as it is printed: an offer as long as nobody has agreed to it, a
    contract afterwards. Called on records whose reader may read them, in the language
    of the environment; plain values, no records."""

    _inherit = "support.contract"

    def _get_document_values(self, with_code=False):
        """All that is printed, apart from the company's head.

        :param bool with_code: with the support code, which only those may see who may
            ask for help
        :return: dict of texts, lists and dicts; ``description`` and the conditions'
            ``body`` are HTML that fetches nothing
        """
        self.ensure_one()
        company = self.company_id
        offered = self.state in ("draft", "offered")
        return {
            "title": self.env._("Offer") if offered else self.env._("Support contract"),
            "subtitle": self._get_document_subtitle(),
            "number": self.name,
            "mark": "",
            "parties": [
                (
                    self.env._("Provider"),
                    company.partner_id._support_get_letter_lines(),
                ),
                (self.env._("Customer"), self._get_document_customer()),
            ],
            "dates": [
                (self.env._("Start"), format_date(self.env, self.date_start)),
                (self.env._("End"), format_date(self.env, self.date_end)),
            ],
            "description": without_fetches(self.type_id.description),
            "sections": self._get_document_sections(),
            "hours": self._get_hours_table(),
            "rates": self._get_offer_rates(),
            "support_code": self._get_offer_support_code() if with_code else "",
            "installations": self._get_document_installations(),
            "counted": self._compares_activations(),
            "conditions": self._get_document_conditions(),
            "signers": [
                (company.name, ""),
                (self.commercial_partner_id.name, self.signatory_id.name or ""),
            ],
        }

    def _get_document_key(self):
        """What tells whether the contract still says what was printed, in the language
        of the environment."""
        self.ensure_one()
        says = repr(self._get_document_values())
        digest = hashlib.sha256(says.encode()).hexdigest()[:16]
        return f"contract:{self.id}:{self.env.lang}:{digest}"

    def _get_document_subtitle(self):
        return ", ".join(filter(None, [self.type_id.name, self.package_id.name]))

    def _get_document_customer(self):
        if not self.partner_id:  # a sample is for nobody
            return []
        lines = self.partner_id._support_get_letter_lines()
        if self.customer_reference:
            lines.append(self.env._("Your reference: %s", self.customer_reference))
        return lines

    def _get_document_sections(self):
        """The terms, the renewal and the people, without the coverage hours, which
        stand in a table: list of ``(title, [sentences])``."""
        people = [f"{row['text']}: {row['names']}" for row in self._get_portal_people()]
        return [
            *self._get_offer_lines(hours_apart=True),
            (self.env._("Renewal"), self._get_buy_renewal()),
            (self.env._("People"), people),
        ]

    def _get_document_installations(self):
        """The software that is named: list of ``(name, activations stated)``."""
        return [
            (item.display_name, item.activations_stated)
            for item in self.installation_ids.sorted("id")
        ]

    def _get_document_conditions(self):
        """The general conditions, signed apart from the contract; None without any."""
        # printed for whoever reads the contract, which names them
        conditions = self.sudo().conditions_id
        if not conditions:
            return None
        return {
            "title": conditions.name,
            "version": self.env._("Version %s", conditions.version),
            "published": format_date(self.env, conditions.published_on),
            "body": without_fetches(conditions.body),
        }
