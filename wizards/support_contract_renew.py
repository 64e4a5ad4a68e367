# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import renewal


class SupportContractRenew(models.TransientModel):
    """Renew a contract: by a quotation that the customer accepts, at once, or with a
    contract of another type that follows it."""

    _name = "support.contract.renew"
    _description = "Renew a Contract"
    _check_company_auto = True

    contract_id = fields.Many2one(comodel_name="support.contract", required=True)
    company_id = fields.Many2one(related="contract_id.company_id")
    currency_id = fields.Many2one(related="contract_id.currency_id")
    commercial_partner_id = fields.Many2one(related="contract_id.commercial_partner_id")
    fee_basis = fields.Selection(related="contract_id.fee_basis")
    bar = fields.Char(compute="_compute_bar")
    type_id = fields.Many2one(
        comodel_name="support.contract.type",
        string="Contract Type",
        compute="_compute_type_id",
        store=True,
        readonly=False,
        required=True,
        check_company=True,
        domain="[('withdrawn', '=', False)]",
        help="Another type makes a contract of its own that follows this one.",
    )
    same_type = fields.Boolean(compute="_compute_same_type")
    months = fields.Integer(
        compute="_compute_terms", store=True, readonly=False, required=True
    )
    first_day = fields.Date(string="From", compute="_compute_days")
    last_day = fields.Date(string="To", compute="_compute_days")
    fee_amount = fields.Monetary(
        string="Fee",
        compute="_compute_terms",
        store=True,
        readonly=False,
        help="For each fee period, per contract or per activation, untaxed; with the "
        "price index, if one is agreed.",
    )
    activation_count = fields.Integer(
        string="Activations", compute="_compute_terms", store=True, readonly=False
    )
    may_renew_at_once = fields.Boolean(compute="_compute_may_renew_at_once")

    @api.depends("contract_id")
    def _compute_type_id(self):
        for wizard in self:
            contract_type = wizard.contract_id.type_id
            if contract_type.withdrawn:
                contract_type = contract_type.successor_id
            wizard.type_id = contract_type

    @api.depends("contract_id", "type_id")
    def _compute_same_type(self):
        for wizard in self:
            wizard.same_type = wizard.type_id == wizard.contract_id.type_id

    @api.depends("contract_id", "type_id")
    def _compute_bar(self):
        for wizard in self:
            contract = wizard.contract_id
            bar = contract._get_renewal_bar() if contract else ""
            if not wizard.same_type and bar == contract._get_type_bar():
                bar = ""
            wizard.bar = bar

    @api.depends("contract_id", "type_id")
    def _compute_terms(self):
        for wizard in self:
            contract = wizard.contract_id
            wizard.activation_count = contract.activation_count
            if wizard.same_type:
                wizard.months = contract.later_term_months
                wizard.fee_amount = contract._get_renewal_fee()
            else:
                wizard.months = wizard.type_id.first_term_months
                wizard.fee_amount = contract._prepare_terms_values(
                    wizard.type_id,
                    self.env["product.product"],
                    contract.currency_id,
                    contract.company_id,
                )["fee_amount"]

    @api.depends("contract_id", "months")
    def _compute_days(self):
        for wizard in self:
            end = wizard.contract_id.date_end
            wizard.first_day = wizard.last_day = False
            if end and wizard.months > 0:
                wizard.first_day, wizard.last_day = renewal.next_term(
                    end, wizard.months
                )

    def _compute_may_renew_at_once(self):
        manager = self.env.user.has_group("support_contract.group_support_manager")
        for wizard in self:
            wizard.may_renew_at_once = manager

    def _check_input(self):
        self.ensure_one()
        if not 1 <= self.months <= 1200:
            raise UserError(self.env._("Months: enter a number from 1 to 1200."))
        if not 0 <= self.fee_amount < 1e12:
            raise UserError(self.env._("Fee: enter an amount from 0 up."))
        if self.activation_count < 1:
            raise UserError(self.env._("Activations: enter a number from 1 up."))

    def action_quote(self):
        """Make a quotation: the contract is renewed when it is confirmed."""
        self._check_input()
        order = self.contract_id._quote_renewal(
            self.months, self.fee_amount, self.activation_count
        )
        return order.get_formview_action()

    def action_renew(self):
        """Renew at once, without a quotation.

        :raise UserError: for everybody but contract managers
        """
        self._check_input()
        self.contract_id._require_manager()
        self.contract_id._renew(
            self.months, fee=self.fee_amount, count=self.activation_count
        )
        return {"type": "ir.actions.act_window_close"}

    def action_change_type(self):
        """Make the contract of the other type that follows, as a draft to offer."""
        self._check_input()
        contract = self.contract_id._make_follower(
            self.type_id,
            fee_amount=self.fee_amount,
            activation_count=self.activation_count,
            first_term_months=self.months,
        )
        return contract.get_formview_action()
