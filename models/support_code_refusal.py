# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.constants import GC_UNLINK_LIMIT

#: how long refused codes are kept
KEPT = timedelta(days=365)


class SupportCodeRefusal(models.Model):
    """A wrong support code that somebody entered, masked. Only
    ``support.code.guard`` adds one, in a transaction of its own."""

    _name = "support.code.refusal"
    _description = "Refused Support Code"
    _order = "date desc, id desc"
    _rec_name = "code"

    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Operator",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    date = fields.Datetime(string="When", required=True, readonly=True, index=True)
    code = fields.Char(
        readonly=True, help="The first digits of what was entered; the rest is hidden."
    )
    kind = fields.Selection(
        selection=[
            ("malformed", "No support code"),
            ("unknown", "Code of nobody"),
        ],
        string="What It Was",
        required=True,
        readonly=True,
        help="No support code: another length, or the check digit does not fit.",
    )
    locked_until = fields.Datetime(
        compute="_compute_locked_until",
        help="Until then the operator cannot enter support codes.",
    )

    @api.depends("user_id")
    def _compute_locked_until(self):
        # who reads the refusals may know which of them still locks
        guards = self.env["support.code.guard"].sudo()
        until = {
            guard.user_id.id: guard.locked_until
            for guard in guards.search([("user_id", "in", self.user_id.ids)])
        }
        for refusal in self:
            refusal.locked_until = until.get(refusal.user_id.id)

    def action_lift_lock(self):
        """Let the operators enter support codes again, for contract managers.

        :raise AccessError: for anybody else
        """
        guard = self.env["support.code.guard"]
        guard._require_lift_right()
        self.check_access("read")
        for user in self.user_id:
            guard._forgive(user)
        self.invalidate_recordset(["locked_until"])

    @api.autovacuum
    def _gc_refusals(self):
        old = self.search(
            [("date", "<", fields.Datetime.now() - KEPT)], limit=GC_UNLINK_LIMIT
        )
        old.unlink()
        return len(old), len(old) == GC_UNLINK_LIMIT
