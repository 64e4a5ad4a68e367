# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The customer's interventions: what is planned, what was done, its sheet, and dates
that are asked for, booked, moved and cancelled."""

from datetime import date
from urllib.parse import urlencode

from psycopg2.errors import ExclusionViolation

from odoo.exceptions import ConcurrencyError, UserError
from odoo.http import request, route

from odoo.addons.helpdesk_mgmt.controllers.myaccount import CustomerPortalHelpdesk
from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..models.support_intervention_booking import REASON_LENGTH
from ..models.support_intervention_portal import COMING, FILTERS
from ..tools import signature as signatures
from .news import get_told
from .support_portal import SupportPortal
from .support_sign import get_changed_error, get_signature_error
from .tools import parse_record_id, strip_nul

PAGE_SIZE = 20
NAME_LENGTH = 200
WISH_LENGTH = 1000
LIST = "/my/support/interventions"
ORDERS = {"coming": "planned_start, id"}


def _page(path, **options):
    return route(path, type="http", auth="user", website=True, **options)


class SupportBookingTicketPage(CustomerPortalHelpdesk):
    def _ticket_get_page_view_values(self, ticket, access_token, **kwargs):
        """Offer the way to a date, if the reader has one."""
        values = super()._ticket_get_page_view_values(ticket, access_token, **kwargs)
        user = request.env.user
        way, why_not = ticket._support_get_booking(user)
        asks = ticket._support_is_own(user) and not ticket.closed
        return values | {
            "support_booking": way if way != "none" else "",
            "support_booking_refusal": why_not if asks else "",
        }


class SupportInterventionPortal(SupportPortal):
    # ------------------------------------------------------------------
    # List
    # ------------------------------------------------------------------

    @_page([LIST, f"{LIST}/page/<int:page>"], methods=["GET"])
    def portal_my_interventions(self, page=1, filterby=None, contract=None, **kw):
        """The customer's interventions, perhaps of one of his contracts; those to come
        first, if there are any."""
        works = request.env["support.intervention"]
        if not works.has_access("read"):
            return request.redirect("/my")
        domain = works._get_portal_domain()
        arguments = {}
        if contract:
            number = parse_record_id(contract)
            # with the reader's own rights
            contract = number and self._get_support_record("support.contract", number)
            if not contract:
                return request.redirect("/my")
            domain &= works._get_contract_domain(contract)
            arguments = {"contract": contract.id}
        # the domain holds the reader's rights
        works = works.sudo()
        counts = dict(works._read_group(domain, ["state"], ["__count"]))
        totals = {
            "coming": sum(counts.get(state, 0) for state in COMING),
            "done": counts.get("done", 0),
            "unsigned": works.search_count(
                domain & works._get_filter_domain("unsigned")
            ),
            "cancelled": counts.get("cancelled", 0),
        }
        if filterby not in FILTERS:
            filterby = "coming" if totals["coming"] else "done"
        pages = portal_pager(
            LIST,
            totals[filterby],
            page=page,
            step=PAGE_SIZE,
            url_args={"filterby": filterby, **arguments},
        )
        found = works.search(
            domain & works._get_filter_domain(filterby),
            order=ORDERS.get(filterby),
            limit=PAGE_SIZE,
            offset=pages["offset"],
        )
        return request.render(
            "support_contract.portal_my_interventions",
            self._prepare_support_values(
                "support_interventions",
                crumbs=[(request.env._("Interventions"), None)],
                rows=found._get_portal_rows(),
                tabs=self._get_tabs(filterby, totals, arguments),
                contract_name=contract.display_name if contract else "",
                filterby=filterby,
                pager=pages,
                zone=found.company_id[:1].support_tz,
            ),
        )

    def _get_tabs(self, chosen, totals, arguments):
        names = {
            "coming": request.env._("To come"),
            "done": request.env._("Done"),
            "unsigned": request.env._("To sign"),
            "cancelled": request.env._("Cancelled"),
        }
        return [
            {
                "name": names[name],
                "url": f"{LIST}?{urlencode({'filterby': name, **arguments})}",
                "count": totals[name],
                "active": name == chosen,
            }
            for name in FILTERS
            if totals[name] or name in ("coming", "done", chosen)
        ]

    # ------------------------------------------------------------------
    # One intervention
    # ------------------------------------------------------------------

    def _find_work(self, work_id):
        """The work with all rights, if its page is the user's to see."""
        number = parse_record_id(work_id)
        works = request.env["support.intervention"]
        if not number or not works.has_access("read"):
            return None
        return works._find_for_portal(number)

    def _get_news(self, said):
        """What has just been done, in words."""
        return {
            "booked": request.env._("Your intervention is booked."),
            "asked": request.env._(
                "We know what you need and tell you the date that we plan."
            ),
            "moved": request.env._("Your intervention has been moved."),
            "cancelled": request.env._(
                "The intervention is cancelled. Nothing is taken for it."
            ),
            "signed": request.env._("Thank you, the sheet is signed."),
        }.get(said)

    def _show_work(self, work, error=None, signer=None, remark=""):
        user = request.env.user
        values = work._get_portal_page(user)
        return request.render(
            "support_contract.portal_my_intervention",
            self._prepare_support_values(
                "support_intervention",
                crumbs=[
                    (request.env._("Interventions"), LIST),
                    (values["name"], None),
                ],
                work=values,
                error=error,
                news=self._get_news(get_told()),
                # what the parts of the page for signing print
                values=values["sheet"],
                signer=user.name if signer is None else signer,
                remark=remark,
                name_lengths=signatures.NAME_LENGTHS,
                remark_length=signatures.REMARK_LENGTH,
            ),
        )

    @_page(f"{LIST}/<int:work_id>", methods=["GET"])
    def portal_my_intervention(self, work_id, **kw):
        """What is planned, or was done."""
        work = self._find_work(work_id)
        if not work:
            return request.redirect("/my")
        return self._show_work(work)

    @_page(f"{LIST}/<int:work_id>/sheet", methods=["GET"])
    def portal_intervention_sheet(self, work_id, **kw):
        """The signed sheet, as it was kept."""
        work = self._find_work(work_id)
        if not work:
            return request.redirect("/my")
        if not work.sheet_attachment_id:
            return request.redirect(work._get_portal_url())
        # the work was checked; the file's own link is nobody's
        stream = request.env["ir.binary"]._get_stream_from(
            work.sheet_attachment_id, "raw"
        )
        return stream.get_response(as_attachment=True)

    @_page(f"{LIST}/<int:work_id>/sheet", methods=["POST"])
    def portal_prepare_intervention_sheet(self, work_id, **kw):
        """Ask for the PDF of a sheet that is not signed."""
        work = self._find_work(work_id)
        if not work:
            return request.redirect("/my")
        return self._submit_once(
            kw,
            lambda: work._ask_sheet(request.env.user)._get_portal_url(),
            lambda error: self._show_work(work, error),
        )

    # ------------------------------------------------------------------
    # Signing
    # ------------------------------------------------------------------

    @_page(f"{LIST}/<int:work_id>/sign", methods=["POST"])
    def portal_sign_intervention(self, work_id, **kw):
        """Sign what was done, once."""
        work = self._find_work(work_id)
        if not work:
            return request.redirect("/my")
        if work.signed_on:
            # the second of two windows
            return request.redirect(work._get_portal_url())
        signer = strip_nul(kw.get("signer") or "")[: signatures.NAME_LENGTHS[1]]
        remark = strip_nul(kw.get("remark") or "")[: signatures.REMARK_LENGTH]
        return self._submit_once(
            kw,
            lambda: self._sign(work, kw, signer, remark),
            lambda error: self._show_work(work, error, signer=signer, remark=remark),
        )

    def _sign(self, work, kw, signer, remark):
        if kw.get("digest") != work._get_sheet_digest():
            raise UserError(get_changed_error())
        try:
            work._sign_by_portal(
                request.env.user,
                signer,
                kw.get("signature"),
                remark=remark,
                ip=request.httprequest.remote_addr or "",
                user_agent=request.httprequest.user_agent.string,
            )
        except signatures.SignatureError as refusal:
            raise UserError(get_signature_error(refusal.code)) from refusal
        return f"{work._get_portal_url()}?said=signed"

    # ------------------------------------------------------------------
    # Booking
    # ------------------------------------------------------------------

    @_page("/my/ticket/<int:ticket_id>/book", methods=["GET"])
    def portal_book_intervention(self, ticket_id, **kw):
        """Free times for work on a ticket, or the form to ask for a date."""
        ticket = self._find_ticket(ticket_id)
        return self._show_booking(ticket, kw) if ticket else request.redirect("/my")

    @_page("/my/ticket/<int:ticket_id>/book", methods=["POST"])
    def portal_do_book_intervention(self, ticket_id, **kw):
        """Book the time, or ask for a date, once for each form that was shown."""
        ticket = self._find_ticket(ticket_id)
        if not ticket:
            return request.redirect("/my")
        return self._submit_once(
            kw,
            lambda: self._book(ticket, kw),
            lambda error: self._show_booking(ticket, kw, error),
        )

    @_page("/my/ticket/<int:ticket_id>/book/look", methods=["POST"])
    def portal_look_at_booking(self, ticket_id, **kw):
        """The same form with another kind of work, length or other days; what was
        entered stays. Nothing is stored."""
        ticket = self._find_ticket(ticket_id)
        if not ticket:
            return request.redirect("/my")
        name, _mark, value = str(kw.pop("look", "")).partition(":")
        if name in ("mode", "minutes", "day"):
            kw[name] = value
        return self._show_booking(ticket, kw)

    def _find_ticket(self, ticket_id):
        """The ticket with all rights, as the user, if he may read it."""
        number = parse_record_id(ticket_id)
        ticket = number and self._get_support_record("helpdesk.ticket", number)
        # whoever writes a message from here on is the user
        return ticket and ticket.with_user(request.env.user).sudo()

    def _read_choice(self, ticket, kw):
        """What was chosen of what is offered; else the first."""
        modes = ticket._support_get_booking_modes()
        number = parse_record_id(kw.get("mode"))
        mode = modes.filtered(lambda mode: mode.id == number) or modes[:1]
        lengths = ticket._support_get_booking_lengths(mode)
        minutes = parse_record_id(kw.get("minutes"))
        if minutes not in lengths:
            minutes = 60 if 60 in lengths else lengths[0]
        return modes, mode, lengths, minutes

    def _book(self, ticket, kw):
        user = request.env.user
        _modes, mode, _lengths, minutes = self._read_choice(ticket, kw)
        name = " ".join(strip_nul(kw.get("name") or "").split())
        if not name or len(name) > NAME_LENGTH:
            raise UserError(
                request.env._(
                    "Please say in up to %s characters what is to be done.",
                    NAME_LENGTH,
                )
            )
        if kw.get("way") == "book":
            work = self._without_clash(
                lambda: ticket._support_book(user, name, mode, minutes, kw.get("slot"))
            )
            return f"{work._get_portal_url()}?said=booked"
        wish = strip_nul(kw.get("wish") or "")
        if len(wish) > WISH_LENGTH:
            raise UserError(
                request.env._(
                    "Please use at most %(count)s characters.", count=WISH_LENGTH
                )
            )
        day = self._parse_wished_day(kw.get("wished_day"))
        if kw.get("wished_day") and not day:
            raise UserError(request.env._("Please enter the day of your wish."))
        work = ticket._support_ask_date(user, name, mode, minutes, day, wish)
        return f"{work._get_portal_url()}?said=asked"

    def _without_clash(self, act):
        """Do ``act``. When somebody takes the same time in the same moment, Odoo
        repeats the request on a fresh view of the database, where it is taken."""
        try:
            result = act()
            request.env.flush_all()
        except ExclusionViolation as violation:
            raise ConcurrencyError("Time taken twice") from violation
        return result

    @staticmethod
    def _parse_wished_day(text):
        try:
            return date.fromisoformat(text or "")
        except (TypeError, ValueError):
            return None

    def _show_booking(self, ticket, kw, error=None):
        way, why_not = ticket._support_get_booking(request.env.user)
        modes, mode, lengths, minutes = self._read_choice(ticket, kw)
        values = {
            "way": way if mode else "none",
            "why_not": why_not,
            "ticket_name": f"{ticket.number} {ticket.name}",
            "action": f"/my/ticket/{ticket.id}/book",
            "look_action": f"/my/ticket/{ticket.id}/book/look",
            "back": f"/my/ticket/{ticket.id}",
            "zone": ticket.company_id.support_tz,
            "work_name": strip_nul(kw.get("name", ticket.name) or "")[:NAME_LENGTH],
            "name_length": NAME_LENGTH,
        }
        if values["way"] != "none":
            values |= self._prepare_choices(modes, mode, lengths, minutes)
            values |= self._prepare_days(ticket, mode, minutes, way, kw)
        return request.render(
            "support_contract.portal_book_intervention",
            self._prepare_support_values(
                "support_booking",
                crumbs=[
                    (ticket.number, values["back"]),
                    (request.env._("Book an intervention"), None),
                ],
                error=error,
                **values,
            ),
        )

    def _prepare_choices(self, modes, mode, lengths, minutes):
        """Kinds of work and lengths as buttons that show the same page again."""
        units = request.env["support.unit.mixin"]
        return {
            "mode_id": mode.id,
            "minutes": minutes,
            "modes": [
                {
                    "name": one.name,
                    "look": f"mode:{one.id}",
                    "active": one == mode,
                }
                for one in modes
            ],
            "lengths": [
                {
                    "name": units._format_in_unit(length, "time", None),
                    "look": f"minutes:{length}",
                    "active": length == minutes,
                }
                for length in lengths
            ],
        }

    def _prepare_days(self, ticket, mode, minutes, way, kw):
        """Free times, or the days that may be wished for; and what it will take."""
        thought = ticket._support_think_work(mode, minutes)
        day = self._parse_wished_day(kw.get("day"))
        values, start = {}, None
        if way == "book":
            values, start = self._prepare_slots(thought, day, kw)
        else:
            first, last = ticket._support_get_wished_days()
            values = {
                "first_day": first.isoformat(),
                "last_day": last.isoformat(),
                "wished_day": strip_nul(kw.get("wished_day") or "")[:10],
                "wish": strip_nul(kw.get("wish") or "")[:WISH_LENGTH],
                "wish_length": WISH_LENGTH,
            }
        if not start:
            start, _last = thought._get_portal_horizon(ticket)
        thought = ticket._support_think_work(mode, minutes, start)
        return values | {"forecast": thought._get_forecast()}

    def _prepare_slots(self, work, day, kw):
        found = work._get_portal_slot_days(day)
        more = found["more"]
        return {
            "days": found["days"],
            "why_no_day": found["why"],
            "slot": kw.get("slot"),
            "day": day.isoformat() if day else "",
            "later": more.isoformat() if more else "",
        }, found["first"]

    # ------------------------------------------------------------------
    # Moving and cancelling
    # ------------------------------------------------------------------

    @_page(f"{LIST}/<int:work_id>/move", methods=["GET"])
    def portal_move_intervention(self, work_id, **kw):
        """Free times to which planned work can be moved."""
        work = self._find_work(work_id)
        return self._show_move(work, kw) if work else request.redirect("/my")

    @_page(f"{LIST}/<int:work_id>/move", methods=["POST"])
    def portal_do_move_intervention(self, work_id, **kw):
        """Move it, once for each form that was shown."""
        work = self._find_work(work_id)
        if not work:
            return request.redirect("/my")

        def act():
            self._without_clash(
                lambda: work._move_by_portal(request.env.user, kw.get("slot"))
            )
            return f"{work._get_portal_url()}?said=moved"

        return self._submit_once(
            kw, act, lambda error: self._show_move(work, kw, error)
        )

    def _show_move(self, work, kw, error=None):
        page = work._get_portal_page(request.env.user)
        url = f"{page['url']}/move"
        values = {"days": [], "why_no_day": "", "later": "", "day": ""}
        if page["can_move"]:
            day = self._parse_wished_day(kw.get("day"))
            values, _start = self._prepare_slots(work, day, kw)
        elif not error:
            return request.redirect(page["url"])
        return request.render(
            "support_contract.portal_move_intervention",
            self._prepare_support_values(
                "support_move",
                crumbs=[
                    (request.env._("Interventions"), LIST),
                    (page["name"], page["url"]),
                    (request.env._("Move"), None),
                ],
                error=error,
                work=page,
                action=url,
                zone=page["zone"],
                **values,
            ),
        )

    @_page(f"{LIST}/<int:work_id>/cancel", methods=["GET"])
    def portal_cancel_intervention(self, work_id, **kw):
        """Asks why."""
        work = self._find_work(work_id)
        return self._show_cancel(work, kw) if work else request.redirect("/my")

    @_page(f"{LIST}/<int:work_id>/cancel", methods=["POST"])
    def portal_do_cancel_intervention(self, work_id, **kw):
        """Cancel it, once."""
        work = self._find_work(work_id)
        if not work:
            return request.redirect("/my")

        def act():
            work._cancel_by_portal(request.env.user, strip_nul(kw.get("reason") or ""))
            return f"{work._get_portal_url()}?said=cancelled"

        return self._submit_once(
            kw, act, lambda error: self._show_cancel(work, kw, error)
        )

    def _show_cancel(self, work, kw, error=None):
        page = work._get_portal_page(request.env.user)
        if not page["can_cancel"] and not error:
            return request.redirect(page["url"])
        return request.render(
            "support_contract.portal_cancel_intervention",
            self._prepare_support_values(
                "support_cancel",
                crumbs=[
                    (request.env._("Interventions"), LIST),
                    (page["name"], page["url"]),
                    (request.env._("Cancel"), None),
                ],
                error=error,
                work=page,
                action=f"{page['url']}/cancel",
                reason=(kw.get("reason") or "")[:REASON_LENGTH],
                reason_length=REASON_LENGTH,
            ),
        )
