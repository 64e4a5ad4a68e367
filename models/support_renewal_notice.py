# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportRenewalNotice(models.Model):
    """A reminder that was sent before the end of a term, once for each. Made by the
    job, never by hand."""

    _name = "support.renewal.notice"
    _description = "Reminder Sent before the End of a Term"
    _order = "term_last_day desc, days, id"
    _rec_name = "days"

    contract_id = fields.Many2one(
        comodel_name="support.contract",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    term_last_day = fields.Date(string="End of Term", required=True, readonly=True)
    days = fields.Integer(
        string="Days before the End", required=True, readonly=True, aggregator=None
    )
    day = fields.Date(string="On", required=True, readonly=True)
    to_customer = fields.Boolean(string="Customer", readonly=True)
    to_owner = fields.Boolean(string="Owner", readonly=True)
    overtaken = fields.Boolean(
        readonly=True,
        help="Not sent: the job ran so late that the next reminder was due as well.",
    )

    _once = models.UniqueIndex(
        "(contract_id, term_last_day, days)",
        "This reminder has been sent already.",
    )
