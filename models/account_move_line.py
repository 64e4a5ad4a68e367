# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    support_charge_id = fields.Many2one(
        comodel_name="support.charge",
        string="Support Charge",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        groups="base.group_user",
    )

    # the database's own promise that nothing is invoiced twice
    _support_charge_once = models.UniqueIndex(
        "(support_charge_id) "
        "WHERE support_charge_id IS NOT NULL AND parent_state <> 'cancel'",
        "This has been invoiced already: a charge stands on one invoice only.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        self._support_check_charge(*vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._support_check_charge(vals)
        return super().write(vals)

    def _support_check_charge(self, *vals_list):
        """What a line invoices is said by invoicing itself, by nobody else: the charge
        would count as invoiced."""
        if not self.env.su and any(vals.get("support_charge_id") for vals in vals_list):
            raise UserError(
                self.env._(
                    "Support Charge: a line gets its charge when charges are invoiced. "
                    "Use “Invoice” on the charges."
                )
            )
