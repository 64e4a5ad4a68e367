# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class SupportContract(models.Model):
    """What comes after a term: a renewal, or nothing (``edge_cases.md``,
    "Renewal")."""

    _inherit = "support.contract"

    installation_ids = fields.One2many(
        comodel_name="support.installation",
        inverse_name="contract_id",
        string="Installations",
        groups="base.group_user",
    )
    renewal_state = fields.Selection(
        selection=[
            ("open", "Open"),
            ("quoted", "Quoted"),
            ("agreed", "Agreed"),
            ("declined", "Will not renew"),
        ],
        string="Renewal Status",
        required=True,
        readonly=True,
        copy=False,
        default="open",
        tracking=True,
        groups="base.group_user",
        help="What has become of the renewal at the end of the current term.",
    )
    renewal_of_id = fields.Many2one(
        comodel_name="support.contract",
        string="Follows",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        groups="base.group_user",
        help="The contract that this one takes the place of.",
    )
    renewed_by_ids = fields.One2many(
        comodel_name="support.contract",
        inverse_name="renewal_of_id",
        string="Followed by",
        readonly=True,
        groups="base.group_user",
    )
    churn_reason_id = fields.Many2one(
        comodel_name="support.churn.reason",
        string="Reason for Leaving",
        readonly=True,
        copy=False,
        ondelete="restrict",
        tracking=True,
        groups="base.group_user",
    )

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {
            "renewal_state",
            "renewal_of_id",
            "renewed_by_ids",
            "churn_reason_id",
        }

    @api.model
    def _get_initial_values(self):
        return super()._get_initial_values() | {"renewal_state": "open"}
