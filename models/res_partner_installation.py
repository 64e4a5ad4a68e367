# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class ResPartner(models.Model):
    """The software that a customer has."""

    _inherit = "res.partner"

    support_installation_count = fields.Integer(
        compute="_compute_support_installation_count",
        groups="helpdesk_mgmt.group_helpdesk_user_own",
    )

    def _compute_support_installation_count(self):
        """Those of the whole customer, whichever contact is looked at."""
        counts = dict(
            self.env["support.installation"]._read_group(
                [("commercial_partner_id", "in", self.commercial_partner_id.ids)],
                ["commercial_partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.support_installation_count = counts.get(
                partner.commercial_partner_id, 0
            )

    def action_view_support_installations(self):
        """Open the installations of the customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_installation_action"
        )
        return action | {
            "domain": [("commercial_partner_id", "=", self.commercial_partner_id.id)],
            "context": {"default_partner_id": self.id},
        }
