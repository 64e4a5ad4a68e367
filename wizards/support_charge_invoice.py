# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain


class SupportChargeInvoice(models.TransientModel):
    """See which invoices the charges that are due would make, then make them."""

    _name = "support.charge.invoice"
    _description = "Invoice What Is Due"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
    )
    contract_id = fields.Many2one(
        comodel_name="support.contract",
        string="Only for Contract",
        domain="[('company_id', '=', company_id)]",
    )
    invoicing = fields.Selection(related="company_id.support_invoicing")
    line_ids = fields.One2many(
        comodel_name="support.charge.invoice.line",
        inverse_name="wizard_id",
        string="Invoices",
        readonly=True,
    )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if "line_ids" in fields:
            wizard = self.new(
                {name: values.get(name) for name in ("company_id", "contract_id")}
            )
            values["line_ids"] = wizard._prepare_lines()
        return values

    @api.onchange("company_id", "contract_id")
    def _onchange_charges(self):
        self.line_ids = [Command.clear(), *self._prepare_lines()]

    def _get_charges(self):
        """The open charges that are due, of the contract if one is chosen. Nothing is
        charged here: fees are charged by their job and by the contract's button."""
        domain = (
            Domain("company_id", "=", self.company_id.id)
            & Domain("state", "=", "open")
            & Domain("kind", "!=", "note")
        )
        if self.contract_id:
            domain &= Domain("contract_id", "=", self.contract_id.id)
        return self.env["support.charge"].search(domain)._filter_due()

    def _prepare_lines(self):
        charges = self._get_charges()
        return [
            Command.create(
                {
                    "partner_id": group.partner.id,
                    "currency_id": group.currency.id,
                    "fiscal_position_id": group.fiscal_position.id,
                    "payment_term_id": group.payment_term.id,
                    "charge_count": len(members),
                    "amount": sum(members.mapped("amount")),
                    "text": "\n".join(members.mapped("name")),
                    "problem": members.filtered("job_error")[:1].job_error,
                }
            )
            for group, members in charges._get_invoice_groups().items()
        ]

    def action_invoice(self):
        """Make the invoices and show them.

        :raise UserError: for everybody but contract managers, or if nothing is due
        """
        self.ensure_one()
        charges = self._get_charges()
        if not charges:
            raise UserError(self.env._("Nothing is due: there is nothing to invoice."))
        return charges.action_invoice()


class SupportChargeInvoiceLine(models.TransientModel):
    """One invoice that would be made."""

    _name = "support.charge.invoice.line"
    _description = "Invoice to Make"

    wizard_id = fields.Many2one(
        comodel_name="support.charge.invoice",
        required=True,
        ondelete="cascade",
        index=True,
    )
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer")
    currency_id = fields.Many2one(comodel_name="res.currency")
    fiscal_position_id = fields.Many2one(comodel_name="account.fiscal.position")
    payment_term_id = fields.Many2one(
        comodel_name="account.payment.term", string="Payment Terms"
    )
    charge_count = fields.Integer(string="Charges")
    amount = fields.Monetary(string="Untaxed Amount")
    move_type = fields.Selection(
        selection=[("out_invoice", "Invoice"), ("out_refund", "Credit note")],
        string="Document",
        compute="_compute_move_type",
    )
    text = fields.Text(string="Lines")
    problem = fields.Text(help="Why the last try failed.")

    @api.depends("amount")
    def _compute_move_type(self):
        for line in self:
            line.move_type = "out_refund" if line.amount < 0 else "out_invoice"
