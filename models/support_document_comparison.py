# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import hashlib
from urllib.parse import urlencode

from odoo import fields, models
from odoo.fields import Command
from odoo.tools import format_date


class SupportContractType(models.Model):
    """The types on offer side by side, on paper."""

    _inherit = "support.contract.type"

    def _ask_comparison(self, company, partner, lang):
        """These types side by side as PDF, with the prices of the customer, made by a
        job if it is not there.

        The caller has checked that they are on offer.

        :param partner: the person who asks, and gets a mail when it is ready
        :param str lang: code of the language
        :return: ``support.document``
        """
        types = self.with_company(company).with_context(lang=lang)
        customer = partner.commercial_partner_id
        return types.env["support.document"]._ask(
            types._get_comparison_key(company, partner),
            {
                "name": types.env._("Comparison of support contracts"),
                "kind": "comparison",
                "company_id": company.id,
                "commercial_partner_id": customer.id,
                "priced_partner_id": partner.id,
                "type_ids": [Command.set(types.ids)],
                "lang": lang,
            },
            partner,
        )

    def _get_comparison_key(self, company, partner):
        """What tells whether they still are what was compared, in the language of the
        environment, as ``partner`` would order."""
        customer = partner.commercial_partner_id
        says = repr(self.sorted()._get_portal_offers(company, partner))
        digest = hashlib.sha256(says.encode()).hexdigest()[:16]
        return f"comparison:{company.id}:{customer.id}:{self.env.lang}:{digest}"


class SupportDocument(models.Model):
    """A comparison of types, with the prices of one person of a customer: an order of
    another one may have another pricelist or other taxes."""

    _inherit = "support.document"

    kind = fields.Selection(
        selection_add=[("comparison", "Comparison")],
        ondelete={"comparison": "cascade"},
    )
    priced_partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Prices of",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_user",
        help="The person whose order would have the prices that are printed.",
    )
    type_ids = fields.Many2many(
        comodel_name="support.contract.type",
        string="Contract Types",
        readonly=True,
        groups="base.group_user",
    )

    def _get_comparison_report(self):
        return "support_contract.report_offer_comparison", self

    def _get_comparison_key(self):
        return self.type_ids._get_comparison_key(
            self.company_id, self._get_priced_partner()
        )

    def _get_priced_partner(self):
        return self.priced_partner_id or self.commercial_partner_id

    def _get_comparison_back_url(self):
        # only their numbers, for who reads the document that names them
        types = self.sudo().type_ids
        shown = urlencode([("types", item.id) for item in types])
        return f"/my/support/offers?{shown}"

    def _get_comparison_values(self):
        """What is printed, in the language of the environment: dict with ``offers``,
        ``day``, and ``rows`` as ``(title, [sentences of each offer])``."""
        self.ensure_one()
        offers = self.type_ids.sorted()._get_portal_offers(
            self.company_id, self._get_priced_partner()
        )
        prices = [offer["products"] for offer in offers]
        return {
            "offers": offers,
            "day": format_date(self.env, self.company_id._support_day()),
            "rows": [
                (self.env._("Price"), [self._describe_prices(each) for each in prices]),
                *(
                    (title, [offer["sections"].get(title, []) for offer in offers])
                    for title in self.type_ids._get_offer_titles(offers)
                ),
            ],
        }

    def _describe_prices(self, products):
        """Sentences on what a type costs; several products are named."""
        if not products:
            return [self.env._("on request")]
        if len(products) == 1:
            return [products[0]["price"]]
        return [f"{product['name']}: {product['price']}" for product in products]
