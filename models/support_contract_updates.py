# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models

from ..tools import updates


class SupportContract(models.Model):
    """What a contract says about updates."""

    _inherit = "support.contract"

    def _get_update_terms(self, day):
        """What decides about updates on ``day``, as the pure rule takes it: terms,
        state and history as they stood on that day, whether or not the nightly jobs
        have run since."""
        self.ensure_one()
        terms = self._get_terms_on(day)
        for change in self.change_ids.sorted(lambda item: (item.first_day, item.id)):
            if change.state == "planned" and change.first_day <= day:
                terms |= change.values or {}
        state = self._get_state_on(day) or ""
        since = self.terminated_on
        if state != "terminated":
            row = self.status_ids.filtered(lambda status: status.first_day <= day)[:1]
            since = row.first_day
        last_days = [term.last_day for term in self.term_ids if term.first_day <= day]
        return updates.Contract(
            state,
            since or None,
            max(last_days, default=None),
            bool(terms["includes_updates"]),
            bool(terms["installs_updates"]),
            terms["grace_days"] or 0,
            bool(terms["grace_cover"]),
        )
