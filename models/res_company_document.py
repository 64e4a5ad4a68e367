# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class ResCompany(models.Model):
    """What documents say about the company."""

    _inherit = "res.company"

    def _support_get_address_line(self):
        """Address, tax number, phone and website in one line, as far as they are
        known."""
        self.ensure_one()
        address = self.partner_id._display_address(without_company=True)
        label = self.country_id.vat_label or self.env._("Tax ID")
        parts = [
            ", ".join(line.strip() for line in address.splitlines() if line.strip()),
            f"{label} {self.vat}" if self.vat else "",
            self.phone,
            self.email,
            self.website,
        ]
        return " · ".join(part for part in parts if part)
