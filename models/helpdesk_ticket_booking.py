# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ..tools import cover

#: minutes that are offered for work
LENGTHS = (30, 60, 90, 120, 180, 240)
#: work without a date, or with one still to come, that a customer may have at once
OPEN_LIMIT = 10
#: without a contract customers ask for a date, and change it as the default says
WITHOUT_CONTRACT = {"portal_booking": "ask", "portal_change_hours": 24}


class HelpdeskTicket(models.Model):
    """The customer comes to a date for work on his ticket: asks for one, or books a
    free time, as his contract says."""

    _inherit = "helpdesk.ticket"

    # ------------------------------------------------------------------
    # Who, and how
    # ------------------------------------------------------------------

    def _support_get_booking_term(self, name):
        """``portal_booking`` or ``portal_change_hours``, as agreed."""
        self.ensure_one()
        contract = self.sudo().support_contract_id  # a term, told to its customer
        return contract[name] if contract else WITHOUT_CONTRACT[name]

    def _support_get_booking(self, user):
        """How ``user`` comes to a date for work on this ticket.

        What has to be quoted first is not booked: a planner looks at it.

        :return: ``(way, why not)``; ``way`` is ``book``, ``ask`` or ``none``, and only
            then there is a sentence for the customer
        """
        self.ensure_one()
        # the customer's own ticket and contract; only sentences leave this method
        ticket = self.sudo()
        refusal = ticket._support_refuse_booking(user)
        if refusal:
            return "none", refusal
        way = ticket._support_get_booking_term("portal_booking")
        if way == "book" and ticket.support_treatment == cover.QUOTED:
            way = "ask"
        return way, ""

    def _support_refuse_booking(self, user):
        if not self._support_is_own(user):
            return self.env._("Only the customer asks for an intervention.")
        if (
            self.closed
            or not self.active
            or self.support_rejected
            or not self.support_cover_confirmed
        ):
            return self.env._(
                "No intervention can be booked for this ticket now. Please write to us "
                "in the ticket."
            )
        if self._support_get_booking_term("portal_booking") == "none":
            return self.env._(
                "Interventions are agreed in person: please call us, or write in the "
                "ticket."
            )
        contract = self.support_contract_id
        if contract and not contract._may_book(user.partner_id):
            return self.env._(
                "Only those whom contract %s names ask for interventions. Please ask a "
                "colleague to do it.",
                contract.name,
            )
        count = self.env["support.intervention"].search_count(
            [
                ("commercial_partner_id", "=", user.commercial_partner_id.id),
                ("state", "in", ("requested", "planned")),
                ("company_id", "=", self.company_id.id),
            ],
            limit=OPEN_LIMIT,
        )
        if count >= OPEN_LIMIT:
            return self.env._(
                "You have %s interventions open already: please wait for one of them, "
                "or call us.",
                count,
            )
        return ""

    # ------------------------------------------------------------------
    # What is offered
    # ------------------------------------------------------------------

    def _support_get_booking_modes(self):
        """The work modes of the ticket's company, the ticket's own first."""
        self.ensure_one()
        modes = self.env["support.work.mode"].search(
            [("company_id", "in", [False, self.company_id.id])]
        )
        own = self.support_work_mode_id & modes
        return own + (modes - own)

    def _support_get_booking_lengths(self, mode):
        """Minutes that are offered for work in ``mode``; less than its minimum would
        be drawn as the minimum all the same."""
        self.ensure_one()
        terms = self.support_contract_id.work_mode_terms_ids.filtered(
            lambda terms: terms.work_mode_id == mode
        )
        least = (terms[:1] or mode).minimum_minutes
        return [minutes for minutes in LENGTHS if minutes >= least] or [least]

    def _support_get_technicians(self):
        """Who may do the work: who has the ticket, else its team, else everybody who
        works on tickets of the company."""
        self.ensure_one()

        company = self.company_id

        def can_work(user):
            return user.active and not user.share and company in user.company_ids

        # who the colleagues are is looked up for whoever asks for a date; he gets to
        # know the name of the one who comes
        ticket = self.sudo()
        works = self.env["support.intervention"]
        return (
            ticket.user_id.filtered(can_work)
            or ticket.team_id.user_ids.filtered(can_work)
            or works._get_company_technicians(company).sudo()
        )

    def _support_think_work(self, mode, minutes, start=None):
        """Work that is only thought of, to ask it for free times and what it takes."""
        self.ensure_one()
        values = {
            "name": self.name,
            "ticket_id": self.id,
            "work_mode_id": mode.id,
            "estimate_minutes": minutes,
            "user_id": False,
        }
        if start:
            values["planned_start"] = start
        # nothing is stored
        return self.env["support.intervention"].sudo().new(values)

    # ------------------------------------------------------------------
    # Asked for and booked
    # ------------------------------------------------------------------

    def _support_check_booking(self, user, way, mode, minutes):
        """:raise UserError: unless ``user`` comes to a date in this ``way`` and was
        offered these values"""
        self._support_lock()
        self._support_lock_customer()
        allowed, refusal = self._support_get_booking(user)
        if allowed != way:
            raise UserError(
                refusal
                or self.env._("This page has changed meanwhile: please look again.")
            )
        if mode not in self._support_get_booking_modes() or (
            minutes not in self._support_get_booking_lengths(mode)
        ):
            raise UserError(
                self.env._("Please choose the kind of work and how long it takes.")
            )

    def _support_lock_customer(self):
        """What a customer has open is counted over all his tickets: his bookings wait
        for each other, as in :meth:`_support_lock`."""
        self.env.cr.execute(
            SQL(
                "UPDATE res_partner SET write_date = write_date WHERE id = %s",
                self.partner_id.commercial_partner_id.id,
            )
        )

    def _support_book(self, user, name, mode, minutes, slot):
        """Reserve a free time: technician, calendar and balance, in one step.

        The times are looked up again; a time that somebody else has taken meanwhile is
        none of them.

        :param user: the customer's portal user
        :param str name: what is to be done
        :param str slot: key of a free time, as the page offered it
        :raise UserError: if he may not, the time is not free, or nothing covers it
        :return: the work
        """
        self.ensure_one()
        # checked line by line below: portal users have no right to write work
        ticket = self.with_user(user).sudo()
        ticket._support_check_booking(user, "book", mode, minutes)
        thought = ticket._support_think_work(mode, minutes)
        start, technician = thought._find_portal_slot(slot)
        work = (
            ticket.sudo(False)
            ._support_request_intervention(name, minutes, mode=mode)
            .sudo()
        )
        work._plan_by_portal(technician, start, minutes)
        return work

    def _support_ask_date(self, user, name, mode, minutes, day=None, wish=""):
        """Ask for a date, which a planner finds.

        :param date day: when it would suit, if any
        :param str wish: the same in the customer's words
        :raise UserError: if he may not, or a value makes no sense
        :return: the work
        """
        self.ensure_one()
        # checked below, as above
        ticket = self.with_user(user).sudo()
        ticket._support_check_booking(user, "ask", mode, minutes)
        if day:
            ticket._support_check_wished_day(day)
            wish = f"{format_date(self.env, day)} {wish}".strip()
        return (
            ticket.sudo(False)
            ._support_request_intervention(name, minutes, mode=mode, wish=wish)
            .sudo()
        )

    def _support_check_wished_day(self, day):
        """:raise UserError: if the day lies before what the notice leaves, or too far
        ahead"""
        first, last = self._support_get_wished_days()
        if not first <= day <= last:
            raise UserError(
                self.env._(
                    "Please wish for a day from %(first)s to %(last)s.",
                    first=format_date(self.env, first),
                    last=format_date(self.env, last),
                )
            )

    def _support_get_wished_days(self):
        """First and last local day that may be wished for."""
        self.ensure_one()
        first, last = self.env["support.intervention"]._get_portal_horizon(self)
        return self.company_id._support_day(first), self.company_id._support_day(last)
