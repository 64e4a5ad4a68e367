# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportActivationDecision(models.Model):
    """What became of a difference between the activations that a customer has stated
    and those counted: who decided, when and why. Made by the contract's review, never
    changed."""

    _name = "support.activation.decision"
    _description = "Decision on Counted Activations"
    _order = "id desc"
    _rec_name = "decision"

    contract_id = fields.Many2one(
        comodel_name="support.contract",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="contract_id.company_id", store=True, index=True
    )
    decision = fields.Selection(
        selection=[
            ("accepted", "Counted number accepted"),
            ("kept", "Stated number kept"),
        ],
        required=True,
        readonly=True,
    )
    stated = fields.Integer(required=True, readonly=True, aggregator=None)
    counted = fields.Integer(required=True, readonly=True, aggregator=None)
    counted_on = fields.Date(required=True, readonly=True)
    count_id = fields.Many2one(
        comodel_name="support.activation.count",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
        help="The last count that was known when this was decided.",
    )
    change_id = fields.Many2one(
        comodel_name="support.contract.change",
        string="Change of Terms",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        groups="support_contract.group_support_user",
    )
    day = fields.Date(required=True, readonly=True, help="Local day of the decision.")
    reason = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users", string="Decided By", required=True, readonly=True
    )
