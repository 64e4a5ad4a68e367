# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import quantity as quantities


class SupportContractTakeover(models.Model):
    """Running contracts of an older system, one row per contract and balance, as they
    come out of a spreadsheet: everything is text, so that a row with a date that does
    not exist is kept with its reason while the others are taken over.

    A row is known by its reference, unit and work modes: importing the same file again
    adds nothing.
    """

    _name = "support.contract.takeover"
    _description = "Contract to Take Over"
    _inherit = ["support.takeover.mixin"]
    _order = "reference, id"
    _rec_name = "reference"

    reference = fields.Char(
        required=True, help="Number of the contract in the older system."
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
    )
    customer = fields.Char(
        required=True, help="Reference, VAT number or exact name of the customer."
    )
    contract_type = fields.Char(required=True, help="Name of the contract type.")
    first_day = fields.Char(
        required=True, help="First day of the current term, as 2026-01-31."
    )
    last_day = fields.Char(
        required=True, help="Last day of the current term, as 2026-12-31."
    )
    unit = fields.Char(help="time, money or ticket. Empty: no balance to take over.")
    quantity = fields.Char(help="What remains: 3:30 hours, 90.00, or 4 tickets.")
    work_modes = fields.Char(
        help="Names of the work modes of the balance, separated by commas, if there is "
        "more than one balance of this unit."
    )
    usable_until = fields.Char(
        help="Last day of use of the balance, as 2026-12-31. Empty: the end of the "
        "term."
    )
    state = fields.Selection(
        selection=[("new", "New"), ("done", "Taken over"), ("error", "Refused")],
        required=True,
        readonly=True,
        default="new",
    )
    job_error = fields.Text(string="Reason", readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users", default=lambda self: self.env.user, readonly=True
    )
    contract_id = fields.Many2one(
        comodel_name="support.contract", readonly=True, ondelete="set null"
    )

    _row_unique = models.UniqueIndex(
        "(company_id, reference, COALESCE(unit, ''), COALESCE(work_modes, ''))",
        "This contract and balance has been imported already.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """An imported row that is there already is the row that is there: it is
        brought up to date while it is not taken over, and left alone afterwards."""
        rows = self.browse()
        for vals in vals_list:
            self._check_result(vals)
            known = self._find_known(vals)
            if known and known.state != "done":
                known.write(vals)
            rows |= known or super().create([vals])
        return rows

    def _find_known(self, vals):
        return self.search(
            [
                ("company_id", "=", vals.get("company_id") or self.env.company.id),
                ("reference", "=", vals.get("reference")),
                ("unit", "=", vals.get("unit") or False),
                ("work_modes", "=", vals.get("work_modes") or False),
            ],
            limit=1,
        )

    def write(self, vals):
        self._check_result(vals)
        return super().write(vals)

    def _check_result(self, vals):
        if not self.env.su and {"state", "job_error", "contract_id"} & vals.keys():
            raise UserError(self.env._("The result of a takeover cannot be written."))

    def action_take_over(self):
        """Make and activate the contracts of the rows; a bad row is marked with its
        reason and does not stop the others."""
        self.check_access("write")
        if not self.env.user.has_group("support_contract.group_support_manager"):
            raise UserError(
                self.env._("Only a contract manager may take contracts over.")
            )
        for row in self.sudo():  # checked above
            if row.state == "done":
                continue
            try:
                with self.env.cr.savepoint():
                    row.contract_id = row._take_over()
                    row.write({"state": "done", "job_error": False})
                    self.env.flush_all()
            except (UserError, IntegrityError, quantities.QuantityError) as error:
                row.write({"state": "error", "job_error": row._get_message(error)})

    def _get_message(self, error):
        if isinstance(error, quantities.QuantityError):
            return self.env._(
                "Quantity: “%s” is not a quantity of this unit.", self.quantity or ""
            )
        if isinstance(error, IntegrityError):
            return self.env["support.ledger.entry"]._sql_error_to_message(error)
        return str(error)

    def _take_over(self):
        """One row: its contract, made by the first row of the reference, and its
        opening balance."""
        self.ensure_one()
        contract = (
            self.search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("reference", "=", self.reference),
                    ("contract_id", "!=", False),
                ],
                limit=1,
            ).contract_id
            or self._make_contract()
        )
        if self.unit:
            self._post_opening(contract)
        return contract

    def _make_contract(self):
        first_day = self._parse_day("first_day")
        last_day = self._parse_day("last_day")
        if last_day < first_day:
            raise UserError(
                self.env._("Last day: it lies before the first day of the term.")
            )
        partner = self._find_partner()
        contract = self.env["support.contract"].create(
            {
                "type_id": self._find_type().id,
                "partner_id": partner.id,
                "company_id": self.company_id.id,
                "currency_id": self.company_id.currency_id.id,
                "date_start": first_day,
                "user_id": self.user_id.id,
            }
        )
        contract._take_over(first_day, last_day, self.reference)
        return contract

    def _post_opening(self, contract):
        ledger = self._find_ledger(contract)
        until = self._parse_day("usable_until") if self.usable_until else None
        if until and until < contract.date_start:
            raise UserError(
                self.env._("Usable until: it lies before the first day of the term.")
            )
        quantity = ledger._parse_quantity(self.quantity)
        today = self.company_id._support_day()
        ledger._credit(
            quantity,
            "opening",
            today,
            contract.date_start,
            until or contract.date_end,
            key=f"opening:{self.id}",
        )

    def _find_ledger(self, contract):
        units = dict(contract.ledger_ids._fields["unit"].selection)
        if self.unit not in units:
            raise UserError(
                self.env._(
                    "Unit: “%(unit)s” is not one of %(units)s.",
                    unit=self.unit,
                    units=", ".join(units),
                )
            )
        ledgers = contract.ledger_ids.filtered(lambda ledger: ledger.unit == self.unit)
        if self.work_modes:
            names = {name.strip() for name in self.work_modes.split(",")}
            ledgers = ledgers.filtered(
                lambda ledger: set(ledger.work_mode_ids.mapped("name")) == names
            )
        if len(ledgers) != 1:
            raise UserError(
                self.env._(
                    "Unit: contract type %(type)s has %(count)s balances in “%(unit)s” "
                    "for these work modes; name the work modes of one.",
                    type=contract.type_id.name,
                    count=len(ledgers),
                    unit=self.unit,
                )
            )
        return ledgers

    def _find_type(self):
        types = self.env["support.contract.type"].search(
            [
                ("name", "=", (self.contract_type or "").strip()),
                ("company_id", "in", [False, self.company_id.id]),
            ],
            limit=2,
        )
        if len(types) != 1:
            raise UserError(
                self.env._(
                    "Contract type: there is not exactly one named “%s”.",
                    self.contract_type,
                )
            )
        return types
