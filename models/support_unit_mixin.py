# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_amount

from ..tools import quantity as quantities

UNITS = [("time", "Hours"), ("money", "Money"), ("ticket", "Tickets")]


class SupportUnitMixin(models.AbstractModel):
    """A quantity that means something only together with its unit: whole minutes,
    an amount in one currency, or whole tickets. Such quantities are never added up
    over different units."""

    _name = "support.unit.mixin"
    _description = "Quantity with a Unit"

    unit = fields.Selection(selection=UNITS, required=True, default="time")
    currency_id = fields.Many2one(comodel_name="res.currency")

    def _unit_digits(self):
        """Decimals of the record's unit: the currency's for money, else none."""
        self.ensure_one()
        if self.unit == "money":
            currency = self.currency_id or self.env.company.currency_id
            return currency.decimal_places
        return 0

    def _exact(self, value, label):
        """``value`` as an exact Decimal above zero in the record's unit.

        :param str label: name of the field, for the message
        :raise ValidationError: if it is no finite number, is zero or negative, or
            has more digits than the unit (``trust.md``, rules 3 and 4)
        """
        self.ensure_one()
        try:
            return quantities.exact_positive(value, self._unit_digits())
        except quantities.QuantityError as error:
            raise ValidationError(self._quantity_message(error, label)) from error

    def _quantity_message(self, error, label):
        self.ensure_one()
        if error.code == "digits":
            return self.env._(
                "%(label)s: %(unit)s takes at most %(digits)s decimals.",
                label=label,
                unit=dict(self._fields["unit"]._description_selection(self.env))[
                    self.unit
                ],
                digits=self._unit_digits(),
            )
        if error.code == "limit":
            return self.env._("%(label)s is too large.", label=label)
        if error.code == "positive":
            return self.env._("%(label)s must be greater than zero.", label=label)
        return self.env._("%(label)s must be a number.", label=label)

    def _format_quantity(self, value):
        """``value`` in the record's unit as people read it: 3:30 h, 90.00 €,
        4 tickets."""
        self.ensure_one()
        return self._format_in_unit(value, self.unit, self.currency_id)

    @api.model
    def _format_in_unit(self, value, unit, currency):
        """Like :meth:`_format_quantity`, for a unit that is no record's."""
        if unit == "money":
            return format_amount(
                self.env, float(value), currency or self.env.company.currency_id
            )
        if unit == "time":
            return self.env._(
                "%(time)s h", time=quantities.format_minutes(round(value))
            )
        if round(value) == 1:
            return self.env._("1 ticket")
        return self.env._("%(count)s tickets", count=round(value))

    @api.model
    def _decimal(self, value):
        """An amount read from the database as exact Decimal."""
        return Decimal(str(round(value or 0.0, 4)))
