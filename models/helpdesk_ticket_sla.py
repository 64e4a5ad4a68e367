# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class HelpdeskTicket(models.Model):
    """What was promised on a ticket, and how much of the time is left."""

    _inherit = "helpdesk.ticket"

    support_deadline = fields.Datetime(
        string="Next Deadline",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The next promised time that still runs, or the one already missed.",
    )
    support_risk_at = fields.Datetime(
        string="At Risk From",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="From this moment on the ticket comes first in the queue.",
    )
    support_responded_on = fields.Datetime(
        string="First Response",
        readonly=True,
        copy=False,
        help="First message to the customer, logged call or start of work.",
    )
