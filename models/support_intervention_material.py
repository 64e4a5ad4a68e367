# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

#: what only the work sets when it is done
PRICE_FIELDS = {"price_unit", "amount", "currency_id"}


class SupportInterventionMaterial(models.Model):
    """Something that was used up or handed over with the work, charged apart from the
    time at the price of the day when the work is done."""

    _name = "support.intervention.material"
    _description = "Material of Support Work"
    _order = "intervention_id, id"
    _check_company_auto = True

    intervention_id = fields.Many2one(
        comodel_name="support.intervention",
        required=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="intervention_id.company_id", store=True, index=True, precompute=True
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        required=True,
        check_company=True,
        ondelete="restrict",
        domain="[('sale_ok', '=', True)]",
    )
    name = fields.Char(
        string="Description",
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    quantity = fields.Float(
        digits="Product Unit", required=True, default=1.0, aggregator=None
    )
    uom_id = fields.Many2one(related="product_id.uom_id")
    free = fields.Boolean(
        string="Free of Charge", help="Handed over without being charged."
    )
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    price_unit = fields.Float(
        string="Unit Price",
        digits=(16, 6),
        readonly=True,
        copy=False,
        aggregator=None,
        groups="support_contract.group_support_user",
        help="Untaxed, from the contract's rates or the on-call tariff.",
    )
    amount = fields.Monetary(
        readonly=True,
        copy=False,
        groups="support_contract.group_support_user",
        help="Untaxed.",
    )

    _quantity_limit = models.Constraint(
        "CHECK (quantity > 0 AND quantity < 1e9)",
        "The quantity of a material must be above zero.",
    )

    @api.depends("product_id")
    def _compute_name(self):
        for material in self:
            material.name = material.product_id.display_name or material.name

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            return super().create(vals_list)
        for vals in vals_list:
            self._check_prices({name for name in vals if vals[name]})
        # named, so that no default of the caller's context or own takes effect
        initial = {
            name: False
            for name in PRICE_FIELDS
            if self._has_field_access(self._fields[name], "write")
        }
        materials = super().create([vals | initial for vals in vals_list])
        materials.intervention_id._check_draft()
        return materials

    def write(self, vals):
        if not self.env.su:
            self._check_prices(vals.keys())
            self.intervention_id._check_draft()
        result = super().write(vals)
        if not self.env.su and "intervention_id" in vals:
            self.intervention_id._check_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        self.intervention_id._check_draft()

    @api.model
    def _check_prices(self, names):
        if PRICE_FIELDS & set(names):
            raise UserError(
                self.env._("The price of a material is set when the work is done.")
            )
