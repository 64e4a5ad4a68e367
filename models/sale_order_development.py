# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SaleOrder(models.Model):
    """A development proposal (S5): a quotation that knows the ticket and the contract
    from which it came."""

    _inherit = "sale.order"

    support_ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        string="Ticket",
        check_company=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups="base.group_user",
        help="The request from which this proposal came.",
    )
    support_contract_id = fields.Many2one(
        comodel_name="support.contract",
        check_company=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups="base.group_user",
        help="The contract under which this was proposed.",
    )

    @api.constrains("support_ticket_id", "support_contract_id", "partner_id")
    def _check_support_origin(self):
        for order in self.sudo():  # compared only
            customer = order.partner_id.commercial_partner_id
            for origin in (order.support_ticket_id, order.support_contract_id):
                if origin and origin.commercial_partner_id != customer:
                    raise ValidationError(
                        self.env._(
                            "%(origin)s is not one of %(customer)s: a proposal goes to "
                            "the customer whom it is about.",
                            origin=origin.display_name,
                            customer=customer.display_name,
                        )
                    )

    def action_view_support_ticket(self):
        """Open the ticket from which the proposal came."""
        self.ensure_one()
        return self.support_ticket_id._support_open_form()

    def action_view_support_contract(self):
        """Open the contract under which this was proposed."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "support.contract",
            "res_id": self.support_contract_id.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    @api.model
    def _support_propose(self, partner, company, title, ticket=None, contract=None):
        """A draft quotation for a development, linked to where it came from.

        With the rights of the current user, who must be allowed to make quotations.

        :param partner: contact or customer
        :param str title: what it is about, the first line of the quotation
        :param ticket: ``helpdesk.ticket`` or None
        :param contract: ``support.contract`` or None
        :raise AccessError: without a right to make quotations
        """
        text = self.with_context(lang=partner.lang or self.env.lang).env._(
            "Development proposal: %s", title
        )
        orders = self.with_company(company)
        return orders.create(
            {
                "partner_id": partner.id,
                "company_id": company.id,
                "user_id": self.env.uid,
                "origin": ticket.number if ticket else contract.name,
                "support_ticket_id": ticket.id if ticket else False,
                "support_contract_id": contract.id if contract else False,
                "order_line": [
                    fields.Command.create(
                        {"display_type": "line_section", "name": text}
                    )
                ],
            }
        ).with_env(self.env)

    def _support_open_orders(self):
        """An action that opens one order, or the list of several."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sale.action_quotations_with_onboarding"
        )
        action |= {
            "name": self.env._("Development Proposals"),
            "domain": [("id", "in", self.ids)],
            "context": {},
        }
        if len(self) == 1:
            action |= {"views": [(False, "form")], "res_id": self.id}
        return action
