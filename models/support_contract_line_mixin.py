# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class SupportContractLineMixin(models.AbstractModel):
    """A line of a contract's agreed terms: free to change until the contract is
    signed or active."""

    _name = "support.contract.line.mixin"
    _description = "Line of Agreed Terms"

    contract_id = fields.Many2one(
        comodel_name="support.contract",
        required=True,
        ondelete="cascade",
        index=True,
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.contract_id._check_terms_open()
        return lines

    def write(self, vals):
        if not (self.env.su and vals.keys() <= self._get_bookkeeping_fields()):
            self.contract_id._check_terms_open()
        result = super().write(vals)
        if "contract_id" in vals:
            self.contract_id._check_terms_open()
        return result

    @api.model
    def _get_bookkeeping_fields(self):
        """Fields that are no terms: the contract's own methods write them."""
        return set()

    def _write_agreed(self, vals):
        """Write agreed terms: only for a dated change, which has checked them."""
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_agreed(self):
        self.contract_id._check_terms_open()
