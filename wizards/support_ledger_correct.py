# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import quantity as quantities


class SupportLedgerCorrect(models.TransientModel):
    """Correct a ledger: add to it, take from it, or reverse entries. Only for
    managers, and never without a reason."""

    _name = "support.ledger.correct"
    _description = "Correct a Ledger"

    mode = fields.Selection(
        selection=[
            ("add", "Add a quantity"),
            ("take", "Take a quantity"),
            ("reverse", "Reverse entries"),
        ],
        required=True,
        default="add",
    )
    ledger_id = fields.Many2one(comodel_name="support.ledger", required=True)
    unit = fields.Selection(related="ledger_id.unit", related_sudo=False)
    currency_id = fields.Many2one(related="ledger_id.currency_id", related_sudo=False)
    usable = fields.Float(related="ledger_id.usable", related_sudo=False)
    quantity = fields.Float(digits=(16, 4))
    last_day = fields.Date(
        string="Usable until", help="Empty: as long as the contract lives."
    )
    entry_ids = fields.Many2many(
        comodel_name="support.ledger.entry",
        string="Entries",
        domain="[('ledger_id', '=', ledger_id), ('reversal_ids', '=', False), "
        "('kind', '!=', 'reversal')]",
    )
    reason = fields.Char(required=True)

    @api.constrains("ledger_id")
    def _check_ledger_access(self):
        """The ledger must be open to the user, whom Odoo replaces by the superuser
        while it checks constraints."""
        self.sudo(False).ledger_id.check_access("read")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_number(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_number(vals)
        return super().write(vals)

    @api.model
    def _check_number(self, vals):
        """Say what is wrong where a field of numbers would fail in Python's words."""
        try:
            quantities.exact(vals.get("quantity") or 0, 4)
        except quantities.QuantityError as error:
            if error.code == "number":
                raise ValidationError(
                    self.env._("Quantity must be a number.")
                ) from error

    @api.onchange("ledger_id")
    def _onchange_ledger_id(self):
        self.last_day = self.ledger_id.contract_id.date_end

    def action_confirm(self):
        """Post the correction.

        :raise UserError: for everybody but contract managers, without a reason, or if
            the ledger does not hold what is to be taken
        """
        self.ensure_one()
        if not self.env.user.has_group("support_contract.group_support_manager"):
            raise UserError(self.env._("Only a contract manager may correct a ledger."))
        if not (self.reason or "").strip():
            raise UserError(self.env._("Reason: say why the ledger is corrected."))
        self.ledger_id.check_access("read")
        # managers have no right to write entries either: this is their only way
        ledger = self.ledger_id.sudo()
        today = ledger.company_id._support_day()
        reason = self.reason.strip()
        if self.mode == "reverse":
            if not self.entry_ids:
                raise UserError(self.env._("Entries: choose what is reversed."))
            if self.entry_ids.ledger_id != self.ledger_id:
                raise UserError(self.env._("Entries: choose those of this ledger."))
            self.entry_ids.check_access("read")
            # checked above: a manager who may read them
            self.entry_ids.sudo()._reverse(reason)
        elif self.mode == "add":
            if self.last_day and self.last_day < today:
                raise UserError(
                    self.env._("Usable until: the day cannot lie in the past.")
                )
            ledger._credit(
                self.quantity,
                "correction",
                today,
                today,
                self.last_day or None,
                reason=reason,
            )
        else:
            _, left = ledger._debit(self.quantity, "correction", today, reason=reason)
            if left:
                raise UserError(
                    self.env._(
                        "%(ledger)s: %(left)s more than can be used. Take less.",
                        ledger=ledger.display_name,
                        left=ledger._format_quantity(left),
                    )
                )
        ledger.contract_id.message_post(
            body=self.env._(
                "%(ledger)s corrected: %(reason)s",
                ledger=ledger.display_name,
                reason=reason,
            ),
            subtype_xmlid="mail.mt_note",
        )
        return {"type": "ir.actions.act_window_close"}
