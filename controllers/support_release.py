# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Releases of the customer's software, and their files."""

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import pager as portal_pager

from .support_portal import SupportPortal
from .tools import parse_record_id

PAGE_SIZE = 20
URL = "/my/support/releases"


class SupportReleasePortal(SupportPortal):
    def _get_own_releases(self):
        """``(installations, domain of their releases)`` with all rights: portal users
        read neither, and these are the customer's own."""
        user = request.env.user
        releases = request.env["support.release"].with_user(SUPERUSER_ID)
        installations = releases._get_portal_installations(
            user.commercial_partner_id, user.company_ids
        )
        return installations, releases._get_portal_domain(installations)

    @route(
        [URL, f"{URL}/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def portal_releases(self, page=1, **kw):
        """The published releases of what the customer has, newest first."""
        return self._show_releases(parse_record_id(page) or 1)

    def _show_releases(self, page=1, error=None):
        installations, domain = self._get_own_releases()
        releases = request.env["support.release"].with_user(SUPERUSER_ID)
        pager = portal_pager(
            url=URL, total=releases.search_count(domain), page=page, step=PAGE_SIZE
        )
        found = releases.search(domain, limit=PAGE_SIZE, offset=pager["offset"])
        return request.render(
            "support_contract.portal_releases",
            self._prepare_support_values(
                "support_releases",
                crumbs=[(request.env._("Releases"), None)],
                releases=found._get_portal_rows(installations),
                has_installations=bool(installations),
                pager=pager,
                error=error,
            ),
        )

    @route(
        f"{URL}/<int:release_id>/files/<int:file_id>",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_download_release(self, release_id, file_id, **kw):
        """Give a file, if the customer is entitled to it today, and log it.

        Each time anew: a download that is repeated is another one, and the link of the
        first would be dead."""
        _installations, domain = self._get_own_releases()
        releases = request.env["support.release"].with_user(SUPERUSER_ID)
        # of others, withdrawn, unknown: the same answer
        release = releases.search(domain & Domain("id", "=", release_id))
        file = release.file_ids.filtered(lambda item: item.id == file_id)
        if not file:
            return request.redirect("/my")
        try:
            with request.env.cr.savepoint():
                url = release._download(file, request.env.user)
        except UserError as error:
            return self._show_releases(error=error.args[0])
        return request.redirect(url)
