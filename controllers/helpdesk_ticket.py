# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The portal's ticket form and close button.

System parameters that limit what the form takes (none of them has to exist):

- ``support_contract.portal_attachment_max_count``: files per ticket, 10 by default
- ``support_contract.portal_attachment_max_mb``: size of each file in MB, 20 by default;
  core's ``web.max_file_upload_size`` counts too if it is lower
- ``support_contract.portal_attachment_refused``: comma-separated endings that are
  refused, instead of the list below
"""

import os
import uuid

from psycopg2.errors import UniqueViolation

from odoo.exceptions import ConcurrencyError
from odoo.fields import Domain
from odoo.http import request, route
from odoo.tools import html2plaintext, plaintext2html

from odoo.addons.helpdesk_mgmt.controllers.main import HelpdeskTicketController

from .tools import parse_record_id, strip_nul

SUBJECT_MAX_LENGTH = 200
DESCRIPTION_MAX_LENGTH = 20_000
FILE_NAME_MAX_LENGTH = 200

ATTACHMENT_MAX_COUNT = 10
ATTACHMENT_MAX_MB = 20
# Files that run, or show a page of their own, when an agent opens them.
ATTACHMENT_REFUSED = (
    "app,bat,cmd,com,cpl,dll,exe,gadget,hta,htm,html,inf,iso,jar,js,jse,lnk,msi,msp,"
    "pif,ps1,reg,scr,sh,shtml,svg,vb,vbe,vbs,ws,wsf,wsh,xht,xhtml"
)


class SupportTicketController(HelpdeskTicketController):
    # ---------------------------------------------------
    # Close
    # ---------------------------------------------------

    @route(methods=["POST"])
    def support_ticket_close(self, ticket_id=None, stage_id=None, **kw):
        """Close one's own ticket, with one of the stages that its page offers.

        Searched with the user's own rights: a ticket of others and a ticket that does
        not exist get the same answer.
        """
        ticket = request.env["helpdesk.ticket"].search(
            Domain("id", "=", parse_record_id(ticket_id) or 0)
        )
        if not ticket:
            return request.redirect("/my")
        # Portal users cannot read teams that are hidden from the form. The user was
        # found to read this ticket just above.
        stages = ticket.sudo()._support_get_portal_closing_stages(request.env.user)
        stage = stages.filtered(lambda stage: stage.id == parse_record_id(stage_id))
        if not stage:
            return request.redirect(f"/my/ticket/{ticket.id}", code=302)
        return super().support_ticket_close(
            ticket_id=str(ticket.id), stage_id=str(stage.id)
        )

    # ---------------------------------------------------
    # New ticket: the form
    # ---------------------------------------------------

    def _get_create_new_ticket_values(self, **kw):
        """Add what the form needs to be sent only once, and shown again with a hint."""
        values = super()._get_create_new_ticket_values(**kw)
        values.update(
            {
                "max_upload_size": self._get_attachment_limits()["size"],
                "subject_max_length": SUBJECT_MAX_LENGTH,
                "description_max_length": DESCRIPTION_MAX_LENGTH,
                "submission_key": str(uuid.uuid4()),
                "ways_back": self._get_ways_back(),
            }
        )
        return values

    def _get_ways_back(self):
        """Sentences about the customer's lapsed contracts that bar help, read with the
        user's own rights: no help, and the way back."""
        user = request.env.user
        contracts = request.env["support.contract"].search(
            [
                ("commercial_partner_id", "=", user.commercial_partner_id.id),
                ("state", "=", "lapsed"),
                ("lapse_bars", "=", True),
            ]
        )
        return [
            sentence for contract in contracts if (sentence := contract._get_way_back())
        ]

    def _show_new_ticket_form(self, values, **extra):
        """Show the form again with what the user had typed, files excepted."""
        return request.render(
            "helpdesk_mgmt.portal_create_ticket",
            {
                **self._get_create_new_ticket_values(),
                "subject": values["subject"],
                "description": values["description"],
                "selected_team_id": parse_record_id(values["team"]),
                "selected_category_id": parse_record_id(values["category"]),
                **extra,
            },
        )

    # ---------------------------------------------------
    # New ticket: what is accepted
    # ---------------------------------------------------

    def _get_attachment_limits(self):
        # Portal users cannot read system parameters; these say nothing secret.
        get_param = request.env["ir.config_parameter"].sudo().get_param

        def number(key, default):
            name = f"support_contract.portal_attachment_{key}"
            return parse_record_id(get_param(name)) or default

        core_size = request.env["ir.http"].session_info()["max_file_upload_size"]
        refused = get_param("support_contract.portal_attachment_refused")
        return {
            "count": number("max_count", ATTACHMENT_MAX_COUNT),
            "size": min(number("max_mb", ATTACHMENT_MAX_MB) * 1024**2, core_size),
            "refused": {
                ending.strip(" .").lower()
                for ending in (refused or ATTACHMENT_REFUSED).split(",")
            },
        }

    def _clean_submission(self, kw):
        """Return the texts as they may be stored, whatever else was posted."""
        text = {
            name: strip_nul(str(kw.get(name) or ""))
            for name in ("subject", "description", "team", "category")
        }
        text["subject"] = " ".join(text["subject"].split())
        text["description"] = text["description"].replace("\r\n", "\n").strip()
        return text

    def _get_submission_uploads(self):
        uploads = []
        for upload in request.httprequest.files.getlist("attachment"):
            if upload.filename:
                upload.filename = strip_nul(upload.filename)[-FILE_NAME_MAX_LENGTH:]
                uploads.append(upload)
        return uploads

    def _check_submission(self, values, uploads):
        """Return why this cannot become a ticket, in words for the customer."""
        return (
            self._check_submission_texts(values)
            or self._check_submission_choices(values)
            or self._check_submission_uploads(uploads)
        )

    def _check_submission_texts(self, values):
        if not values["subject"]:
            return request.env._("Please give the ticket a subject.")
        if len(values["subject"]) > SUBJECT_MAX_LENGTH:
            return request.env._(
                "The subject is too long: please use at most %(count)s characters and "
                "describe the rest below.",
                count=SUBJECT_MAX_LENGTH,
            )
        if not values["description"]:
            return request.env._("Please describe what we can help you with.")
        if len(values["description"]) > DESCRIPTION_MAX_LENGTH:
            return request.env._(
                "The description is too long: please use at most %(count)s characters "
                "and attach the rest as a file.",
                count=DESCRIPTION_MAX_LENGTH,
            )
        return False

    def _check_submission_choices(self, values):
        """Take only a team and a category that the user could be shown.

        helpdesk_mgmt looks the team up with all rights and takes any category: a ticket
        could be put into another company.
        """
        shown = Domain("active", "=", True) & Domain("show_in_portal", "=", True)
        chosen = {}
        for name in ("team", "category"):
            model = request.env[f"helpdesk.ticket.{name}"]
            chosen[name] = model
            if values[name]:
                record_id = parse_record_id(values[name]) or 0
                chosen[name] = model.search(shown & Domain("id", "=", record_id))
                if not chosen[name]:
                    return request.env._(
                        "The team or category that you chose is no longer offered: "
                        "please choose again."
                    )
        company = request.env.company
        if (
            company.helpdesk_mgmt_portal_team_id_required
            and not chosen["team"]
            and self._get_teams()
        ):
            return request.env._("Please choose a team.")
        if (
            company.helpdesk_mgmt_portal_category_id_required
            and not chosen["category"]
            and self._get_categories()
        ):
            return request.env._("Please choose a category.")
        companies = chosen["team"].company_id | chosen["category"].company_id
        if len(companies) > 1:
            return request.env._(
                "This team does not handle this category: please choose again."
            )
        return False

    def _check_submission_uploads(self, uploads):
        """Measure each file by itself, and leave it at its beginning.

        When Odoo repeats a request after a conflict, it rewinds only one of several
        files of the same name: the others would be stored empty.
        """
        limits = self._get_attachment_limits()
        if len(uploads) > limits["count"]:
            return request.env._(
                "Please attach at most %(count)s files.", count=limits["count"]
            )
        for upload in uploads:
            size = upload.stream.seek(0, os.SEEK_END)
            upload.stream.seek(0)
            head = upload.stream.read(1024)
            upload.stream.seek(0)
            if size > limits["size"]:
                return request.env._(
                    "The file %(name)s is too large: each file may have up to "
                    "%(size)s MB.",
                    name=upload.filename,
                    size=round(limits["size"] / 1024**2, 1),
                )
            ending = upload.filename.rstrip(" .").rpartition(".")[2].lower()
            program = head.startswith(b"\x7fELF") or (
                head.startswith(b"MZ") and b"\0" in head
            )
            if program or ending in limits["refused"]:
                return request.env._(
                    "Files like %(name)s are not accepted. If we need it, please "
                    "send it in a ZIP archive.",
                    name=upload.filename,
                )
        return False

    # ---------------------------------------------------
    # New ticket: sent
    # ---------------------------------------------------

    @route(methods=["POST"])
    def submit_ticket(self, **kw):
        values = self._clean_submission(kw)
        key = self._get_submission_key(kw)
        ticket = self._find_submission(key)
        if ticket:
            return self._answer_repeated_submission(ticket, values)
        uploads = self._get_submission_uploads()
        error = self._check_submission(values, uploads)
        if error:
            return self._show_new_ticket_form(values, error=error)
        try:
            return super().submit_ticket(
                **values, attachment=bool(uploads), support_submission_key=key
            )
        except UniqueViolation as violation:
            if violation.diag.constraint_name != self._get_submission_index():
                raise
            # The same form arrived a moment earlier. Repeated on a fresh view of the
            # database, the request finds its ticket.
            raise ConcurrencyError("Portal form sent twice") from violation

    def _prepare_submit_ticket_vals(self, **kw):
        vals = super()._prepare_submit_ticket_vals(**kw)
        vals["support_submission_key"] = kw.get("support_submission_key")
        if not vals.get("team_id"):
            company = request.env["res.company"].browse(vals["company_id"])
            team = request.env["helpdesk.ticket.team"].with_company(company)
            vals["stage_id"] = team._get_applicable_stages()[:1].id
        return vals

    def _get_submission_key(self, kw):
        """Return the form's key made the user's own, or None if it has none.

        Without the user in it, somebody else's key would lead to his ticket.
        """
        try:
            key = uuid.UUID(str(kw.get("submission_key")))
        except ValueError:
            return None
        return f"{request.env.uid}:{key}"

    def _get_submission_index(self):
        model = request.env["helpdesk.ticket"]
        return model._support_submission_key_unique.full_name(model)

    def _find_submission(self, key):
        tickets = request.env["helpdesk.ticket"]
        if not key:
            return tickets
        # The key holds the user, who sent this very form: it is his own ticket. The
        # field itself is closed to everybody.
        return (
            tickets.sudo()
            .with_context(active_test=False)
            .search(Domain("support_submission_key", "=", key), limit=1)
        )

    def _answer_repeated_submission(self, ticket, values):
        """Lead to the ticket, or show the form again if it was changed meanwhile.

        A browser's back button brings the sent form back; a second problem typed over
        the first must not vanish.
        """
        sent = plaintext2html(values["description"])
        if ticket.name == values["subject"] and (
            html2plaintext(ticket.description) == html2plaintext(sent)
        ):
            return request.redirect(f"/my/ticket/{ticket.id}")
        return self._show_new_ticket_form(values, sent_ticket=ticket)
