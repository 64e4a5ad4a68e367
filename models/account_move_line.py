# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


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
