# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class ResPartner(models.Model):
    """How documents name a customer or a vendor."""

    _inherit = "res.partner"

    def _support_get_letter_lines(self):
        """Name of the company, its person, address and tax number: list of lines."""
        self.ensure_one()
        owner = self.commercial_partner_id
        person = self.name if self != owner else ""
        address = self._display_address(without_company=True).splitlines()
        vat = self.vat or owner.vat
        if vat:
            label = self.country_id.vat_label or self.env._("Tax ID")
            vat = f"{label} {vat}"
        lines = [owner.name, person, *address, vat]
        return [line.strip() for line in lines if line and line.strip()]
