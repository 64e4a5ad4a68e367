# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import math

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import cover, rounding
from .support_terms_mixin import TREATMENTS

STATES = [
    ("requested", "Requested"),
    ("planned", "Planned"),
    ("progress", "In progress"),
    ("done", "Done"),
    ("cancelled", "Cancelled"),
]

#: states in which the work is still to come or going on
LIVE_STATES = ("requested", "planned", "progress")


class SupportIntervention(models.Model):
    """A piece of work for a ticket: asked for, planned, in progress, done. How it
    comes to be planned stands in ``support_intervention_plan.py``, what it draws and
    costs once it is done in ``support_intervention_done.py``."""

    _name = "support.intervention"
    _description = "Support Intervention"
    _inherit = ["mail.thread"]
    _order = "start desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Summary", required=True)
    ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        required=True,
        check_company=True,
        ondelete="restrict",
        index=True,
    )
    company_id = fields.Many2one(
        related="ticket_id.company_id", store=True, index=True, precompute=True
    )
    partner_id = fields.Many2one(
        related="ticket_id.partner_id", string="Customer", store=True, index=True
    )
    commercial_partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Company of the Customer",
        compute="_compute_commercial_partner_id",
        store=True,
        index=True,
    )
    installation_id = fields.Many2one(
        related="ticket_id.support_installation_id",
        store=True,
        index="btree_not_null",
        groups="base.group_user",
    )
    work_mode_id = fields.Many2one(
        comodel_name="support.work.mode",
        compute="_compute_work_mode_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        check_company=True,
        ondelete="restrict",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Technician",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        check_company=True,
        ondelete="restrict",
    )
    start = fields.Datetime(
        string="Started", copy=False, help="When the work really started."
    )
    end = fields.Datetime(
        string="Ended", copy=False, help="When the work really ended."
    )
    day = fields.Date(
        compute="_compute_day",
        store=True,
        precompute=True,
        help="Local date of the start, else of the planned start, in the company's "
        "support time zone.",
    )
    raw_minutes = fields.Integer(
        string="Time Worked",
        compute="_compute_raw_minutes",
        store=True,
        precompute=True,
        help="Minutes from start to end, begun minutes count.",
    )
    billable_minutes = fields.Integer(
        string="Billable Time",
        compute="_compute_billable_minutes",
        store=True,
        precompute=True,
        help="After the minimum and the step of the work mode, or as set by hand.",
    )
    billable_by_hand = fields.Boolean(string="Set by Hand", tracking=True)
    manual_minutes = fields.Integer(string="Billable Time by Hand", tracking=True)
    manual_reason = fields.Char(
        string="Reason", tracking=True, groups="base.group_user"
    )
    description = fields.Text(string="What Was Done")
    state = fields.Selection(
        selection=STATES,
        required=True,
        readonly=True,
        copy=False,
        default="requested",
        tracking=True,
        index=True,
    )
    cover = fields.Selection(
        selection=[
            (cover.WARRANTY, "Warranty"),
            (cover.CONTRACT, "Contract"),
            (cover.ON_CALL, "On call"),
        ],
        readonly=True,
        copy=False,
    )
    contract_id = fields.Many2one(
        comodel_name="support.contract",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    treatment = fields.Selection(selection=TREATMENTS, readonly=True, copy=False)
    entry_ids = fields.One2many(
        comodel_name="support.ledger.entry",
        inverse_name="intervention_id",
        string="Ledger Entries",
        readonly=True,
    )
    drawn = fields.Char(
        compute="_compute_drawn", help="What was drawn from the contract's balances."
    )
    overage_minutes = fields.Integer(
        string="Beyond the Balance",
        readonly=True,
        copy=False,
        help="Minutes that no balance covers.",
    )
    overage_amount = fields.Monetary(
        readonly=True,
        copy=False,
        groups="support_contract.group_support_user",
        help="Untaxed price of what no balance covers.",
    )
    hourly_price = fields.Monetary(
        readonly=True,
        copy=False,
        groups="support_contract.group_support_user",
        help="Untaxed price of an hour that was applied.",
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency", readonly=True, copy=False
    )

    _end_after_start = models.Constraint(
        'CHECK (start <= "end")', "The end of the work cannot lie before its start."
    )
    _minutes_positive = models.Constraint(
        "CHECK (manual_minutes >= 0)",
        "The billable time set by hand cannot be negative.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("ticket_id")
    def _compute_work_mode_id(self):
        for work in self:
            # the usual work mode is no secret; users need not read companies
            work.work_mode_id = (
                work.work_mode_id
                or work.ticket_id.support_work_mode_id
                or work.ticket_id.company_id.sudo().support_work_mode_id.sudo(False)
            )

    @api.depends("ticket_id.partner_id")
    def _compute_commercial_partner_id(self):
        """Not a related field: a contact who changes employer does not take along what
        was done for the old one."""
        for work in self:
            work.commercial_partner_id = work.ticket_id.partner_id.commercial_partner_id

    @api.depends("start", "planned_start", "ticket_id.company_id")
    def _compute_day(self):
        for work in self:
            company = work.ticket_id.company_id or self.env.company
            work.day = company._support_day(work.start or work.planned_start or None)

    @api.depends("start", "end")
    def _compute_raw_minutes(self):
        for work in self:
            seconds = 0
            if work.start and work.end:
                seconds = (work.end - work.start).total_seconds()
            work.raw_minutes = max(math.ceil(seconds / 60), 0)

    @api.depends(
        "raw_minutes",
        "work_mode_id",
        "billable_by_hand",
        "manual_minutes",
        "ticket_id.support_contract_id",
    )
    def _compute_billable_minutes(self):
        for work in self:
            if work.state == "done":
                # what was drawn stands, whatever the ticket's contract becomes
                work.billable_minutes = work.billable_minutes
            elif work.billable_by_hand:
                work.billable_minutes = work.manual_minutes
            else:
                contract = work.contract_id or work.ticket_id.support_contract_id
                # only the minimum and step are read
                work.billable_minutes = work._round(contract.sudo())

    def _round(self, contract):
        """Minutes worked after the minimum and step that ``contract`` (may be empty)
        has agreed for the work mode, else the work mode's own."""
        self.ensure_one()
        terms = contract.work_mode_terms_ids.filtered(
            lambda terms: terms.work_mode_id == self.work_mode_id
        )
        source = terms[:1] or self.work_mode_id
        return rounding.billable_minutes(
            self.raw_minutes, source.minimum_minutes, source.step_minutes
        )

    @api.depends("entry_ids.quantity")
    def _compute_drawn(self):
        for work in self:
            # money and minutes are shown apart, never added up
            totals = {}
            for entry in work.sudo().entry_ids:
                ledger = entry.ledger_id
                totals[ledger] = totals.get(ledger, 0.0) - entry.quantity
            work.drawn = ", ".join(
                ledger._format_quantity(total)
                for ledger, total in totals.items()
                if round(total, 4)
            )

    # ------------------------------------------------------------------
    # Constraints and CRUD
    # ------------------------------------------------------------------

    @api.constrains("billable_by_hand", "manual_reason")
    def _check_manual_reason(self):
        for work in self:
            if work.billable_by_hand and not (work.manual_reason or "").strip():
                raise ValidationError(
                    self.env._("Billable time set by hand needs a reason.")
                )

    @api.constrains("user_id")
    def _check_technician(self):
        for work in self:
            if work.user_id.share:
                raise ValidationError(
                    self.env._(
                        "%s is no internal user and cannot do the work.",
                        work.user_id.name,
                    )
                )

    @api.model
    def _get_protected_fields(self):
        """Fields that only the work's own methods set."""
        return {
            "state",
            "cover",
            "contract_id",
            "treatment",
            "overage_minutes",
            "overage_amount",
            "hourly_price",
            "currency_id",
            *self._get_computed_fields(),
        }

    @api.model
    def _get_computed_fields(self):
        """Stored fields that follow from others, which nobody may set."""
        return {
            "company_id",
            "partner_id",
            "commercial_partner_id",
            "installation_id",
            "day",
            "raw_minutes",
            "billable_minutes",
        }

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            return super().create(vals_list)
        computed = self._get_computed_fields()
        prepared = []
        for vals in vals_list:
            self._check_protected(
                {
                    name: value
                    for name, value in vals.items()
                    if value and (name, value) != ("state", "requested")
                }
            )
            # named, so that no default of the caller's context or own takes effect
            initial = {
                name: False
                for name in self._get_protected_fields() - computed
                if self._has_field_access(self._fields[name], "write")
            }
            prepared.append(vals | initial | {"state": self._get_first_state(vals)})
        works = super().create(prepared)
        for name in computed:
            self.env.add_to_compute(self._fields[name], works)
        # work belongs to whoever may work on the ticket
        works.ticket_id.check_access("write")
        return works

    def write(self, vals):
        if not self.env.su:
            self._check_protected(vals)
            if {
                "ticket_id",
                "work_mode_id",
                "user_id",
                "start",
                "end",
                "billable_by_hand",
                "manual_minutes",
            } & vals.keys():
                self._check_draft()
        result = super().write(vals)
        if "ticket_id" in vals:
            self.ticket_id.check_access("write")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        self._check_draft()

    def _check_protected(self, vals):
        names = self._get_protected_fields() & vals.keys()
        if names:
            raise UserError(
                self.env._(
                    "These fields are set when the work is done or undone: %s",
                    ", ".join(
                        sorted(
                            self._fields[name]._description_string(self.env)
                            for name in names
                        )
                    ),
                )
            )

    @api.model
    def _get_first_state(self, vals):
        """Work that is logged with its start is in progress, work with a planned start
        is planned, other work is asked for."""
        if vals.get("start"):
            return "progress"
        return "planned" if vals.get("planned_start") else "requested"

    def _check_draft(self):
        for work in self:
            if work.state == "done":
                raise UserError(
                    self.env._(
                        "“%s” is done and has been drawn from the balance: undo it "
                        "first.",
                        work.name,
                    )
                )
