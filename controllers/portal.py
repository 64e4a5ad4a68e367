# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields
from odoo.exceptions import AccessError, MissingError
from odoo.http import request, route

from odoo.addons.helpdesk_mgmt.controllers.myaccount import CustomerPortalHelpdesk

from .tools import parse_record_id, strip_nul


class SupportCustomerPortal(CustomerPortalHelpdesk):
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
        return super().portal_my_tickets(
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
        if not access_token:
            # The neighbours' tokens would outlive the reader's own rights.
            for name in ("prev_record", "next_record"):
                if values.get(name):
                    values[name] = values[name].partition("?")[0]
        return values

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
