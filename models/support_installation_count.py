# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

#: set by counts alone
COUNTED_FIELDS = {"activations_counted", "counted_on"}


class SupportInstallation(models.Model):
    """How many activations of an installation are really in use."""

    _inherit = "support.installation"

    count_ids = fields.One2many(
        comodel_name="support.activation.count",
        inverse_name="installation_id",
        string="Counts",
        readonly=True,
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_counted({name: vals[name] for name in vals if vals[name]})
        return super().create(
            # neither does a default of the caller's context or own take effect
            [
                {"activations_counted": 0, "counted_on": False} | vals
                for vals in vals_list
            ]
        )

    def write(self, vals):
        self._check_counted(vals)
        return super().write(vals)

    def _check_counted(self, vals):
        if not self.env.su and COUNTED_FIELDS & vals.keys():
            raise UserError(
                self.env._("Counted activations come from a count: enter or import it.")
            )

    def _set_counted(self, number, day):
        """The latest count is ``number`` activations, on ``day``."""
        # who may count is checked by the door of the counts
        self.sudo().write({"activations_counted": number, "counted_on": day})
