# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The page of a contract, and the statements of its ledgers."""

import uuid
from datetime import date
from urllib.parse import urlencode

from odoo.exceptions import UserError
from odoo.http import content_disposition, request, route

from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..models.support_ledger_portal import PAGE_SIZE, PRINT_LIMIT
from ..tools import periods
from .news import get_told
from .support_portal import SupportPortal
from .tools import parse_record_id

CONTRACT = "/my/support-contracts/<int:contract_id>"
LEDGER = f"{CONTRACT}/ledgers/<int:ledger_id>"

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: years that a statement may be about
FIRST_YEAR, LAST_YEAR = 1990, 2100


class SupportContractPortal(SupportPortal):
    # ------------------------------------------------------------------
    # Contract
    # ------------------------------------------------------------------

    @route(CONTRACT, type="http", auth="user", website=True, methods=["GET"])
    def portal_support_contract(self, contract_id, **kw):
        """Everything about one contract."""
        contract = self._get_support_record("support.contract", contract_id)
        if not contract:
            return request.redirect("/my")
        return self._show_contract(
            contract, done=self._get_done_texts().get(get_told())
        )

    @route(f"{CONTRACT}/terms", type="http", auth="user", website=True, methods=["GET"])
    def portal_support_contract_terms(self, contract_id, **kw):
        """All terms of the contract in plain words, with the rates."""
        contract = self._get_support_record("support.contract", contract_id)
        if not contract:
            return request.redirect("/my")
        return request.render(
            "support_contract.portal_support_contract_terms",
            self._prepare_support_values(
                "support_terms",
                crumbs=[
                    (contract.name, contract.access_url),
                    (request.env._("What is agreed"), None),
                ],
                contract_name=contract.display_name,
                url=contract.access_url,
                terms=contract._get_portal_terms(request.env.user),
            ),
        )

    @route(f"{CONTRACT}/code", type="http", auth="user", website=True, methods=["POST"])
    def portal_support_code(self, contract_id, **kw):
        """The page with the support code on it. A note on the contract says who looked
        at it, each time."""
        contract = self._get_support_record("support.contract", contract_id)
        if not contract:
            return request.redirect("/my")
        code = contract._show_portal_code(request.env.user.partner_id)
        if not code:
            return request.redirect(contract.access_url)
        response = self._show_contract(contract, code=code)
        # neither the browser nor anybody between keeps it
        response.headers["Cache-Control"] = "no-store"
        return response

    @route(
        f"{CONTRACT}/code/renew",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_renew_support_code(self, contract_id, **kw):
        """A new support code, once for each form that was shown."""

        def act(contract):
            contract._renew_portal_code(request.env.user.partner_id)
            return f"{contract.access_url}?said=code#support_code"

        return self._act_on_contract(contract_id, kw, "code", act)

    @route(
        f"{CONTRACT}/activations",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_state_activations(self, contract_id, **kw):
        """The customer states its activations."""
        installation_id = parse_record_id(kw.get("installation"))

        def act(contract):
            installation = contract.installation_ids.filtered(
                lambda item: item.id == installation_id
            )
            if installation_id and not installation:
                raise UserError(
                    request.env._("Choose one of the contract's installations.")
                )
            contract._state_activations(
                parse_record_id(kw.get("number")) or 0,
                request.env.user.partner_id,
                installation,
            )
            return f"{contract.access_url}?said=activations#installations"

        return self._act_on_contract(
            contract_id, kw, f"activations:{installation_id}", act
        )

    @route(
        f"{CONTRACT}/document", type="http", auth="user", website=True, methods=["POST"]
    )
    def portal_ask_contract_document(self, contract_id, **kw):
        """The contract as PDF: prepared by a job, served by its own page."""
        if not self._get_priced_contract(contract_id):
            return request.redirect("/my")

        def act(contract):
            document = contract._ask_document(request.env.user.partner_id)
            return document._get_portal_url()

        return self._act_on_contract(contract_id, kw, "document", act)

    @route(
        f"{CONTRACT}/reports/<int:report_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def portal_support_service_report(self, contract_id, report_id, **kw):
        """A service report as it was sent."""
        contract = self._get_support_record("support.contract", contract_id)
        # the reports of a contract that the reader may read are his to read
        report = contract and contract.service_report_ids.filtered(
            lambda item: item.id == report_id and item.state == "sent"
        )
        if not report or not report.attachment_id:
            return request.redirect("/my")
        stream = request.env["ir.binary"]._get_stream_from(report.attachment_id, "raw")
        return stream.get_response(as_attachment=True)

    def _get_done_texts(self):
        """What a page says after something was done."""
        return {
            "code": request.env._(
                "The support code was renewed. The old one is not valid any more."
            ),
            "activations": request.env._("Thank you: your statement was recorded."),
        }

    def _show_contract(self, contract, **values):
        values = {"done": None, "code": None, **values}
        return request.render(
            "support_contract.portal_support_contract",
            self._prepare_support_values(
                "support_contract",
                crumbs=[(contract.name, None)],
                contract=contract._get_portal_page(request.env.user),
                **values,
            ),
        )

    def _act_on_contract(self, contract_id, kw, name, act):
        """Do what a form of the contract's page asks for, once.

        :param str name: which form of the page, since all have the page's key
        :param act: function that takes the contract and returns where to go on
        """
        contract = self._get_support_record("support.contract", contract_id)
        if not contract:
            return request.redirect("/my")
        return self._submit_once(
            self._name_form(kw, name),
            lambda: act(contract),
            lambda error: self._show_contract(contract, error=error),
        )

    def _name_form(self, kw, name):
        """The posted values with a key of their own for one of the page's forms: who
        goes back in the browser may use another form of the same page."""
        try:
            key = uuid.UUID(str(kw.get("submission_key")))
        except ValueError:
            return kw
        return kw | {"submission_key": str(uuid.uuid5(key, name))}

    # ------------------------------------------------------------------
    # Statement
    # ------------------------------------------------------------------

    @route(
        [LEDGER, f"{LEDGER}/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def portal_support_statement(self, contract_id, ledger_id, page=1, **kw):
        """What came in and went out, with the balance after each entry."""
        ledger = self._get_ledger(contract_id, ledger_id)
        if not ledger:
            return request.redirect("/my")
        return self._show_statement(ledger, kw, page)

    @route(f"{LEDGER}/xlsx", type="http", auth="user", website=True, methods=["GET"])
    def portal_support_statement_xlsx(self, contract_id, ledger_id, **kw):
        """The statement as a spreadsheet."""
        ledger = self._get_ledger(contract_id, ledger_id)
        if not ledger:
            return request.redirect("/my")
        first_day, last_day, _preset, error = self._get_period(ledger, kw)
        if error:
            return self._show_statement(ledger, kw)
        content = ledger._render_statement_xlsx(first_day, last_day, request.env.user)
        name = f"{ledger._get_statement_filename(last_day)}.xlsx"
        return request.make_response(
            content,
            [
                ("Content-Type", XLSX),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(name)),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )

    @route(f"{LEDGER}/pdf", type="http", auth="user", website=True, methods=["POST"])
    def portal_support_statement_pdf(self, contract_id, ledger_id, month=None, **kw):
        """The statement of a month that is over as PDF, made by a job."""
        ledger = self._get_ledger(contract_id, ledger_id)
        if not ledger:
            return request.redirect("/my")

        def act():
            [chosen] = [
                item["first_day"]
                for item in ledger._get_portal_months(self._get_since(ledger))
                if item["value"] == month
            ] or [None]
            if not chosen:
                raise UserError(request.env._("Choose a month that is over."))
            document = ledger._ask_statement(
                chosen, periods.term_end(chosen, 1), request.env.user.partner_id
            )
            return document._get_portal_url()

        return self._submit_once(
            self._name_form(kw, f"statement:{month}"),
            act,
            lambda error: self._show_statement(ledger, kw, error=error),
        )

    def _get_ledger(self, contract_id, ledger_id):
        """The ledger with all rights, if the user may read its contract, which has no
        secret ones; else None."""
        contract = self._get_support_record("support.contract", contract_id)
        if not contract:
            return None
        return contract.ledger_ids.filtered(lambda ledger: ledger.id == ledger_id)

    def _get_since(self, ledger):
        return ledger._get_bounds()[0] or None

    def _get_period(self, ledger, kw):
        """The period that is asked for.

        :return: ``(first day, last day, name of a preset or None, error)``; with an
            error the days are those of the term
        """
        presets = ledger._get_portal_presets()
        preset = kw.get("period")
        asked = kw.get("from") or kw.get("to")
        if not asked or preset in presets:
            preset = preset if preset in presets else "term"
            return *presets[preset], preset, None
        first_day, last_day = (
            self._parse_day(kw.get(name)) if kw.get(name) else default
            for name, default in zip(("from", "to"), presets["term"], strict=True)
        )
        if not (first_day and last_day):
            error = request.env._("From, to: enter days that exist.")
        elif first_day > last_day:
            error = request.env._("The statement cannot end before it starts.")
        else:
            return first_day, last_day, None, None
        return *presets["term"], "term", error

    @staticmethod
    def _parse_day(value):
        try:
            day = date.fromisoformat(value)
        except (TypeError, ValueError):
            return None
        return day if FIRST_YEAR <= day.year <= LAST_YEAR else None

    def _show_statement(self, ledger, kw, page=1, error=None):
        first_day, last_day, preset, period_error = self._get_period(ledger, kw)
        statement = ledger._get_portal_statement(first_day, last_day)
        count, since = statement["count"], statement["since"]
        url = ledger._get_portal_url()
        arguments = {"period": preset} if preset else {}
        if not preset:
            arguments = {"from": first_day.isoformat(), "to": last_day.isoformat()}
        printing = bool(kw.get("print"))
        pager = portal_pager(url, count, page, PAGE_SIZE, url_args=arguments)
        rows = ledger._get_portal_rows(
            first_day,
            last_day,
            request.env.user,
            0 if printing else pager["offset"],
            PRINT_LIMIT if printing else PAGE_SIZE,
        )
        contract = ledger.contract_id
        values = self._prepare_support_values(
            "support_statement",
            crumbs=[
                (contract.name, contract.access_url),
                (statement["label"], None),
            ],
            contract_name=contract.display_name,
            customer=contract.commercial_partner_id.name,
            company=ledger.company_id.name,
            url=url,
            statement=statement,
            rows=rows,
            cut=printing and count > PRINT_LIMIT,
            pager=pager,
            preset=preset,
            presets=[
                ("month", request.env._("This month")),
                ("last_month", request.env._("Last month")),
                ("term", request.env._("This term")),
            ],
            first_day=first_day.isoformat(),
            last_day=last_day.isoformat(),
            query=urlencode(arguments),
            printing=printing,
            use={} if printing else ledger._get_portal_use(since),
            bar=None if printing else ledger._get_portal_bars()[0],
            months=[] if printing else ledger._get_portal_months(since),
            error=error or period_error,
        )
        return request.render("support_contract.portal_support_statement", values)
