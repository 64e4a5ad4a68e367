# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from urllib.parse import urlencode

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_amount, format_date

from ..tools import moment_text
from ..tools.support_code import format_code
from .fetch_lines import fetch_lines
from .support_intervention_portal import COMING

#: of tickets, interventions, invoices and documents the latest are shown
LATEST = 5
LATEST_INVOICES = 10

#: what says when work is
WHEN = [
    *("state", "start", "end", "planned_start", "planned_end", "requested_on"),
    *("create_date", "company_id"),
]

#: Bootstrap's colour of a state, which is always written beside it
STATE_COLOURS = {
    "offered": "info",
    "signed": "info",
    "active": "success",
    "suspended": "warning",
    "expired": "warning",
    "lapsed": "danger",
    "terminated": "secondary",
}

#: states in which a balance is used or may be used again
RUNNING = ("active", "suspended", "expired")


class SupportContract(models.Model):
    """The contract's page in the portal.

    All methods are called on a record with all rights, after the page has checked that
    its reader may read it; what they return are texts in the reader's language. The
    number of queries is the same however long the contract's history is.
    """

    _inherit = "support.contract"

    def _get_portal_page(self, reader):
        """Everything that the page shows.

        :param reader: ``res.users``
        :return: dict of texts, lists and dicts, never records
        """
        self.ensure_one()
        partner = reader.partner_id
        self._fetch_portal_people()
        fetch_lines(self, "ledger_ids", "allotment_ids", "coverage_ids")
        return {
            **self._get_portal_head(),
            "id": self.id,
            "url": self.access_url,
            "todos": self._get_portal_todos(partner)[self.id],
            "actions": self._get_portal_actions(partner),
            "ledgers": self.ledger_ids._get_portal_bars(),
            # orders to pay and quotations are things to do
            "pending": [
                self._describe_pending_topup(topup)
                for topup in self._get_pending_topups()
            ],
            "next_grant": self._get_portal_next_grant(),
            "terms": self._get_portal_summary(reader),
            "people": self._get_portal_people(),
            "may_order": self._may_order(partner),
            "may_see_code": self._may_see_code(partner) and self._has_portal_code(),
            "installations": self._get_portal_installations(),
            "statement": self._get_portal_stated(),
            "tickets": self._get_portal_tickets(reader),
            "tickets_query": urlencode({"search_in": "contract", "search": self.name}),
            "coming": self._get_portal_coming(reader),
            "interventions": self._get_portal_interventions(),
            "invoices": self._get_portal_invoices(reader),
            "documents": self._get_portal_documents(),
        }

    # ------------------------------------------------------------------
    # State and term
    # ------------------------------------------------------------------

    def _get_portal_head(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        return {
            "name": self.name,
            "type": self.type_id.name,
            "package": self.package_id.name or "",
            "customer": self.commercial_partner_id.name,
            "state": self.state,
            "state_text": states[self.state],
            "state_colour": STATE_COLOURS.get(self.state, "secondary"),
            "running": self.state in RUNNING,
            "term": self._get_portal_term(),
            "way_back": self._get_way_back(),
        }

    def _get_portal_term(self):
        """From when until when, and what comes then: list of sentences."""
        today = self.company_id._support_day()
        days = {
            "start": format_date(self.env, self.date_start),
            "end": format_date(self.env, self.date_end),
        }
        if self.terminated_on and self.state != "lapsed":
            day = format_date(self.env, self.terminated_on)
            if self.terminated_on > today:
                return [self.env._("Terminated: ends before %s.", day)]
            return [self.env._("Terminated since %s.", day)]
        if self.state in ("offered", "signed"):
            return [self.env._("From %(start)s to %(end)s.", **days)]
        if self.state == "lapsed":
            return [self.env._("Ended on %(end)s.", **days)]
        if self.state == "expired":
            return [
                self.env._("Ended on %(end)s and not renewed yet.", **days),
            ]
        return [self.env._("Runs until %(end)s.", **days), self._get_portal_renewal()]

    def _get_portal_renewal(self):
        """What comes after the present term, in words."""
        deadline = format_date(self.env, self.notice_deadline)
        if self.renewal_state == "declined":
            return self.env._("Notice was given: it is not renewed.")
        if self._is_followed():
            return self.env._("Another contract takes its place afterwards.")
        if self.renewal == "automatic" and not self.type_id.withdrawn:
            return self.env._(
                "Renews by itself. Notice may be given until %s.", deadline
            )
        if self.renewal == "manual":
            return self.env._("To go on, it is renewed by an order before its end.")
        return self.env._("Ends then; to go on, a new contract is needed.")

    def _get_portal_next_grant(self):
        """What is granted next, as a sentence; empty if nothing is."""
        coming = self.allotment_ids.filtered("next_grant_day").sorted("next_grant_day")
        if not coming or self.state not in RUNNING:
            return ""
        day = coming[0].next_grant_day
        if day > self.date_end:
            return ""
        same = coming.filtered(lambda item: item.next_grant_day == day)
        return self.env._(
            "Next: %(quantity)s on %(day)s.",
            quantity=", ".join(item._format_quantity(item.quantity) for item in same),
            day=format_date(self.env, day),
        )

    # ------------------------------------------------------------------
    # Terms and people
    # ------------------------------------------------------------------

    def _get_portal_summary(self, reader):
        """What is agreed in short, in the sentences of the offer; hours, promises and
        rates have a page of their own.

        :return: list of ``(title, [sentences])``
        """
        sections = [
            (
                self.env._("Fee"),
                [] if self._hides_prices(reader) else self._get_offer_fee(),
            ),
            (self.env._("Included"), self._get_offer_allotments()),
            (self.env._("Beyond the balance"), self._get_offer_overage()),
            (self.env._("Term"), self._get_offer_term()),
        ]
        return [(title, lines) for title, lines in sections if lines]

    def _get_portal_terms(self, reader):
        """All that the offer prints: the same sentences and the same rates. Technicians
        see no prices here either.

        :return: dict with ``lines``, list of ``(title, [sentences])``, ``hours`` (as of
            :meth:`_get_hours_table`) and ``rates``
        """
        self.ensure_one()
        lines = self._get_document_sections()
        if self._hides_prices(reader):
            fee = self.env._("Fee")
            return {
                "lines": [section for section in lines if section[0] != fee],
                "hours": self._get_hours_table(),
                "rates": [],
            }
        return {
            "lines": lines,
            "hours": self._get_hours_table(),
            "rates": self._get_offer_rates(),
        }

    def _hides_prices(self, reader):
        return reader._is_internal() and not reader.has_group(
            "support_contract.group_support_user"
        )

    def _fetch_portal_people(self):
        """Read all people of the page at once: else each of the fields is read by
        itself, and its people once more, to know who is archived."""
        people = {"orderer_ids": [], "caller_ids": []}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT rel.field, partner.id
                  FROM (SELECT 'orderer_ids' AS field, res_partner_id
                          FROM support_contract_orderer_rel
                         WHERE support_contract_id = %(contract)s
                     UNION ALL
                        SELECT 'caller_ids', res_partner_id
                          FROM support_contract_caller_rel
                         WHERE support_contract_id = %(contract)s) rel
                  JOIN res_partner partner ON partner.id = rel.res_partner_id
                 ORDER BY partner.complete_name, partner.id DESC
                """,
                contract=self.id,
            )
        )
        for name, partner_id in rows:
            people[name].append(partner_id)
        for name, ids in people.items():
            self._fields[name]._insert_cache(self, [tuple(ids)])
        named = self.env["res.partner"].browse(partner_id for _name, partner_id in rows)
        (named | self.signatory_id | self.commercial_partner_id).fetch()

    def _get_portal_people(self):
        """Who may do what: list of dicts ``text`` and ``names``."""
        everybody = self.env._("Everybody of %s", self.commercial_partner_id.name)
        people = [
            (self.env._("Signs"), self.signatory_id, ""),
            (self.env._("May order and pay"), self.orderer_ids, ""),
            (self.env._("May ask for help"), self.caller_ids, everybody),
        ]
        return [
            {"text": text, "names": ", ".join(partners.mapped("name")) or nobody}
            for text, partners, nobody in people
            if partners or nobody
        ]

    # ------------------------------------------------------------------
    # Support code
    # ------------------------------------------------------------------

    def _has_portal_code(self):
        """Whether there is a code to call with."""
        return self.state != "terminated" and self._has_phone_support()

    def _show_portal_code(self, partner):
        """The support code for ``partner``, who is named in a note; never the code.

        :return: str, empty if he may not see it
        """
        self.ensure_one()
        if not (self._may_see_code(partner) and self._has_portal_code()):
            return ""
        told = self._get_owners_env()
        self._log_support_code(
            told.env._("%s looked at the support code in the portal.", partner.name)
        )
        return format_code(self.support_code)

    def _renew_portal_code(self, partner):
        """A new support code; the old one is dead at once.

        :raise UserError: for everybody who may not both see it and order
        """
        self.ensure_one()
        if not (
            self._may_see_code(partner)
            and self._may_order(partner)
            and self._has_portal_code()
        ):
            raise UserError(
                self.env._(
                    "The support code is renewed by those who may order and may ask "
                    "for help."
                )
            )
        self._renew_support_code(partner.name)

    # ------------------------------------------------------------------
    # What there is
    # ------------------------------------------------------------------

    def _get_portal_installations(self):
        states = dict(
            self.env["support.installation"]
            ._fields["state"]
            ._description_selection(self.env)
        )
        installations = self.env["support.installation"].search_fetch(
            [("contract_id", "=", self.id)]
        )
        return [
            {
                "id": installation.id,
                "name": installation.name,
                "product": installation.product_id.name
                if installation.product_id.name != installation.name
                else "",
                "version": installation.version or "",
                "place": installation.place_id.name or "",
                "warranty_end": format_date(self.env, installation.warranty_end),
                "stated": installation.activations_stated,
                "state": states[installation.state],
            }
            for installation in installations
        ]

    def _get_portal_tickets(self, reader):
        """The latest tickets under the contract that ``reader`` may read."""
        domain = [("support_contract_id", "=", self.id)]
        if reader.commercial_partner_id == self.commercial_partner_id:
            # a customer reads the tickets of all its people, as the rule has it, which
            # would look its people up one generation after the other
            tickets = self.env["helpdesk.ticket"]
            domain.append(("commercial_partner_id", "=", self.commercial_partner_id.id))
        else:
            tickets = self.env["helpdesk.ticket"].with_user(reader).sudo(False)
            if not tickets.has_access("read"):
                return []
        fields = ["number", "name", "stage_id", "create_date"]
        found = tickets.search_fetch(domain, fields, order="id desc", limit=LATEST)
        return [
            {
                "number": ticket.number,
                "name": ticket.name,
                "stage": ticket.stage_id.name,
                "day": moment_text.format_moment(
                    self.env, ticket.create_date, self.company_id.support_tz
                ),
                "url": f"/my/ticket/{ticket.id}",
            }
            # which ones was decided above; stages are not the reader's to read
            for ticket in found.sudo()
        ]

    def _get_portal_coming(self, reader):
        """The next work that is asked for or planned under the contract, of its own
        customer: who reads a customer's contract need not read his tickets."""
        if reader.commercial_partner_id != self.commercial_partner_id:
            return []
        works = self.env["support.intervention"].search_fetch(
            [
                ("ticket_id.support_contract_id", "=", self.id),
                ("state", "in", COMING),
                ("commercial_partner_id", "=", self.commercial_partner_id.id),
            ],
            WHEN + ["name", "work_mode_id"],
            order="planned_start, id",
            limit=LATEST,
        )
        states = dict(works._fields["state"]._description_selection(self.env))
        return [
            {
                "name": work.name,
                "state": work.state,
                "state_text": states[work.state],
                "when": work._get_portal_when(),
                "mode": work.work_mode_id.name,
                "url": work._get_portal_url(),
            }
            for work in works
        ]

    def _get_portal_interventions(self):
        """The latest work that was done under the contract."""
        works = self.env["support.intervention"].search_fetch(
            [("contract_id", "=", self.id), ("state", "=", "done")],
            ["day", "name", "work_mode_id", "billable_minutes"],
            order="day desc, id desc",
            limit=LATEST,
        )
        return [
            {
                "day": format_date(self.env, work.day),
                "name": work.name,
                "mode": work.work_mode_id.name,
                "time": self.env["support.unit.mixin"]._format_in_unit(
                    work.billable_minutes, "time", None
                ),
                "url": f"/my/support/interventions/{work.id}",
            }
            for work in works
        ]

    # ------------------------------------------------------------------
    # Papers
    # ------------------------------------------------------------------

    def _get_portal_invoices(self, reader):
        """The latest invoices and credit notes of the contract that Odoo's own portal
        shows to its customer."""
        if self._hides_prices(reader):
            return []
        self.env["account.move.line"].flush_model()
        of_contract = SQL(
            """(
            SELECT line.move_id
              FROM account_move_line line
             WHERE line.support_contract_id = %(contract)s
             UNION
            SELECT line.move_id
              FROM support_charge charge
              JOIN account_move_line line
                ON line.support_origin_charge_id = charge.id
             WHERE charge.contract_id = %(contract)s)""",
            contract=self.id,
        )
        moves = self.env["account.move"].search_fetch(
            [
                ("id", "in", of_contract),
                ("state", "=", "posted"),
                ("move_type", "in", ("out_invoice", "out_refund")),
                ("commercial_partner_id", "=", self.commercial_partner_id.id),
            ],
            [
                *("name", "invoice_date", "invoice_date_due", "amount_total"),
                *("currency_id", "move_type", "payment_state", "company_id"),
            ],
            order="invoice_date desc, id desc",
            limit=LATEST_INVOICES,
        )
        return [
            {
                "name": move.name,
                "day": format_date(self.env, move.invoice_date),
                "amount": format_amount(
                    self.env,
                    move.amount_total * (-1 if move.move_type == "out_refund" else 1),
                    move.currency_id,
                ),
                **self._describe_payment(move),
                "url": f"/my/invoices/{move.id}",
            }
            for move in moves
        ]

    def _describe_payment(self, move):
        """Whether an invoice is paid, as ``state`` and ``colour``."""
        if move.move_type == "out_refund":
            return {"state": self.env._("Credit note"), "colour": "secondary"}
        if move.payment_state == "paid":
            return {"state": self.env._("Paid"), "colour": "success"}
        if move.payment_state == "in_payment":
            return {"state": self.env._("Payment received"), "colour": "success"}
        if move.payment_state == "reversed":
            return {"state": self.env._("Credited"), "colour": "secondary"}
        due = move.invoice_date_due
        if due and due < move.company_id._support_day():
            return {"state": self.env._("Overdue"), "colour": "danger"}
        if move.payment_state == "partial":
            return {"state": self.env._("Partly paid"), "colour": "warning"}
        return {"state": self.env._("To pay"), "colour": "warning"}

    def _get_portal_documents(self):
        """What was made or sent, as links to files: list of dicts ``name``, ``note``
        and ``url``."""
        documents = self.env["support.document"].search_fetch(
            [
                ("contract_id", "=", self.id),
                (
                    "commercial_partner_id",
                    "in",
                    (False, self.commercial_partner_id.id),
                ),
                # a copy whose signatures do not count any more is none
                "|",
                ("kind", "!=", "signed"),
                ("signature_ids.withdrawn_on", "=", False),
            ],
            ["name", "state"],
            limit=LATEST_INVOICES,
        )
        reports = self.env["support.service.report"].search_fetch(
            [
                ("contract_id", "=", self.id),
                ("state", "=", "sent"),
                ("attachment_id", "!=", False),
            ],
            ["first_day"],
            limit=LATEST,
        )
        return [
            {
                "name": document.name,
                "note": ""
                if document.state == "ready"
                else self.env._("being prepared"),
                "url": document._get_portal_url(),
            }
            for document in documents
        ] + [
            {
                "name": self.env._("Service report %s", report.month),
                "note": "",
                "url": f"{self.access_url}/reports/{report.id}",
            }
            for report in reports
        ]

    def _find_document(self, document_id):
        """The document with this id, if it prints this contract; else none.

        :param int document_id: a possible id
        """
        self.ensure_one()
        return self.env["support.document"].search(
            [
                ("id", "=", document_id),
                ("kind", "=", "contract"),
                ("contract_id", "=", self.id),
            ]
        )

    def _ask_document(self, partner):
        """The contract as PDF, made by a job if it is not there. The key holds a digest
        of what it says, so that changed terms make a new one.

        The caller has checked that ``partner`` may read the contract.

        :param partner: who gets a mail when it is ready; nobody if empty
        :return: ``support.document``
        """
        self.ensure_one()
        reader = partner or self.signatory_id or self.partner_id
        lang = self.env.lang or reader.lang
        contract = self.with_company(self.company_id).with_context(lang=lang)
        return self.env["support.document"]._ask(
            contract._get_document_key(),
            {
                "name": contract.env._("Contract %s", self.name).replace("/", "-"),
                "kind": "contract",
                "company_id": self.company_id.id,
                "commercial_partner_id": self.commercial_partner_id.id,
                "contract_id": self.id,
                "lang": lang,
            },
            partner,
        )
