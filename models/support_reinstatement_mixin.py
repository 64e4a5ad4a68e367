# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import renewal

KINDS = [
    (renewal.FREE, "Free"),
    (renewal.FEE, "For a fee"),
    (renewal.LICENCE, "With a new licence"),
]

#: sorts after every number of days
FOR_EVER = 2**31 - 1


class SupportReinstatementMixin(models.AbstractModel):
    """What it takes to reinstate a lapsed contract until so many days after its end
    (``edge_cases.md``, "reinstated late")."""

    _name = "support.reinstatement.mixin"
    _description = "Step back after a Lapse"
    _order = "sort_day, id"

    until_day = fields.Integer(
        aggregator=None,
        help="Days after the end of the contract, inclusive. 0: for ever.",
    )
    sort_day = fields.Integer(
        compute="_compute_sort_day",
        store=True,
        precompute=True,
        aggregator=None,
        export_string_translation=False,
    )
    kind = fields.Selection(selection=KINDS, required=True, default=renewal.FEE)
    product_id = fields.Many2one(
        comodel_name="product.product",
        ondelete="restrict",
        help="The fee, or the licence that is sold.",
    )
    amount = fields.Float(
        string="Price",
        digits=(16, 2),
        aggregator=None,
        groups="support_contract.group_support_user",
        help="Untaxed, in the contract's currency. 0: the product's price.",
    )

    @api.depends("until_day")
    def _compute_sort_day(self):
        for step in self:
            step.sort_day = step.until_day or FOR_EVER

    @api.model
    def _get_parent_field(self):
        """Name of the field of the record whose steps these are."""
        raise NotImplementedError

    @api.constrains("until_day", "kind")
    def _check_steps(self):
        parent = self._get_parent_field()
        for owner in self[parent]:
            steps = self.sudo().search([(parent, "=", owner.id)])  # only compared
            fault = renewal.step_fault(steps)
            if fault == "same_day":
                raise ValidationError(
                    self.env._(
                        "Back after a Lapse: two steps end on the same day; give each "
                        "its own number of days, and only one none."
                    )
                )
            if fault == "after_licence":
                raise ValidationError(
                    self.env._(
                        "Back after a Lapse: a new licence is the last step; nothing "
                        "can follow it."
                    )
                )

    @api.onchange("kind")
    def _onchange_kind(self):
        if self.kind == renewal.FREE:
            self.product_id = False
            self.amount = 0.0

    def _prepare_copy_values(self):
        """Values of the same line on another record."""
        self.ensure_one()
        return {
            "until_day": self.until_day,
            "kind": self.kind,
            "product_id": self.product_id.id,
            "amount": self.amount,
        }
