# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountAnalyticLine(models.Model):
    """Hours that support work has logged follow that work alone."""

    _inherit = "account.analytic.line"

    support_intervention_id = fields.Many2one(
        comodel_name="support.intervention",
        string="Support Work",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        groups="base.group_user",
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._support_check_by_hand()
        return lines

    def write(self, vals):
        self._support_check_by_hand()
        result = super().write(vals)
        if "support_intervention_id" in vals:
            self._support_check_by_hand()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_support(self):
        self._support_check_by_hand()

    def _support_check_by_hand(self):
        """:raise UserError: if a person, not the work itself, changes its hours"""
        # only whether there is work behind them, and its name
        lines = self.sudo().filtered("support_intervention_id")
        if lines and not self.env.su:
            raise UserError(
                self.env._(
                    "These hours were logged by support work: undo “%s”, correct it "
                    "and finish it again.",
                    lines[0].support_intervention_id.name,
                )
            )
