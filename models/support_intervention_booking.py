# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import datetime, time, timedelta

import pytz

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_time
from odoo.tools.misc import get_lang

from ..tools import day_names, slots

#: how far ahead customers book
HORIZON_DAYS = 60
#: how many days with free times a page shows, and how many it looks at for them
SHOWN_DAYS, LOOKED_DAYS = 5, 21
#: a free time as forms name it, in UTC
SLOT_FORMAT = "%Y%m%dT%H%M"
#: times are offered on this grid of minutes
GRID = 30
REASON_LENGTH = 300


class SupportIntervention(models.Model):
    """Free times for the customer, and what he does with his dates in the portal.

    The methods are called on records with all rights, after the reader's own right to
    the ticket or the work was checked.
    """

    _inherit = "support.intervention"

    # ------------------------------------------------------------------
    # Free times
    # ------------------------------------------------------------------

    @api.model
    def _get_portal_horizon(self, ticket):
        """First and last moment (naive UTC) that customers may choose. The notice
        counts from now, also when a date is moved: otherwise a date far ahead could be
        brought forward to tomorrow."""
        now = self.env["res.company"]._support_now()
        contract = ticket.sudo().support_contract_id  # only how far ahead
        first = now + timedelta(hours=contract.notice_hours or 0)
        return first, now + timedelta(days=HORIZON_DAYS)

    def _get_portal_technicians(self):
        """Who may do this work; who is to do it already comes first."""
        self.ensure_one()
        return self.user_id | self.ticket_id._support_get_technicians()

    def _get_portal_length(self):
        """Minutes that the work takes in the calendar."""
        self.ensure_one()
        return self._get_planned_minutes() or self.estimate_minutes or 60

    def _get_portal_slots(self, first, last):
        """Free times between two moments (naive UTC).

        :return: ``{start: technician}`` in order; of several who are free the first
        """
        self.ensure_one()
        earliest, latest = self._get_portal_horizon(self.ticket_id)
        first = _round_up(max(first, earliest))
        last = min(last, latest)
        found = {}
        technicians = self._get_portal_technicians()
        free = self._get_free_slots(technicians, self._get_portal_length(), first, last)
        for technician in technicians:
            for start in free[technician]:
                if start != self.planned_start:
                    found.setdefault(start, technician)
        return dict(sorted(found.items()))

    def _find_portal_slot(self, key):
        """The free time that a form names.

        :raise UserError: if it is not free, or no time
        :return: ``(start, technician)``
        """
        self.ensure_one()
        try:
            start = datetime.strptime(str(key or ""), SLOT_FORMAT)
        except ValueError:
            start = None
        if not start:
            raise UserError(self.env._("Please choose one of the free times."))
        technician = None
        earliest, latest = self._get_portal_horizon(self.ticket_id)
        if earliest <= start <= latest:
            first, last = self._get_day_bounds(self.company_id._support_day(start))
            technician = self._get_portal_slots(first, last).get(start)
        if not technician:
            raise UserError(
                self.env._(
                    "This time has just been taken. Please choose another one: these "
                    "are free now."
                )
            )
        return start, technician

    def _get_portal_slot_days(self, day=None):
        """Free times as a page shows them: the next days that have some.

        :param date day: local day to begin with, default: the first possible
        :return: dict: ``days``, a list of dicts with ``label`` and ``slots`` (``key``
            and ``label``); ``first``, the first moment, or None; ``more``, the local
            day on which to look further, or None; ``why``, without any day the reason
            and what to do instead
        """
        self.ensure_one()
        company = self.company_id
        earliest, latest = self._get_portal_horizon(self.ticket_id)
        horizon = company._support_day(earliest), company._support_day(latest)
        day = min(max(day or horizon[0], horizon[0]), horizon[1])
        until = min(day + timedelta(days=LOOKED_DAYS - 1), horizon[1])
        found = self._get_portal_slots(
            self._get_day_bounds(day)[0], self._get_day_bounds(until)[1]
        )
        days = {}
        for start in found:
            days.setdefault(company._support_day(start), []).append(start)
        shown = dict(list(days.items())[:SHOWN_DAYS])
        following = (max(shown) if len(days) > len(shown) else until) + timedelta(1)
        return {
            "days": [
                {
                    "label": self._format_portal_day(local),
                    "slots": [
                        {
                            "key": start.strftime(SLOT_FORMAT),
                            "label": self._format_portal_time(start),
                        }
                        for start in starts
                    ],
                }
                for local, starts in shown.items()
            ],
            "first": next(iter(found), None),
            "more": following if following <= horizon[1] else None,
            "why": "" if shown else self._explain_no_slot(day, until),
        }

    def _explain_no_slot(self, first_day, last_day):
        """Why no time can be chosen between two local days, and what to do instead."""
        technicians = self._get_portal_technicians()
        if not technicians:
            return self.env._(
                "Nobody can be booked for this ticket yet. Please write to us in the "
                "ticket: we find a date with you."
            )
        earliest, latest = self._get_portal_horizon(self.ticket_id)
        if earliest >= latest:
            return self.env._(
                "The contract's notice is longer than the %s days that can be booked "
                "here. Please write to us in the ticket: we find a date with you.",
                HORIZON_DAYS,
            )
        first = _round_up(max(self._get_day_bounds(first_day)[0], earliest))
        last = min(self._get_day_bounds(last_day)[1], latest)
        if any(self._get_free_slots(technicians, GRID, first, last).values()):
            return self.env._(
                "No free time is long enough in these weeks. Please choose less time "
                "or later days, or write to us in the ticket."
            )
        free = self._get_free_time(technicians, first, last, ignore=self)
        if any(slots.starts(stretches, GRID) for stretches in free.values()):
            return self.env._(
                "In these weeks nobody is free in the hours that your contract covers. "
                "Please look at later days, or write to us in the ticket."
            )
        if self.env["res.company"]._support_now() < earliest and (
            first_day == self.company_id._support_day(earliest)
        ):
            return self.env._(
                "With the notice that the contract agrees, dates begin on %s, and "
                "nobody is free in the weeks after it. Please look at later days, or "
                "write to us in the ticket.",
                format_date(self.env, first_day),
            )
        return self.env._(
            "Nobody is free in these weeks. Please look at later days, or write to us "
            "in the ticket."
        )

    def _get_day_bounds(self, day):
        """A local day as naive UTC moments, its midnight and the next."""
        zone = pytz.timezone(self.company_id.support_tz or "UTC")
        return [
            zone.localize(datetime.combine(local, time.min))
            .astimezone(pytz.utc)
            .replace(tzinfo=None)
            for local in (day, day + timedelta(days=1))
        ]

    def _format_portal_day(self, day, with_year=False):
        """A day with its name, as it stands at the beginning of a line."""
        text = day_names.format_weekday(day, get_lang(self.env).code, with_year)
        return text[:1].upper() + text[1:]

    def _format_portal_time(self, moment):
        zone = self.company_id.support_tz
        return format_time(self.env, moment, tz=zone, time_format="short")

    # ------------------------------------------------------------------
    # Planned, moved, cancelled
    # ------------------------------------------------------------------

    def _plan_by_portal(self, technician, start, minutes):
        """Plan at a free time that was just found; everything else is looked at and
        locked as for anybody who plans."""
        self.ensure_one()
        self._plan(
            technician,
            start,
            start + timedelta(minutes=minutes),
            estimate=self.estimate_minutes or minutes,
        )
        self.message_subscribe(technician.partner_id.ids)

    def _get_portal_change(self, user):
        """What ``user`` may change of this work now.

        :return: ``(move, cancel, why not)``: two booleans, and a sentence if something
            is planned that cannot be changed
        """
        self.ensure_one()
        ticket = self.ticket_id
        if self.state not in ("requested", "planned") or (
            not ticket._support_is_own(user)
        ):
            return False, False, ""
        contract = ticket.support_contract_id
        if contract and not contract._may_book(user.partner_id):
            return (
                False,
                False,
                self.env._(
                    "Only those whom contract %s names move or cancel interventions.",
                    contract.name,
                ),
            )
        if self.state == "requested":
            # nobody waits yet
            return False, True, ""
        if not self._is_portal_change_open():
            return (
                False,
                False,
                self.env._("To move or cancel this intervention, please call us."),
            )
        if ticket._support_get_booking_term("portal_booking") != "book":
            return (
                False,
                True,
                self.env._(
                    "To move it, please write to us in the ticket: we find another "
                    "date with you."
                ),
            )
        return True, True, ""

    def _get_portal_change_until(self):
        """The last moment (naive UTC) at which the customer moves or cancels, or None
        if he always calls."""
        self.ensure_one()
        hours = self.ticket_id._support_get_booking_term("portal_change_hours")
        if not hours or not self.planned_start:
            return None
        return self.planned_start - timedelta(hours=hours)

    def _is_portal_change_open(self):
        self.ensure_one()
        until = self._get_portal_change_until()
        return bool(until) and self.env["res.company"]._support_now() <= until

    def _lock_for_portal(self, user):
        """The work as it is now, as ``user`` changes it; nobody else changes it before
        this transaction ends."""
        self.ensure_one()
        # callers check what he may do just after
        work = self.with_user(user).sudo()
        work._lock()
        work.invalidate_recordset()
        return work

    def _move_by_portal(self, user, slot):
        """Move planned work to another free time.

        :param str slot: key of a free time, as the page offered it
        :raise UserError: if it is too late, he may not, or the time is not free
        """
        work = self._lock_for_portal(user)
        move, _cancel, why_not = work._get_portal_change(user)
        if not move:
            raise UserError(
                why_not or self.env._("This intervention cannot be moved any more.")
            )
        start, technician = work._find_portal_slot(slot)
        work._plan_by_portal(technician, start, work._get_portal_length())

    def _cancel_by_portal(self, user, reason):
        """Cancel work that has not begun; what is held for it is free again.

        :raise UserError: without a reason, if it is too late, or he may not
        """
        work = self._lock_for_portal(user)
        _move, cancel, why_not = work._get_portal_change(user)
        if not cancel:
            raise UserError(
                why_not or self.env._("This intervention cannot be cancelled any more.")
            )
        reason = " ".join((reason or "").split())[:REASON_LENGTH]
        if not reason:
            raise UserError(self.env._("Please say why you cancel."))
        work._cancel(reason)
        technician = work.user_id.partner_id
        if technician:
            work.message_post(
                body=work.with_context(lang=technician.lang).env._(
                    "The customer has cancelled: %s", reason
                ),
                partner_ids=technician.ids,
                subtype_xmlid="mail.mt_note",
            )


def _round_up(moment):
    """The next point of the grid, so that what is offered does not depend on the
    second in which somebody looks."""
    rest = timedelta(
        minutes=moment.minute % GRID,
        seconds=moment.second,
        microseconds=moment.microsecond,
    )
    return moment + (timedelta(minutes=GRID) - rest if rest else timedelta())
