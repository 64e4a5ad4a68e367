# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

OUTCOMES = [
    ("reached", "Reached"),
    ("no_answer", "No answer"),
    ("busy", "Busy"),
    ("voicemail", "Voicemail"),
]


class SupportCallbackAttempt(models.Model):
    """One attempt to call back. Only the call-back's own actions add one."""

    _name = "support.callback.attempt"
    _description = "Attempt to Call Back"
    _order = "date desc, id desc"

    callback_id = fields.Many2one(
        comodel_name="support.callback",
        string="Call-Back",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    date = fields.Datetime(string="When", required=True, readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Who",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    outcome = fields.Selection(selection=OUTCOMES, required=True, readonly=True)
    note = fields.Char(readonly=True)
