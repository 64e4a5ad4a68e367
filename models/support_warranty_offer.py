# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models
from odoo.tools import format_amount


class SupportWarrantyOffer(models.Model):
    """What a customer was offered before warranties end: one mail for all of the
    customer's installations that end together. Made by the job, never by hand; its
    lines are the memory that nothing is offered twice."""

    _name = "support.warranty.offer"
    _description = "Offer before the End of a Warranty"
    _order = "day desc, id desc"
    _rec_name = "partner_id"

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Owner", required=True, readonly=True
    )
    day = fields.Date(string="On", required=True, readonly=True)
    mailed = fields.Boolean(
        readonly=True,
        help="The customer got the mail. Otherwise the warranty was over by then, or "
        "the customer has no e-mail address: only the owner was told.",
    )
    line_ids = fields.One2many(
        comodel_name="support.warranty.offer.line",
        inverse_name="offer_id",
        string="Installations",
        readonly=True,
    )

    def _get_first_end(self):
        """For the mail: the first day on which a warranty ends."""
        self.ensure_one()
        return min(self.line_ids.mapped("warranty_end"))

    def _get_currency(self):
        """In what the customer is told prices."""
        self.ensure_one()
        partner = self.partner_id.with_company(self.company_id)
        pricelist = partner.property_product_pricelist
        return pricelist.currency_id or self.company_id.currency_id

    def _get_offered_types(self):
        """For the mail: the contract types that fit afterwards, as dicts with
        ``name``, ``description`` (HTML) and ``fee`` in words, in the language of the
        environment."""
        self.ensure_one()
        policies = self.line_ids.installation_id.warranty_policy_id
        types = policies.type_ids.filtered(
            lambda item: (
                not item.withdrawn
                and item.company_id in (item.company_id.browse(), self.company_id)
            )
        )
        return [
            {
                "name": contract_type.name,
                "description": contract_type.description,
                "fee": self._describe_fee(contract_type),
            }
            for contract_type in types.with_context(lang=self.env.lang)
        ]

    def _describe_fee(self, contract_type):
        """The fee that a contract of this type would have today."""
        currency = self._get_currency()
        fee = contract_type._get_fee(self.company_id, currency)
        if not fee:
            return self.env._("The fee is agreed with you.")
        amount = format_amount(self.env, fee, currency)
        if contract_type.fee_basis == "activation":
            amount = self.env._("%s for each activation", amount)
        return {
            "term": self.env._("%s for the term, without taxes.", amount),
            "month": self.env._("%s a month, without taxes.", amount),
            "quarter": self.env._("%s a quarter, without taxes.", amount),
            "year": self.env._("%s a year, without taxes.", amount),
        }[contract_type.fee_period]
