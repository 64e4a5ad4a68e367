# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain

#: days in which the customer is reminded of the sheet of a visit
REMINDED_DAYS = 60

#: what the list shows, by name of the filter
FILTERS = ("coming", "done", "unsigned", "cancelled")
COMING = ("requested", "planned", "progress")


class SupportIntervention(models.Model):
    """What the customer's pages show of his interventions: plain texts in the reader's
    language and the company's time zone.

    The portal rule shows work that is done. What is asked for, planned or cancelled is
    not opened to remote calls, where a half-written report could be read: who reads its
    ticket, and belongs to its customer, sees of it what these methods give.
    """

    _inherit = "support.intervention"

    # ------------------------------------------------------------------
    # Which
    # ------------------------------------------------------------------

    def _get_portal_url(self):
        self.ensure_one()
        return f"/my/support/interventions/{self.id}"

    @api.model
    def _get_portal_domain(self):
        """The user's own customer's work: what is done as the portal rule says, the
        rest by its tickets. A user who works for another company now, or only follows
        a ticket, is not shown anything."""
        customer = self.env.user.commercial_partner_id
        tickets = self.env["helpdesk.ticket"].with_context(active_test=False)
        return Domain("commercial_partner_id", "=", customer.id) & (
            Domain("id", "in", self._search([("state", "=", "done")]))
            | (
                Domain("state", "!=", "done")
                & Domain("ticket_id", "in", tickets._search([]))
            )
        )

    @api.model
    def _find_for_portal(self, record_id):
        """The work with all rights if the user may see its page, else None. Not there
        and not his get the same answer."""
        if self.env.user._is_internal():
            # who plans it may look at the customer's page
            work = self.search([("id", "=", record_id)])
        else:
            # the domain is the check
            work = self.sudo().search(
                self._get_portal_domain() & Domain("id", "=", record_id)
            )
        # found by one of the two checks
        return work.sudo() or None

    @api.model
    def _get_contract_domain(self, contract):
        """Work under a contract: what is done as it was drawn, what is to come as its
        ticket is covered. The caller has checked that the reader reads it."""
        return Domain("contract_id", "=", contract.id) | (
            Domain("state", "!=", "done")
            & Domain("contract_id", "=", False)
            & Domain("ticket_id.support_contract_id", "=", contract.id)
        )

    @api.model
    def _get_filter_domain(self, name):
        return {
            "coming": Domain("state", "in", COMING),
            "done": Domain("state", "=", "done"),
            "unsigned": self._get_unsigned_domain(),
            "cancelled": Domain("state", "=", "cancelled"),
        }[name]

    @api.model
    def _get_unsigned_domain(self, company=None):
        """Visits that the customer has not signed for. Other work may be signed as
        well, but nobody is reminded of it.

        :param company: whose day it is; by default the reader's
        """
        company = company or self.env.company
        first_day = company._support_day() - timedelta(days=REMINDED_DAYS)
        return (
            Domain("state", "=", "done")
            & Domain("signed_on", "=", False)
            & Domain("work_mode_id.on_site", "=", True)
            & Domain("day", ">=", first_day)
        )

    # ------------------------------------------------------------------
    # The list
    # ------------------------------------------------------------------

    def _get_portal_rows(self):
        """The lines of the list; the caller has checked what may be shown.

        :return: list of dicts of texts
        """
        states = dict(self._fields["state"]._description_selection(self.env))
        unsigned = self & self.search(
            Domain("id", "in", self.ids) & self._get_unsigned_domain()
        )
        return [
            {
                "name": work.name,
                "url": work._get_portal_url(),
                "state": work.state,
                "state_text": states[work.state],
                "ticket": work.ticket_id.number or "",
                "when": work._get_portal_when(),
                "mode": work.work_mode_id.name,
                "technician": work.user_id.name or "",
                "length": work._format_sheet_minutes(work.billable_minutes)
                if work.state == "done"
                else "",
                "drawn": self.env._("taken: %s", work.drawn) if work.drawn else "",
                "unsigned": work in unsigned,
            }
            for work in self
        ]

    def _get_portal_when(self):
        """Day and time: really, else as planned, else when it was asked for."""
        self.ensure_one()
        if self.state == "done" or self.start:
            return self._format_portal_span(self.start, self.end)
        if self.planned_start:
            return self._format_portal_span(self.planned_start, self.planned_end)
        asked = self.requested_on or self.create_date
        return self.env._("Asked for on %s", self._format_sheet_moment(asked))

    def _format_portal_span(self, start, end):
        if not start:
            return ""
        company = self.company_id
        day = self._format_portal_day(company._support_day(start), with_year=True)
        times = self._format_portal_time(start)
        if end:
            times = f"{times} – {self._format_portal_time(end)}"
        return f"{day}, {times}"

    # ------------------------------------------------------------------
    # One of them
    # ------------------------------------------------------------------

    def _get_portal_page(self, user):
        """What the page of this work shows ``user``; the caller has checked that he
        may see it.

        :return: dict of texts and booleans
        """
        self.ensure_one()
        ticket = self.ticket_id
        # the links of the page lead only where he may go
        reads_ticket = ticket.with_user(user).has_access("read")
        states = dict(self._fields["state"]._description_selection(self.env))
        move, cancel, why_not = self._get_portal_change(user)
        until = self._get_portal_change_until()
        live = self.state in COMING
        return {
            "name": self.name,
            "url": self._get_portal_url(),
            "state": self.state,
            "state_text": states[self.state],
            "ticket": f"{ticket.number} {ticket.name}",
            "ticket_url": f"/my/ticket/{ticket.id}" if reads_ticket else "",
            "when": self._get_portal_when(),
            "length": self._format_sheet_minutes(self._get_portal_length())
            if live
            else "",
            "technician": self.user_id.name or "",
            "mode": self.work_mode_id.name,
            "where": (self._get_event_location() or "") if live else "",
            "takes": self._get_portal_takes(user) if live else [],
            "zone": self.company_id.support_tz,
            "can_move": move,
            "can_cancel": cancel,
            "why_not": why_not,
            "change_until": self.env._(
                "You can change it here until %s. Later, please call us.",
                self._format_sheet_moment(until),
            )
            if until and (move or cancel)
            else "",
            **self._get_portal_sheet(user),
        }

    def _get_portal_takes(self, reader):
        """What work that is still to come takes, in sentences; they name prices, which
        technicians do not see."""
        self.ensure_one()
        if self.env["support.contract"]._hides_prices(reader):
            return []
        if self.held:
            return [self.env._("%s are kept for it.", self.held)]
        if self.state == "progress":
            return []
        return self._get_forecast()["lines"]

    def _get_portal_sheet(self, user):
        """The sheet of work that is done, in the customer's language, and what the
        reader may do with it."""
        self.ensure_one()
        if self.state != "done":
            return {"sheet": None, "can_sign": False}
        _lang, values = self._get_sheet()
        return {
            "sheet": values,
            "digest": self._get_sheet_digest(),
            "signature": self._get_sheet_signature(),
            "can_sign": not self.signed_on and self._may_sign_by_portal(user),
            "sheet_url": f"{self._get_portal_url()}/sheet",
            # printed by a job right after it was signed
            "sheet_ready": not self.sheet_due,
        }

    def _may_sign_by_portal(self, user):
        """Whether ``user`` belongs to the customer."""
        self.ensure_one()
        customer = user.commercial_partner_id
        return user._is_portal() and customer == self.commercial_partner_id

    # ------------------------------------------------------------------
    # The sheet as PDF
    # ------------------------------------------------------------------

    def _get_sheet_key(self):
        """What tells whether the sheet still says what was printed."""
        self.ensure_one()
        lang, _values = self._get_sheet()
        return f"intervention:{self.id}:{lang}:{self._get_sheet_digest()}"

    def _ask_sheet(self, user):
        """The document of a sheet that is not signed; another state of the work is
        another document.

        :raise UserError: if the work is not done
        """
        self.ensure_one()
        if self.state != "done":
            self._check_to_sign()
        lang, _values = self._get_sheet()
        return self.env["support.document"]._ask(
            self._get_sheet_key(),
            {
                "name": self._get_sheet_filename(),
                "kind": "intervention",
                "company_id": self.company_id.id,
                "commercial_partner_id": self.commercial_partner_id.id,
                "contract_id": self.contract_id.id,
                "intervention_id": self.id,
                "lang": lang,
            },
            user.partner_id,
        )
