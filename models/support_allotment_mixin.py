# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

RECURRENCES = [
    ("once", "Once per term"),
    ("month", "Every month"),
    ("quarter", "Every quarter"),
    ("year", "Every year"),
]


class SupportAllotmentMixin(models.AbstractModel):
    """A quantity that is included: 15 hours a year, 5 hours a month that roll over,
    10 tickets. The same fields on the type's offer and on the contract's copy."""

    _name = "support.allotment.mixin"
    _description = "Allotment of Support"
    _inherit = ["support.unit.mixin"]
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    quantity = fields.Float(
        digits=(16, 4),
        required=True,
        aggregator=None,
        help="Hours, tickets or amount granted each time.",
    )
    work_mode_ids = fields.Many2many(
        comodel_name="support.work.mode",
        string="Work Modes",
        help="The quantity is for these work modes only. Empty: for all of them.",
    )
    recurrence = fields.Selection(
        selection=RECURRENCES,
        string="Granted",
        required=True,
        default="once",
        help="Periods are counted from the start of the term.",
    )
    rollover = fields.Selection(
        selection=[
            ("none", "No"),
            ("periods", "For some periods"),
            ("quantity", "Up to a quantity"),
            ("unlimited", "Until the end of the term"),
        ],
        required=True,
        default="none",
        help="What happens to what is left at the end of a period.",
    )
    rollover_periods = fields.Integer(
        default=1, help="How many periods longer a period's quantity may be used."
    )
    rollover_quantity = fields.Float(
        digits=(16, 4),
        aggregator=None,
        help="How much of what is left may move on; the rest is forfeited.",
    )
    validity_months = fields.Integer(
        string="Validity",
        help="Months within which a quantity that is granted once must be used. "
        "0: until the end of the term.",
    )
    end_policy = fields.Selection(
        selection=[
            ("forfeited", "Forfeited"),
            ("carried", "Carried to the renewal"),
            ("usable", "Usable for some days"),
        ],
        string="At the End",
        required=True,
        default="forfeited",
        help="What happens to what is left at the end of the term.",
    )
    end_days = fields.Integer(
        string="Days after the End",
        help="For how many days after the end of the term what is left may be used.",
    )

    @api.constrains(
        "unit",
        "quantity",
        "recurrence",
        "rollover",
        "rollover_periods",
        "rollover_quantity",
        "validity_months",
        "end_policy",
        "end_days",
    )
    def _check_allotment(self):
        for allotment in self:
            allotment._exact(allotment.quantity, self.env._("Quantity"))
            if allotment.recurrence == "once":
                if allotment.validity_months < 0:
                    raise ValidationError(
                        self.env._("The validity of an allotment cannot be negative.")
                    )
            elif allotment.rollover == "periods" and allotment.rollover_periods < 1:
                raise ValidationError(
                    self.env._(
                        "Rollover for some periods needs a number of periods, at "
                        "least 1."
                    )
                )
            elif allotment.rollover == "quantity":
                allotment._exact(
                    allotment.rollover_quantity, self.env._("Rollover quantity")
                )
            if allotment.end_policy == "usable" and allotment.end_days < 1:
                raise ValidationError(
                    self.env._(
                        "Usable for some days after the end needs a number of days, "
                        "at least 1."
                    )
                )

    def _prepare_copy_values(self):
        """Values of the same allotment on another record."""
        self.ensure_one()
        return {
            "sequence": self.sequence,
            "unit": self.unit,
            "quantity": self.quantity,
            "work_mode_ids": [fields.Command.set(self.work_mode_ids.ids)],
            "recurrence": self.recurrence,
            "rollover": self.rollover,
            "rollover_periods": self.rollover_periods,
            "rollover_quantity": self.rollover_quantity,
            "validity_months": self.validity_months,
            "end_policy": self.end_policy,
            "end_days": self.end_days,
        }
