# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ..models.support_terms_mixin import TERMS_TO_CHANGE


class SupportContractChangeTerms(models.TransientModel):
    """Change agreed terms of a running contract from a day on."""

    _name = "support.contract.change.terms"
    _description = "Change the Terms of a Contract"
    _inherit = ["support.terms.mixin"]

    contract_id = fields.Many2one(comodel_name="support.contract", required=True)
    company_id = fields.Many2one(related="contract_id.company_id")
    currency_id = fields.Many2one(related="contract_id.currency_id")
    first_day = fields.Date(
        string="From",
        required=True,
        default=lambda self: self.env.company._support_day(),
        help="First day under the new terms.",
    )
    reason = fields.Char(required=True)
    fee_amount = fields.Monetary(string="Fee")
    activation_count = fields.Integer(string="Activations")
    sla_policy_id = fields.Many2one(
        domain="[('contract_id', 'in', (False, contract_id))]"
    )
    line_ids = fields.One2many(
        comodel_name="support.contract.change.terms.line",
        inverse_name="change_id",
        string="Allotments",
    )

    @api.model
    def default_get(self, fields):
        """Start from the terms that are in force."""
        values = super().default_get(fields)
        contract = self.env["support.contract"].browse(
            values.get("contract_id") or self.env.context.get("default_contract_id")
        )
        for name in (*TERMS_TO_CHANGE, "fee_basis"):
            if name in fields and contract:
                values[name] = contract._get_stored_value(name)
        if "line_ids" in fields:
            values["line_ids"] = [
                Command.create(
                    {"allotment_id": allotment.id, "quantity": allotment.quantity}
                )
                for allotment in contract.allotment_ids
            ]
        return values

    @api.model_create_multi
    def create(self, vals_list):
        """What is not named stays as it is agreed."""
        prepared = []
        for vals in vals_list:
            contract = self.env["support.contract"].browse(
                vals.get("contract_id") or self.env.context.get("default_contract_id")
            )
            contract.check_access("write")
            if not contract:
                prepared.append(vals)
                continue
            agreed = {
                name: contract._get_stored_value(name) for name in TERMS_TO_CHANGE
            }
            prepared.append(agreed | vals)
        return super().create(prepared)

    def action_confirm(self):
        """Record the change; one for today is applied at once.

        :raise UserError: for everybody but contract managers, without a reason or
            without any difference, or on a day that is past or after the end
        """
        self.ensure_one()
        contract = self.contract_id
        contract._require_manager()
        contract._require_states(
            ("signed", "active", "suspended"), self.env._("changed")
        )
        self._check_day()
        if self.line_ids.allotment_id - contract.allotment_ids:
            raise UserError(self.env._("Allotments: choose those of the contract."))
        values = {
            name: value
            for name in TERMS_TO_CHANGE
            if (value := self._get_new_value(name)) != contract._get_stored_value(name)
        }
        quantities = {
            str(line.allotment_id.id): line.quantity
            for line in self.line_ids
            if line.quantity != line.allotment_id.quantity
        }
        for line in self.line_ids:
            line.allotment_id._exact(line.quantity, self.env._("Quantity"))
        if not (values or quantities):
            raise UserError(self.env._("Nothing is different from the present terms."))
        self._try_out(values)
        if values.get("sla_policy_id"):
            # agreed now: what becomes of the policy until the day does not count
            policy = self.sla_policy_id.sudo()._copy_for(contract.sudo())
            values["sla_policy_id"] = policy.id
        # checked above; nobody has a right to write changes
        change = (
            self.env["support.contract.change"]
            .sudo()
            .create(
                {
                    "contract_id": contract.id,
                    "first_day": self.first_day,
                    "reason": self.reason.strip(),
                    "values": values,
                    "allotment_quantities": quantities,
                }
            )
        )
        change._apply_due()
        return {"type": "ir.actions.act_window_close"}

    def _try_out(self, values):
        """Let the database refuse now what it would refuse on the day."""
        with self.env.cr.savepoint() as savepoint:
            # managers may not write agreed terms either, but for a dated change
            self.contract_id.sudo()._write_agreed(values)
            self.env.flush_all()
            savepoint.rollback()
        self.contract_id.invalidate_recordset()

    def _check_day(self):
        contract = self.contract_id
        if not (self.reason or "").strip():
            raise UserError(self.env._("Reason: say why the terms change."))
        today = contract.company_id._support_day()
        if self.first_day < today:
            raise UserError(
                self.env._(
                    "From: terms cannot change before today, %s.",
                    format_date(self.env, today),
                )
            )
        if self.first_day > contract.date_end:
            raise UserError(
                self.env._(
                    "From: the contract ends on %s.",
                    format_date(self.env, contract.date_end),
                )
            )

    def _get_coverages(self):
        return self.contract_id.coverage_ids

    def _sells_tickets(self):
        return self.contract_id._sells_tickets()

    def _get_new_value(self, name):
        value = self[name]
        return value.id if self._fields[name].type == "many2one" else value


class SupportContractChangeTermsLine(models.TransientModel):
    """The quantity of one allotment under the new terms."""

    _name = "support.contract.change.terms.line"
    _description = "Changed Allotment"

    change_id = fields.Many2one(
        comodel_name="support.contract.change.terms",
        required=True,
        ondelete="cascade",
        index=True,
    )
    allotment_id = fields.Many2one(
        comodel_name="support.contract.allotment", required=True
    )
    unit = fields.Selection(related="allotment_id.unit")
    currency_id = fields.Many2one(related="allotment_id.currency_id")
    quantity = fields.Float(digits=(16, 4), required=True)
