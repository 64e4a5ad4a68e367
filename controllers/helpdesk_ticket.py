# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The portal's ticket form and close button."""

import uuid
from urllib.parse import urlsplit

from psycopg2.errors import UniqueViolation

from odoo.exceptions import ConcurrencyError, UserError
from odoo.fields import Domain
from odoo.http import request, route
from odoo.tools import email_normalize, html2plaintext, plaintext2html

from odoo.addons.helpdesk_mgmt.controllers.main import HelpdeskTicketController

from .news import tell_next
from .tools import parse_record_id, strip_nul
from .uploads import (
    check_uploads,
    describe_upload_limits,
    get_upload_limits,
    get_uploads,
)

SUBJECT_MAX_LENGTH = 200
DESCRIPTION_MAX_LENGTH = 20_000
REASON_MAX_LENGTH = 2_000
CONTACT_MAX_LENGTH = 100

#: who asks, as the form posts it
CONTACT_FIELDS = ("requester_name", "requester_phone", "requester_email")
CHOICES = ("team", "category", "mode", "installation")
#: up to how many hours a price may be accepted
LIMIT_HOURS = 200


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
        reason = strip_nul(str(kw.get("reason") or "")).strip()[:REASON_MAX_LENGTH]
        # his own ticket and one of its stages, found just above
        ticket.sudo()._support_close_by_customer(stage, reason)
        url = tell_next(f"/my/ticket/{ticket.id}?said=closed")
        return request.redirect(url, code=302)

    # ---------------------------------------------------
    # New ticket: the form
    # ---------------------------------------------------

    @route(
        "/new/ticket/preview", type="http", auth="user", website=True, methods=["POST"]
    )
    def preview_ticket(self, **kw):
        """Show the form again with what would become of the ticket: what covers it,
        what it draws, what is promised, what it costs. Nothing is stored."""
        values = self._clean_submission(kw)
        error = self._check_submission(values, [])
        if error:
            return self._show_new_ticket_form(values, error=error)
        return self._show_new_ticket_form(values, preview=self._get_preview(values))

    def _get_preview(self, values):
        user = request.env.user
        vals = self._prepare_submit_ticket_vals(**values)
        # decides like the ticket of this user that is going to be created, with all
        # rights as that one; only what is his customer's is put into words
        tickets = request.env["helpdesk.ticket"].sudo()
        return {
            **tickets._support_preview(vals, user.partner_id),
            "callback": self._get_callback_hint(values),
        }

    def _get_callback_hint(self, values):
        """The way to a call-back, if help by phone is chosen while the phone is
        closed; else None."""
        company = request.env.company
        mode = self._get_work_modes().filtered(
            lambda mode: mode.id == parse_record_id(values["mode"])
        )
        if not mode or not mode.sudo()._is_phone():  # a field that is internal
            return None
        contracts = request.env["support.contract"].search([("state", "=", "active")])
        if not any(contract._has_phone_support() for contract in contracts):
            return None
        hours = company._support_describe_phone_hours(
            contracts if len(contracts) == 1 else None
        )
        return None if hours["open"] else hours["text"]

    def _get_create_new_ticket_values(self, **kw):
        """Add what the form needs to be sent only once, and shown again with a hint."""
        values = super()._get_create_new_ticket_values(**kw)
        user = request.env.user
        modes = self._get_work_modes()
        usual = request.env.company.sudo().support_work_mode_id  # no secret
        installations = self._get_installations()
        values.update(
            {
                "page_name": "support_new_ticket",
                "crumbs": [
                    (request.env._("Tickets"), "/my/tickets"),
                    (request.env._("New ticket"), None),
                ],
                "ticket_category_id_required": self._is_category_required(),
                "max_upload_size": get_upload_limits()["size"],
                "upload_limits": describe_upload_limits(),
                "subject_max_length": SUBJECT_MAX_LENGTH,
                "description_max_length": DESCRIPTION_MAX_LENGTH,
                "contact_max_length": CONTACT_MAX_LENGTH,
                "submission_key": str(uuid.uuid4()),
                "ways_back": self._get_ways_back(),
                "modes": [(mode.id, mode.name) for mode in modes],
                "selected_mode_id": usual.id,
                "installations": installations,
                "selected_installation_id": installations[0][0]
                if len(installations) == 1
                else None,
                "requester_name": user.name,
                "requester_phone": user.partner_id.phone or "",
                "requester_email": user.email or "",
            }
        )
        return values

    def _get_categories(self, **kw):
        """Request types decide what pays: they are offered whenever there are some."""
        return (
            request.env["helpdesk.ticket.category"]
            .with_company(request.env.company)
            .search([("active", "=", True), ("show_in_portal", "=", True)])
        )

    def _is_category_required(self):
        company = request.env.company
        return (
            company.helpdesk_mgmt_portal_select_category
            and company.helpdesk_mgmt_portal_category_id_required
        )

    def _get_work_modes(self):
        """How help may be asked for, as the user's own rights show it."""
        company = request.env.company
        return request.env["support.work.mode"].search(
            [("company_id", "in", (False, company.id))]
        )

    def _get_installations(self):
        """The customer's installations: ``[(id, name), ...]``."""
        customer = request.env.user.commercial_partner_id
        # portal users have no right to installations; these are his company's own, and
        # only their names are shown
        installations = request.env["support.installation"].sudo()
        return installations._get_portal_choices(customer, request.env.company)

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
                "selected_mode_id": parse_record_id(values["mode"]),
                "selected_installation_id": parse_record_id(values["installation"]),
                "limit_hours": values["limit_hours"],
                **{name: values[name] for name in CONTACT_FIELDS},
                **extra,
            },
        )

    # ---------------------------------------------------
    # New ticket: what is accepted
    # ---------------------------------------------------

    def _clean_submission(self, kw):
        """Return the texts as they may be stored, whatever else was posted."""
        text = {
            name: strip_nul(str(kw.get(name) or ""))
            for name in (
                *("subject", "description", "accept_price", "limit_hours"),
                *CHOICES,
            )
        }
        partner = request.env.user.partner_id
        usual = dict(
            zip(
                CONTACT_FIELDS,
                (partner.name, partner.phone, partner.email),
                strict=True,
            )
        )
        for name in CONTACT_FIELDS:
            value = strip_nul(str(kw.get(name, usual[name]) or ""))
            text[name] = " ".join(value.split())
        text["subject"] = " ".join(text["subject"].split())
        text["description"] = text["description"].replace("\r\n", "\n").strip()
        return text

    def _check_submission(self, values, uploads):
        """Return why this cannot become a ticket, in words for the customer."""
        return (
            self._check_submission_texts(values)
            or self._check_submission_contact(values)
            or self._check_submission_choices(values)
            or self._check_submission_offers(values)
            or check_uploads(uploads)
        )

    def _check_submission_contact(self, values):
        for name in CONTACT_FIELDS:
            if len(values[name]) > CONTACT_MAX_LENGTH:
                return request.env._(
                    "Name, phone and e-mail: please use at most %(count)s characters "
                    "each.",
                    count=CONTACT_MAX_LENGTH,
                )
        email = values["requester_email"]
        if email and not email_normalize(email):
            return request.env._(
                "%(email)s is not an e-mail address that we can write to.", email=email
            )
        limit = values["limit_hours"]
        if limit and (parse_record_id(limit) or 0) not in range(1, LIMIT_HOURS + 1):
            return request.env._(
                "At the most: please enter a whole number of hours from 1 to "
                "%(count)s, or nothing.",
                count=LIMIT_HOURS,
            )
        return False

    def _check_submission_offers(self, values):
        """Take only a work mode and an installation that the form offered."""
        offered = {
            "mode": self._get_work_modes().ids,
            "installation": [number for number, _name in self._get_installations()],
        }
        for name, numbers in offered.items():
            if values[name] and parse_record_id(values[name]) not in numbers:
                return request.env._(
                    "What you chose is no longer offered: please choose again."
                )
        return False

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
            self._is_category_required()
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
        uploads = get_uploads()
        error = self._check_submission(values, uploads)
        if error:
            return self._show_new_ticket_form(values, error=error)
        try:
            with request.env.cr.savepoint():
                response = super().submit_ticket(
                    **values, attachment=bool(uploads), support_submission_key=key
                )
                if key and values["accept_price"]:
                    # the user's own ticket, made just now
                    self._find_submission(key)._support_accept_shown_price(
                        values["accept_price"],
                        60 * (parse_record_id(values["limit_hours"]) or 0),
                    )
                request.env.flush_all()
            tell_next(f"{urlsplit(response.location).path}?said=sent")
            return response
        except UniqueViolation as violation:
            if violation.diag.constraint_name != self._get_submission_index():
                raise
            # The same form arrived a moment earlier. Repeated on a fresh view of the
            # database, the request finds its ticket.
            raise ConcurrencyError("Portal form sent twice") from violation
        except UserError as refusal:
            # with the price as it is now, if it was another one
            return self._show_new_ticket_form(
                values, error=refusal.args[0], preview=self._get_preview(values)
            )

    def _prepare_submit_ticket_vals(self, **kw):
        vals = super()._prepare_submit_ticket_vals(**kw)
        vals["support_submission_key"] = kw.get("support_submission_key")
        if not vals.get("team_id"):
            company = request.env["res.company"].browse(vals["company_id"])
            team = request.env["helpdesk.ticket.team"].with_company(company)
            vals["stage_id"] = team._get_applicable_stages()[:1].id
        vals["partner_name"] = kw["requester_name"] or vals["partner_name"]
        vals["partner_email"] = kw["requester_email"] or vals["partner_email"]
        vals["support_phone"] = kw["requester_phone"]
        # both were found among those offered to the user
        if kw["mode"]:
            vals["support_work_mode_id"] = parse_record_id(kw["mode"])
        if kw["installation"]:
            vals["support_installation_id"] = parse_record_id(kw["installation"])
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
            return request.redirect(tell_next(f"/my/ticket/{ticket.id}?said=sent"))
        return self._show_new_ticket_form(values, sent_ticket=ticket)
