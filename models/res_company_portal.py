# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class ResCompany(models.Model):
    """What customers order in the portal, and who of the vendor hears of it."""

    _inherit = "res.company"

    support_portal_order = fields.Selection(
        selection=[
            ("pay", "Paid online first"),
            ("invoice", "On invoice"),
        ],
        string="Orders in the Portal",
        required=True,
        default="pay",
        help="What customers order for their contracts in the portal:\n"
        "- Paid online first: the order is confirmed when it is paid. Where no "
        "payment provider fits, it is on invoice\n"
        "- On invoice: the order is confirmed at once and its invoice sent; hours and "
        "amounts are credited as their products say, usually when it is paid",
    )

    support_portal_pieces = fields.Integer(
        string="Top-Ups at Once",
        required=True,
        default=20,
        help="Pieces of a top-up that a customer orders in the portal at once.",
    )

    _support_portal_pieces_limit = models.Constraint(
        "CHECK (support_portal_pieces BETWEEN 1 AND 1000)",
        "Top-ups at once: a number from 1 to 1000.",
    )

    def _support_pays_first(self, partner, amount, currency):
        """Whether an order of ``partner`` is paid online before it is confirmed.

        :param partner: the person who orders
        :param amount: taxes included, in ``currency``
        """
        self.ensure_one()
        if self.support_portal_order != "pay":
            return False
        # only whether there is a way to pay; customers do not read providers
        env = self.sudo().env
        providers = env["payment.provider"]._get_compatible_providers(
            self.id, partner.id, amount, currency_id=currency.id
        )
        methods = env["payment.method"]._get_compatible_payment_methods(
            # the system sees those that are only being set up, the customer does not
            providers.filtered("is_published").ids,
            partner.id,
            currency_id=currency.id,
        )
        return bool(methods)

    def _support_may_buy(self, partner):
        """Whether ``partner``, a person of a customer, may ask this company for a
        contract: everybody of a customer without one, else those who may order on one
        of its contracts."""
        self.ensure_one()
        # only compared
        contracts = (
            self.env["support.contract"]
            .sudo()
            .search(
                [
                    ("commercial_partner_id", "=", partner.commercial_partner_id.id),
                    ("company_id", "=", self.id),
                    ("state", "!=", "draft"),
                ]
            )
        )
        return not contracts or any(
            contract._may_order(partner) for contract in contracts
        )

    def _support_get_seller(self, customer):
        """Who answers what ``customer`` asks for in the portal: its salesperson, the
        owner of its latest contract, else a contract manager of the company.

        :param customer: commercial entity
        :return: ``res.users``, internal, never empty
        """
        self.ensure_one()
        # names nobody to the customer: activities and documents get their owner
        company = self.sudo()
        seller = customer.sudo().user_id  # as above
        if not seller or seller.share:
            seller = (
                company.env["support.contract"]
                .search(
                    [
                        ("commercial_partner_id", "=", customer.id),
                        ("company_id", "=", company.id),
                        ("user_id.share", "=", False),
                    ],
                    order="id desc",
                    limit=1,
                )
                .user_id
            )
        if not seller:
            manager = company.env.ref("support_contract.group_support_manager")
            seller = company.env["res.users"].search(
                [
                    ("all_group_ids", "in", manager.ids),
                    ("company_ids", "in", company.ids),
                    ("share", "=", False),
                ],
                order="id",
                limit=1,
            )
        return seller or company.env.ref("base.user_admin")
