# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import uuid

from odoo import fields
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.helpdesk_mgmt.controllers.myaccount import CustomerPortalHelpdesk

from .helpdesk_ticket import LIMIT_HOURS, REASON_MAX_LENGTH
from .news import get_told
from .support_portal import SupportPortal
from .tools import parse_record_id, strip_nul
from .uploads import (
    check_uploads,
    describe_upload_limits,
    get_upload_limits,
    get_uploads,
)

#: the forms of a ticket's page; each is sent once
FORMS = ("files", "price", "reopen", "rate")


class SupportCustomerPortal(SupportPortal, CustomerPortalHelpdesk):
    @route()
    def portal_my_tickets(
        self,
        page=1,
        date_begin=None,
        date_end=None,
        sortby=None,
        filterby=None,
        search=None,
        search_in=None,
        groupby=None,
        **kw,
    ):
        """Take unknown choices for no choice: helpdesk_mgmt answers them by a crash."""
        date_begin = self._parse_portal_date(date_begin)
        date_end = self._parse_portal_date(date_end)
        response = super().portal_my_tickets(
            page=parse_record_id(page) or 1,
            date_begin=date_begin if date_end else None,
            date_end=date_end if date_begin else None,
            sortby=self._known_choice(sortby, self._ticket_get_searchbar_sortings()),
            filterby=filterby,
            search=strip_nul(search),
            search_in=self._known_choice(
                search_in, self._ticket_get_searchbar_inputs()
            ),
            groupby=self._known_choice(groupby, self._ticket_get_searchbar_groupby()),
            **kw,
        )
        self._name_searchbars(response.qcontext)
        return response

    def _name_searchbars(self, values):
        """Say the choices of the list in words of our own: those in the code of
        helpdesk_mgmt are not translated into every language, and only it could."""
        names = {
            "searchbar_sortings": {
                "date": request.env._("Newest"),
                "name": request.env._("Title"),
                "stage": request.env._("Ticket stage"),
                "update": request.env._("Latest change of stage"),
            },
            "searchbar_filters": {"all": request.env._("All")},
            "searchbar_groupby": {
                "none": request.env._("None"),
                "category": request.env._("Request type"),
                "stage": request.env._("Ticket stage"),
            },
            "searchbar_inputs": {
                "all": request.env._("Search in All"),
                "number": request.env._("Search in Number"),
                "name": request.env._("Search in Title"),
            },
        }
        for bar, labels in names.items():
            for name, choice in values.get(bar, {}).items():
                choice["label"] = labels.get(name, choice["label"])

    def _ticket_get_searchbar_inputs(self):
        """Tickets are found by the contract that covers them, too."""
        return super()._ticket_get_searchbar_inputs() | {
            "contract": {
                "input": "contract",
                "label": request.env._("Search in Contract"),
                "order": 4,
            }
        }

    def _ticket_get_search_domain(self, search_in, search):
        if search_in != "contract":
            return super()._ticket_get_search_domain(search_in, search)
        # with the reader's own rights
        contracts = request.env["support.contract"].search(
            Domain("name", "=", search) | Domain("name", "ilike", search)
        )
        exact = contracts.filtered(lambda contract: contract.name == search)
        return [("support_contract_id", "in", (exact or contracts).ids)]

    @route()
    def portal_my_ticket(self, ticket_id, access_token=None, **kw):
        """Show a ticket without leaving permanent links to its files behind.

        Replaces helpdesk_mgmt's method, which gives each file a token without end as
        soon as somebody looks at the ticket. The page uses the links that core makes
        for files in the chatter: they expire, and nothing is stored.
        """
        if access_token and not access_token.isascii():
            access_token = None
        try:
            ticket_sudo = self._document_check_access(
                "helpdesk.ticket", ticket_id, access_token=access_token
            )
        except (AccessError, MissingError):
            return request.redirect("/my")
        values = self._ticket_get_page_view_values(ticket_sudo, access_token, **kw)
        return request.render("helpdesk_mgmt.portal_helpdesk_ticket_page", values)

    def _ticket_get_page_view_values(self, ticket, access_token, **kwargs):
        values = super()._ticket_get_page_view_values(ticket, access_token, **kwargs)
        values["closed_stages"] = ticket._support_get_portal_closing_stages(
            request.env.user
        )
        values["portal_attachments"] = ticket._support_get_portal_attachments()
        # in the reader's language and zone; who may read it was checked
        shown = ticket.with_context(**request.env.context)
        values["support_page"] = shown._support_get_portal_page(request.env.user)
        values["form_keys"] = {name: str(uuid.uuid4()) for name in FORMS}
        values["reason_max_length"] = REASON_MAX_LENGTH
        values["max_upload_size"] = get_upload_limits()["size"]
        values["upload_limits"] = describe_upload_limits()
        values["limit_hours_max"] = LIMIT_HOURS
        values["error"] = None
        values["news"] = self._get_ticket_news(get_told())
        if not access_token:
            # The neighbours' tokens would outlive the reader's own rights.
            for name in ("prev_record", "next_record"):
                if values.get(name):
                    values[name] = values[name].partition("?")[0]
        return values

    # ------------------------------------------------------------------
    # What the customer does on the page
    # ------------------------------------------------------------------

    def _get_ticket_news(self, said):
        """What has just been done, in words."""
        return {
            "sent": request.env._("Thank you: we have your ticket."),
            "files": request.env._("Thank you: we have your files."),
            "accepted": request.env._("Thank you: you have accepted the price."),
            "declined": request.env._("You have refused the price. We are told."),
            "closed": request.env._("The ticket is closed."),
            "reopened": request.env._("The ticket is open again."),
            "rated": request.env._("Thank you for your rating."),
        }.get(said)

    def _act_on_ticket(self, ticket_id, kw, act, said):
        """Do something on a ticket of the user's own company, once per form.

        :param act: function of the ticket, with all rights but as the user; it may
            return what is said instead
        :param str said: what the page says then, see :meth:`_get_ticket_news`
        """
        found = self._get_support_record("helpdesk.ticket", ticket_id)
        user = request.env.user
        if not found or not found._support_is_own(user):
            return request.redirect("/my")
        # His company's ticket, found with his own rights. He may not write tickets:
        # the methods below check what he may do on it.
        ticket = request.env["helpdesk.ticket"].sudo().browse(found.id)

        def go():
            done = act(ticket) or said
            request.env.flush_all()
            return f"/my/ticket/{ticket.id}?said={done}"

        def show_error(error):
            request.env.invalidate_all()
            values = self._ticket_get_page_view_values(found, None)
            values["error"] = error
            return request.render("helpdesk_mgmt.portal_helpdesk_ticket_page", values)

        return self._submit_once(kw, go, show_error)

    @staticmethod
    def _get_text(kw, name):
        return strip_nul(str(kw.get(name) or "")).strip()[:REASON_MAX_LENGTH]

    @route(
        "/my/ticket/<int:ticket_id>/files",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_send_ticket_files(self, ticket_id, **kw):
        """Send files that the ticket waits for, as a message of the user."""

        def act(ticket):
            uploads = get_uploads()
            error = check_uploads(uploads)
            if not uploads:
                error = request.env._("Please choose a file first.")
            if error:
                raise UserError(error)
            ticket._support_post_for_customer(
                self._get_text(kw, "message"),
                [(upload.filename, upload.stream.read()) for upload in uploads],
            )

        return self._act_on_ticket(ticket_id, kw, act, "files")

    @route(
        "/my/ticket/<int:ticket_id>/price",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_answer_ticket_price(self, ticket_id, **kw):
        """Accept or refuse a price that was offered on the ticket."""

        def act(ticket):
            offer = ticket.support_acceptance_ids.filtered(
                lambda price: price.id == parse_record_id(kw.get("price"))
            )
            if not offer or ticket.closed:
                raise UserError(request.env._("This price is no longer offered."))
            if kw.get("answer") == "decline":
                offer._decline_by_customer()
                return "declined"
            if kw.get("answer") != "accept":
                raise UserError(request.env._("Please accept or refuse the price."))
            limit = None
            if kw.get("limit_hours") and not offer.limit_minutes:
                hours = parse_record_id(kw["limit_hours"]) or 0
                if hours not in range(1, LIMIT_HOURS + 1):
                    raise UserError(
                        request.env._(
                            "At the most: please enter a whole number of hours from 1 "
                            "to %(count)s, or nothing.",
                            count=LIMIT_HOURS,
                        )
                    )
                limit = 60 * hours
            offer._accept_by_customer(limit)
            return "accepted"

        return self._act_on_ticket(ticket_id, kw, act, "accepted")

    @route(
        "/my/ticket/<int:ticket_id>/reopen",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_reopen_ticket(self, ticket_id, **kw):
        """Reopen a closed ticket; what it takes must be confirmed."""

        def act(ticket):
            ticket._support_reopen_by_customer(
                self._get_text(kw, "reason"), bool(kw.get("confirm"))
            )

        return self._act_on_ticket(ticket_id, kw, act, "reopened")

    @route(
        "/my/ticket/<int:ticket_id>/rate",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_rate_ticket(self, ticket_id, **kw):
        """Say how satisfied the customer was."""

        def act(ticket):
            ticket._support_rate_by_customer(
                parse_record_id(kw.get("grade")), self._get_text(kw, "comment")
            )

        return self._act_on_ticket(ticket_id, kw, act, "rated")

    @staticmethod
    def _known_choice(choice, choices):
        return choice if choice in choices else None

    @staticmethod
    def _parse_portal_date(value):
        """Return the moment as the ORM writes it, or None."""
        try:
            moment = fields.Datetime.to_datetime(value)
        except (TypeError, ValueError):
            return None
        if not moment or moment.year < 1900:
            return None
        return fields.Datetime.to_string(moment)
