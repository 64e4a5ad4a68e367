# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class ProductTemplate(models.Model):
    """The releases of supported software."""

    _inherit = "product.template"

    support_release_count = fields.Integer(
        string="Releases",
        compute="_compute_support_release_count",
        groups="helpdesk_mgmt.group_helpdesk_user_own",
    )

    def _compute_support_release_count(self):
        counts = dict(
            self.env["support.release"]._read_group(
                [("product_tmpl_id", "in", self.ids)],
                ["product_tmpl_id"],
                ["__count"],
            )
        )
        for product in self:
            product.support_release_count = counts.get(product._origin, 0)

    def action_view_support_releases(self):
        """Open the releases of the product."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_release_action"
        )
        return action | {
            "domain": [("product_tmpl_id", "=", self.id)],
            "context": {"default_product_tmpl_id": self.id},
        }
