# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class SupportContract(models.Model):
    """Development proposals to the customer of a contract (S5)."""

    _inherit = "support.contract"

    proposal_ids = fields.One2many(
        comodel_name="sale.order",
        inverse_name="support_contract_id",
        string="Development Proposals",
        readonly=True,
        copy=False,
        groups="support_contract.group_support_user",
    )
    proposal_count = fields.Integer(
        string="Proposals",
        compute="_compute_proposal_count",
        groups="support_contract.group_support_user",
    )

    @api.depends("proposal_ids")
    def _compute_proposal_count(self):
        counts = dict(
            self.env["sale.order"]._read_group(
                [("support_contract_id", "in", self.ids)],
                ["support_contract_id"],
                ["__count"],
            )
        )
        for contract in self:
            contract.proposal_count = counts.get(contract._origin, 0)

    def action_propose_development(self):
        """Make a quotation that is linked to the contract, and open it.

        :raise AccessError: without a right to make quotations
        """
        self.ensure_one()
        self.check_access("read")
        order = self.env["sale.order"]._support_propose(
            self.partner_id, self.company_id, self.type_id.name, contract=self
        )
        return order._support_open_orders()

    def action_view_proposals(self):
        """Open the development proposals of the contract."""
        self.ensure_one()
        return self.proposal_ids._support_open_orders()
