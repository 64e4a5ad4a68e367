# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class SupportInstallation(models.Model):
    """What a customer chooses from when he asks for help."""

    _inherit = "support.installation"

    @api.model
    def _get_portal_choices(self, customer, company):
        """The installations that ``customer`` has of ``company``, by name. Those taken
        back (a credit note archives them) are not offered.

        :param customer: commercial partner
        :return: ``[(id, name), ...]``
        """
        if not customer:
            return []
        installations = self.search(
            [
                ("commercial_partner_id", "=", customer.id),
                ("company_id", "=", company.id),
            ]
        )
        return [(one.id, one.display_name) for one in installations]
