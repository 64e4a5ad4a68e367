# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportNoticeMixin(models.AbstractModel):
    """A reminder before the end of a term."""

    _name = "support.notice.mixin"
    _description = "Reminder before the End of a Term"
    _order = "days desc, id"

    days = fields.Integer(
        string="Days before the End",
        required=True,
        default=30,
        aggregator=None,
    )
    to_customer = fields.Boolean(
        string="Customer",
        default=True,
        help="The customer gets a message: that the contract renews by itself, or how "
        "to renew it.",
    )
    to_owner = fields.Boolean(
        string="Owner",
        default=True,
        help="The contract's owner gets an activity.",
    )

    def _prepare_copy_values(self):
        """Values of the same line on another record."""
        self.ensure_one()
        return {
            "days": self.days,
            "to_customer": self.to_customer,
            "to_owner": self.to_owner,
        }
