# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

STATES = [
    ("draft", "Draft"),
    ("offered", "Offered"),
    ("signed", "Signed"),
    ("active", "Active"),
    ("suspended", "Suspended"),
    ("expired", "Expired"),
    ("lapsed", "Lapsed"),
    ("terminated", "Terminated"),
]


class SupportContractStatus(models.Model):
    """A change of a contract's state with its day. Cover asks about days, so the
    states are kept as history. On a given day the latest decision counts whose day
    has come: a suspension may be recorded afterwards, and one that was planned is
    taken back by a later "active". A termination stands until it is taken back."""

    _name = "support.contract.status"
    _description = "Support Contract Status"
    _order = "id desc"
    _rec_name = "state"

    contract_id = fields.Many2one(
        comodel_name="support.contract",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    state = fields.Selection(selection=STATES, required=True, readonly=True)
    first_day = fields.Date(string="From", required=True, readonly=True)
    reason = fields.Char(readonly=True)
    overdue = fields.Boolean(
        readonly=True,
        groups="base.group_user",
        help="Suspended by the job for overdue invoices, which resumes it as well.",
    )
