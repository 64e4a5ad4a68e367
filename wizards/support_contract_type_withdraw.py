# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.fields import Domain


class SupportContractTypeWithdraw(models.TransientModel):
    """Stop selling a contract type, and say what is sold instead."""

    _name = "support.contract.type.withdraw"
    _description = "Withdraw a Contract Type"
    _check_company_auto = True

    type_id = fields.Many2one(comodel_name="support.contract.type", required=True)
    company_id = fields.Many2one(related="type_id.company_id")
    successor_id = fields.Many2one(
        comodel_name="support.contract.type",
        check_company=True,
        domain="[('withdrawn', '=', False), ('id', '!=', type_id)]",
        help="The type to sell instead, which its holders are offered.",
    )
    holder_count = fields.Integer(string="Holders", compute="_compute_counts")
    automatic_count = fields.Integer(compute="_compute_counts")

    @api.depends("type_id")
    def _compute_counts(self):
        contracts = self.env["support.contract"]
        for wizard in self:
            running = Domain("type_id", "=", wizard.type_id.id) & Domain(
                "state", "in", ("active", "suspended", "expired")
            )
            wizard.holder_count = contracts.search_count(running)
            wizard.automatic_count = contracts.search_count(
                running & Domain("renewal", "=", "automatic")
            )

    def action_confirm(self):
        """Withdraw the type.

        :raise AccessError: for everybody but contract managers
        """
        self.ensure_one()
        self.type_id._withdraw(self.successor_id)
        return {"type": "ir.actions.act_window_close"}
