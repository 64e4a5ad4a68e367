# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.support_activation_count import CountRow
from ..models.support_activation_count_rows import COUNTED_STATES
from ..tools import activation_rows


class SupportContractCount(models.TransientModel):
    """Enter how many activations are in use, by hand."""

    _name = "support.contract.count"
    _description = "Enter Counted Activations"

    contract_id = fields.Many2one(comodel_name="support.contract", required=True)
    commercial_partner_id = fields.Many2one(
        related="contract_id.commercial_partner_id", related_sudo=False
    )
    activation_count = fields.Integer(
        related="contract_id.activation_count", string="Stated", related_sudo=False
    )
    installation_id = fields.Many2one(
        comodel_name="support.installation",
        domain="[('commercial_partner_id', '=', commercial_partner_id),"
        " ('contract_id', 'in', (False, contract_id))]",
        help="Empty: the whole contract was counted.",
    )
    day = fields.Date(
        string="Counted On",
        required=True,
        compute="_compute_day",
        store=True,
        readonly=False,
        precompute=True,
    )
    number = fields.Integer(string="Counted", required=True)

    @api.depends("contract_id")
    def _compute_day(self):
        for wizard in self:
            company = wizard.contract_id.company_id or self.env.company
            wizard.day = company._support_day()

    def action_confirm(self):
        """Log the count.

        :raise AccessError: for everybody but contract users
        :raise UserError: for a day to come, a number that cannot be, a contract that is
            over, or an installation of another contract
        """
        self.ensure_one()
        counts = self.env["support.activation.count"]
        counts._require_count_right()
        contract, installation = self.contract_id, self.installation_id
        contract.check_access("read")
        contract._require_states(COUNTED_STATES, self.env._("counted"))
        try:
            activation_rows.to_number(self.number)
            activation_rows.to_day(self.day)
        except activation_rows.BadValue as error:
            raise UserError(counts._explain_value(error)) from error
        counts._check_day(self.day, contract.company_id)
        if installation:
            installation.check_access("read")
            if (
                installation.company_id != contract.company_id
                or installation.commercial_partner_id != contract.commercial_partner_id
                or installation.contract_id not in (contract, contract.browse())
            ):
                raise UserError(
                    self.env._(
                        "Installation %(installation)s is not one of contract "
                        "%(contract)s.",
                        installation=installation.display_name,
                        contract=contract.name,
                    )
                )
        counts._count([CountRow(contract, installation, self.day, self.number)], "hand")
        return {"type": "ir.actions.act_window_close"}
