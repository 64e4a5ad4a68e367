# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..tools import renewal
from ..tools.periods import ONE_DAY


class SupportContractReinstate(models.TransientModel):
    """Bring a lapsed contract back: at once where it is free, or when a charge or an
    order is paid."""

    _name = "support.contract.reinstate"
    _description = "Reinstate a Contract"

    contract_id = fields.Many2one(comodel_name="support.contract", required=True)
    company_id = fields.Many2one(related="contract_id.company_id")
    currency_id = fields.Many2one(related="contract_id.currency_id")
    fee_basis = fields.Selection(related="contract_id.fee_basis")
    fee_period = fields.Selection(related="contract_id.fee_period")
    bar = fields.Char(compute="_compute_step")
    explanation = fields.Text(compute="_compute_step")
    kind = fields.Selection(
        selection=lambda self: self.env["support.reinstatement"]
        ._fields["kind"]
        ._description_selection(self.env),
        compute="_compute_step",
    )
    product_id = fields.Many2one(
        comodel_name="product.product", compute="_compute_step"
    )
    amount = fields.Monetary(
        string="Reinstatement",
        compute="_compute_amounts",
        store=True,
        precompute=True,
        readonly=False,
        help="Untaxed, once.",
    )
    months = fields.Integer(
        compute="_compute_amounts",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    fee_amount = fields.Monetary(
        string="Fee",
        compute="_compute_amounts",
        store=True,
        precompute=True,
        readonly=False,
        help="For each fee period, per contract or per activation, untaxed; with the "
        "price index, if one is agreed.",
    )
    activation_count = fields.Integer(
        string="Activations",
        compute="_compute_amounts",
        store=True,
        precompute=True,
        readonly=False,
    )
    from_old_end = fields.Boolean(compute="_compute_step")
    first_day = fields.Date(string="From", compute="_compute_days")
    last_day = fields.Date(string="To", compute="_compute_days")
    is_manager = fields.Boolean(compute="_compute_is_manager")

    def _compute_is_manager(self):
        manager = self.env.user.has_group("support_contract.group_support_manager")
        for wizard in self:
            wizard.is_manager = manager

    @api.depends("contract_id")
    def _compute_step(self):
        for wizard in self:
            contract = wizard.contract_id
            wizard.bar = contract and contract._get_reinstatement_bar()
            step = self.env["support.contract.reinstatement"]
            if contract and not wizard.bar:
                step = contract._get_reinstatement_step()
            wizard.kind = step.kind
            wizard.product_id = step.product_id
            wizard.from_old_end = bool(step) and contract._starts_from_old_end(step)
            wizard.explanation = wizard._explain(step) if step else ""

    def _explain(self, step):
        """What applies today, in words."""
        contract = self.contract_id
        day = format_date(
            self.env, fields.Date.add(contract.date_end, days=step.until_day)
        )
        texts = {
            (renewal.FREE, True): self.env._(
                "Until %s it comes back at no charge of its own.", day
            ),
            (renewal.FREE, False): self.env._("It comes back at no charge of its own."),
            (renewal.FEE, True): self.env._("Until %s it comes back for a fee.", day),
            (renewal.FEE, False): self.env._("It comes back for a fee."),
            (renewal.LICENCE, True): self.env._(
                "Until %s it comes back with a new licence.", day
            ),
            (renewal.LICENCE, False): self.env._("It comes back with a new licence."),
        }
        return "\n".join(
            [
                self.env._(
                    "The contract ended on %(end)s, %(days)s days ago.",
                    end=format_date(self.env, contract.date_end),
                    days=contract._get_lapsed_days(),
                ),
                texts[step.kind, bool(step.until_day)],
                self.env._(
                    "The new term follows the old one: the days since then count as "
                    "covered, and their fees are due."
                )
                if self.from_old_end
                else self.env._("The new term begins on the day of payment."),
            ]
        )

    @api.depends("contract_id")
    def _compute_amounts(self):
        for wizard in self:
            contract = wizard.contract_id
            step = contract and contract._get_reinstatement_step()
            wizard.amount = step._get_price() if step else 0.0
            wizard.months = contract.later_term_months
            wizard.activation_count = contract.activation_count
            wizard.fee_amount = (
                contract._get_reinstatement_fee(wizard._get_first_day())
                if contract
                else 0.0
            )

    def _get_first_day(self):
        contract = self.contract_id
        if self.from_old_end:
            return contract.date_end + ONE_DAY
        return contract.company_id._support_day()

    @api.depends("contract_id", "months")
    def _compute_days(self):
        for wizard in self:
            contract = wizard.contract_id
            wizard.first_day = wizard.last_day = False
            if contract and wizard.kind and 1 <= wizard.months <= 1200:
                terms = renewal.reinstated_terms(
                    contract.date_end,
                    wizard.months,
                    contract.later_term_months,
                    contract.company_id._support_day(),
                    wizard.from_old_end,
                )
                wizard.first_day, wizard.last_day = terms[0][0], terms[-1][1]

    def _check_input(self):
        self.ensure_one()
        if not 1 <= self.months <= 1200:
            raise UserError(self.env._("Months: enter a number from 1 to 1200."))
        if not 0 <= self.fee_amount < 1e12:
            raise UserError(self.env._("Fee: enter an amount from 0 up."))
        if not 0 <= self.amount < 1e12:
            raise UserError(self.env._("Reinstatement: enter an amount from 0 up."))
        if self.activation_count < 1:
            raise UserError(self.env._("Activations: enter a number from 1 up."))

    def action_reinstate(self):
        """Reinstate at once, where it is free.

        :raise UserError: for everybody but contract managers
        """
        self._check_input()
        self.contract_id._reinstate_at_once(self.months)
        return {"type": "ir.actions.act_window_close"}

    def action_charge(self):
        """Charge the fee: the contract lives again when it is paid.

        :raise UserError: for everybody but contract managers
        """
        self._check_input()
        self.contract_id._charge_reinstatement(self.months, self.amount)
        return {"type": "ir.actions.act_window_close"}

    def action_quote(self):
        """Make an order: the contract lives again when it is paid."""
        self._check_input()
        order = self.contract_id._quote_reinstatement(
            self.months, self.amount, self.fee_amount, self.activation_count
        )
        return order.get_formview_action()
