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

    support_origin_charge_id = fields.Many2one(
        comodel_name="support.charge",
        string="Support Charge Invoiced or Credited",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        groups="base.group_user",
        help="Goes along to credit notes, so that they count as less revenue of the "
        "same contract.",
    )

    # the database's own promise that nothing is invoiced twice
    _support_charge_once = models.UniqueIndex(
        "(support_charge_id) "
        "WHERE support_charge_id IS NOT NULL AND parent_state <> 'cancel'",
        "This has been invoiced already: a charge stands on one invoice only.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        self._support_check_charge(
            any(vals.get("support_charge_id") for vals in vals_list)
        )
        return super().create(
            [
                {"support_origin_charge_id": vals["support_charge_id"]} | vals
                if vals.get("support_charge_id")
                else vals
                for vals in vals_list
            ]
        )

    def write(self, vals):
        # nor lets a line its charge go: it would be invoiced again
        self._support_check_charge("support_charge_id" in vals)
        return super().write(vals)

    def _copy_data_extend_business_fields(self, values):
        """A credit note is about the same charge, but claims none."""
        result = super()._copy_data_extend_business_fields(values)
        # who may reverse an invoice need not know about charges
        charge = self.sudo().support_origin_charge_id
        if charge:
            values["support_origin_charge_id"] = charge.id
        return result

    def _support_check_charge(self, is_touched):
        """What a line invoices is said by invoicing itself, by nobody else: the charge
        would count as invoiced."""
        if is_touched and not self.env.su:
            raise UserError(
                self.env._(
                    "Support Charge: a line gets its charge when charges are invoiced. "
                    "Use “Invoice” on the charges."
                )
            )
