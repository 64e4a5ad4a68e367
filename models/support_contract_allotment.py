# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import allocation, grants
from ..tools.periods import period_index, period_start


class SupportContractAllotment(models.Model):
    """A contract's own copy of an allotment, and the ledger that it fills."""

    _name = "support.contract.allotment"
    _description = "Allotment of a Contract"
    _inherit = ["support.contract.line.mixin", "support.allotment.mixin"]

    work_mode_ids = fields.Many2many(
        relation="support_contract_allotment_work_mode_rel",
        column1="allotment_id",
        column2="work_mode_id",
        ondelete="restrict",
    )
    currency_id = fields.Many2one(related="contract_id.currency_id")
    ledger_id = fields.Many2one(
        comodel_name="support.ledger",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        copy=False,
    )
    next_grant_day = fields.Date(
        readonly=True,
        copy=False,
        help="Day of the next grant; kept by the job that grants.",
    )
    next_cut_day = fields.Date(
        string="Next Rollover Cut",
        readonly=True,
        copy=False,
        help="First day of the period at whose start a rollover limit applies next.",
    )

    _next_grant_idx = models.Index("(next_grant_day) WHERE next_grant_day IS NOT NULL")
    _next_cut_idx = models.Index("(next_cut_day) WHERE next_cut_day IS NOT NULL")
    _quantity_limit = models.Constraint(
        "CHECK (quantity > 0 AND quantity < 1e12)",
        "The quantity of an allotment must be a number above zero.",
    )

    @api.depends("unit", "quantity", "work_mode_ids", "recurrence")
    def _compute_display_name(self):
        recurrences = dict(self._fields["recurrence"]._description_selection(self.env))
        for allotment in self:
            parts = [allotment._format_quantity(allotment.quantity)]
            parts.append(recurrences.get(allotment.recurrence) or "")
            if allotment.work_mode_ids:
                parts.append(", ".join(allotment.work_mode_ids.mapped("name")))
            allotment.display_name = " · ".join(parts)

    def _get_rule(self):
        """The allotment as the pure functions of ``tools/grants.py`` take it."""
        self.ensure_one()
        return grants.Rule(
            recurrence=self.recurrence,
            rollover=self.rollover,
            rollover_periods=self.rollover_periods,
            validity_months=self.validity_months,
            end_policy=self.end_policy,
            end_days=self.end_days,
        )

    def _get_scope(self):
        """Key of the ledger that the allotment belongs to, within its contract:
        unit and work modes. Allotments of the same scope share a ledger."""
        self.ensure_one()
        modes = ",".join(str(mode_id) for mode_id in sorted(self.work_mode_ids.ids))
        return self.unit, modes

    @api.model
    def _get_bookkeeping_fields(self):
        return {"ledger_id", "next_grant_day", "next_cut_day"}

    def _next_grant_day(self, terms, today):
        """First day after ``today`` on which something is to be granted, or False."""
        return grants.next_grant_day(self._get_rule(), terms, today) or False

    def _first_cut_day(self, term_first):
        """First day on which a rollover limit by quantity applies, or False."""
        self.ensure_one()
        if self.rollover != "quantity" or self.recurrence == "once":
            return False
        return period_start(term_first, grants.MONTHS[self.recurrence], 1)

    def _next_cut_day(self, day):
        """The first change of period after ``day``, or False after the last term."""
        self.ensure_one()
        months = grants.MONTHS[self.recurrence]
        days = []
        for term in self.contract_id.term_ids:
            if term.first_day > day:
                days.append(term.first_day)
            elif day <= term.last_day:
                index = period_index(term.first_day, months, day) + 1
                start = period_start(term.first_day, months, index)
                if start <= term.last_day:
                    days.append(start)
        return min(days, default=False)

    def _cut_due(self, today=None):
        """Post what a rollover limit by quantity takes away, change of period by change
        of period, oldest first, once the days of grace after it are over."""
        limits = {}
        for company in self.contract_id.company_id:
            day = today or company._support_day()
            limits[company] = fields.Date.subtract(day, days=company.support_grace_days)
        due = self.filtered("next_cut_day")
        if due:
            due.ledger_id._lock()
        while due := due.filtered(
            lambda allotment: (
                allotment.next_cut_day
                and allotment.next_cut_day <= limits[allotment.contract_id.company_id]
            )
        ):
            boundary = min(due.mapped("next_cut_day"))
            changing = due.filtered(lambda item, day=boundary: item.next_cut_day == day)
            self.env["support.ledger"]._post_set(changing._prepare_cuts(boundary))
            for next_day, allotments in changing.grouped(
                lambda item, day=boundary: item._next_cut_day(day)
            ).items():
                allotments.next_cut_day = next_day

    def _prepare_cuts(self, boundary):
        """Rows that cut what was left over the limit when the period changed on
        ``boundary``."""
        lots = self._read_lots(boundary)
        return [
            {
                "ledger_id": allotment.ledger_id.id,
                "kind": "forfeit",
                "quantity": -part,
                "day": boundary,
                "lot_id": lot_id,
                "allotment_id": allotment.id,
                "key": f"forfeit:{allotment.id}:{boundary.isoformat()}:{lot_id}",
            }
            for allotment in self
            for lot_id, part in allocation.cut_at(
                lots[allotment.id],
                self._decimal(allotment.rollover_quantity),
                boundary,
            )
        ]

    def _read_lots(self, boundary):
        """``{allotment id: [(lot as it stood when the period changed, what remains of
        it now), ...]}`` of the lots that ``boundary`` did not end."""
        lots = {allotment_id: [] for allotment_id in self.ids}
        for (
            allotment_id,
            lot_id,
            remaining,
            first_day,
            last_day,
            later,
        ) in self.env.execute_query(
            SQL(
                """
                    SELECT lot.allotment_id, lot.id, lot.remaining::text,
                           lot.first_day, lot.last_day,
                           COALESCE((
                               SELECT sum(later.quantity)
                                 FROM support_ledger_entry later
                                 LEFT JOIN support_ledger_entry origin
                                   ON origin.id = later.reversal_of_id
                                WHERE later.lot_id = lot.id
                                  AND COALESCE(origin.day, later.day) >= %(boundary)s
                           ), 0)::text
                      FROM support_ledger_entry lot
                     WHERE lot.allotment_id = ANY(%(allotments)s)
                       AND lot.lot_id IS NULL
                       AND (lot.last_day IS NULL OR lot.last_day >= %(boundary)s)
                     ORDER BY lot.id
                    """,
                allotments=self.ids,
                boundary=boundary,
            )
        ):
            left = Decimal(remaining)
            lot = allocation.Lot(lot_id, left - Decimal(later), first_day, last_day)
            lots[allotment_id].append((lot, left))
        return lots
