# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class SupportWorkMode(models.Model):
    """Which work mode is the phone."""

    _inherit = "support.work.mode"

    def _is_phone(self):
        """Whether help is given by phone: the shipped mode, or one whose hours are
        those of the phone."""
        self.ensure_one()
        shipped = self.env.ref(
            "support_contract.work_mode_phone", raise_if_not_found=False
        )
        channel = self.env["res.company"]._support_phone_channel()
        return self == shipped or (bool(channel) and self.channel_id == channel)
