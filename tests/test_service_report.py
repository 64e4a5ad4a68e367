# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a customer reads each month about his contract, and that he gets it once."""

from datetime import date, datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SupportCommon

MIXIN = "odoo.addons.support_contract.models.support_job_mixin"
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)


class ServiceReportCommon(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact.email = "anna@alpha.example.com"
        cls.customer.email = "info@alpha.example.com"
        cls.policy = cls.env["support.sla.policy"].create(
            {
                "name": "An hour",
                "target_ids": [Command.create({"minutes": 60, "measure": "elapsed"})],
            }
        )
        cls.type = cls._create_type(
            name="Monthly hours",
            overage="charge",
            sla_policy_id=cls.policy.id,
            allotments=[
                {
                    "unit": "time",
                    "quantity": 120,
                    "recurrence": "month",
                    "rollover": "periods",
                    "rollover_periods": 1,
                },
            ],
        )
        with freeze_time("2026-01-01 12:00:00"):
            cls.contract = cls._create_contract(cls.type)

    def _jobs(self, moment):
        with freeze_time(moment):
            self.contract._expire_due()
            clocks = self.env["support.sla.clock"].search(
                [("next_due", "<=", datetime.fromisoformat(moment))]
            )
            clocks._fire_due()

    def _ask(self, opened, answered=None, **vals):
        with freeze_time(opened):
            ticket = self._create_ticket(**vals)
        if answered:
            with freeze_time(answered):
                self.env["support.sla.clock"].search(
                    [
                        ("ticket_id", "=", ticket.id),
                        ("next_due", "<=", datetime.fromisoformat(answered)),
                    ]
                )._fire_due()
                ticket._support_respond()
        return ticket

    def _worked(self, ticket, moment, minutes, **vals):
        with freeze_time(moment):
            return self._log_work(ticket, minutes, **vals)

    def _values(self, contract=None, user=None, first_day=FIRST, last_day=LAST):
        contract = contract or self.contract
        self.env.flush_all()
        self.env.invalidate_all()
        values = contract.with_user(user or self.manager)._get_service_report_values(
            first_day, last_day
        )
        return values[contract]

    def _report(self, contracts=None, month="2026-03", user=None):
        """A wizard as the dialog opens it."""
        contracts = contracts or self.contract
        wizard = self.env["support.contract.service.report"]
        return (
            wizard.with_user(user or self.contract_user)
            .with_context(active_model=contracts._name, active_ids=contracts.ids)
            .create({"month": month})
        )

    def _html(self, reports):
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "support_contract.report_service_report", reports.ids
        )
        return html.decode()


@tagged("post_install", "-at_install")
class TestServiceReport(ServiceReportCommon):
    def _quarter(self):
        """Two hours a month, to be used by the end of the next month. January: nothing.
        February: half an hour of January's. 1 March: January's hour and a half is
        gone. March: 2:45 h, of which two hours are February's."""
        ticket = self._ask("2026-02-10 09:00:00", "2026-02-10 09:10:00")
        self._jobs("2026-02-10 09:00:00")
        self._worked(ticket, "2026-02-10 12:00:00", 30)
        self._jobs("2026-03-07 09:00:00")
        ticket = self._ask("2026-03-12 09:00:00", "2026-03-12 09:20:00")
        self._worked(ticket, "2026-03-12 15:00:00", 165, mode=self.remote)
        self._jobs("2026-04-07 09:00:00")
        return ticket

    def test_balance(self):
        """calculated by hand, and as the ledger's own statement has it"""
        self._quarter()
        ledger = self.contract.ledger_ids
        [march] = self._values()["ledgers"]
        self.assertEqual(
            march,
            {
                "label": "Hours",
                "opening": "3:30 h",
                "granted": "2:00 h",
                "bought": "",
                "used": "2:45 h",
                "expired": "1:30 h",
                "corrected": "",
                "closing": "1:15 h",
                "lots": ["1:15 h to be used by 04/30/2026"],
            },
        )
        [february] = self._values(
            first_day=date(2026, 2, 1), last_day=date(2026, 2, 28)
        )["ledgers"]
        self.assertEqual(
            february["lots"],
            ["1:30 h to be used by 02/28/2026", "2:00 h to be used by 03/31/2026"],
        )
        for first_day, last_day in [
            (date(2026, 1, 1), date(2026, 1, 31)),
            (date(2026, 2, 1), date(2026, 2, 28)),
            (FIRST, LAST),
            (date(2026, 4, 1), date(2026, 4, 30)),
        ]:
            statement = ledger._get_statement(first_day, last_day)
            [values] = self._values(first_day=first_day, last_day=last_day)["ledgers"]
            self.assertEqual(
                [values["opening"], values["closing"]],
                [
                    ledger._format_quantity(statement[name])
                    for name in ("opening", "closing")
                ],
            )

    def test_a_reversal_gives_back_what_it_undoes(self):
        ticket = self._quarter()
        with freeze_time("2026-03-20 09:00:00"):
            ticket.support_intervention_ids._undo("Entered twice")
        [march] = self._values()["ledgers"]
        self.assertEqual(
            (march["used"], march["corrected"], march["closing"]), ("", "", "4:00 h")
        )
        self.assertEqual(self._values()["works"], [])

    def test_bought_and_corrected(self):
        self._jobs("2026-03-07 09:00:00")
        ledger = self.contract.ledger_ids
        self._credit(ledger, 600, "2026-03-15", "2026-12-31")
        ledger._debit(60, "correction", date(2026, 3, 16), reason="Wrong customer")
        [march] = self._values()["ledgers"]
        self.assertEqual(
            (march["bought"], march["corrected"], march["closing"]),
            ("10:00 h", "-1:00 h", "13:00 h"),
        )
        self.assertEqual(
            march["lots"],
            [
                "1:00 h to be used by 03/31/2026",
                "2:00 h to be used by 04/30/2026",
                "10:00 h to be used by 12/31/2026",
            ],
        )
        labels = [row["label"] for row in self._values()["movements"]]
        self.assertEqual(labels, ["+ Granted", "+ Bought", "− Expired", "± Corrected"])

    def test_promises(self):
        """each promise in the month in which it was kept or missed; the median of 20,
        30 and 90 minutes"""
        self._ask("2026-03-02 09:00:00", "2026-03-02 09:20:00")
        self._ask("2026-03-03 09:00:00", "2026-03-03 09:30:00")
        late = self._ask("2026-03-04 09:00:00", "2026-03-04 10:30:00")
        # in Rome it is 0:30 on 1 April when the hour is over
        self._ask("2026-03-31 21:30:00", "2026-03-31 23:00:00")
        waiting = self._ask("2026-03-31 20:00:00")
        values = self._values()
        self.assertEqual(
            values["promises"],
            [
                {
                    "kind": "First response",
                    "kept": 2,
                    "missed": 1,
                    "share": "67 %",
                    "median": "0:30 h",
                }
            ],
        )
        [row] = [row for row in values["tickets"] if row["number"] == late.number]
        self.assertEqual(row["response"]["state"], "missed")
        # the company's time zone, not the reader's
        self.assertIn("11:30", row["response"]["moment"])
        self.assertIn("11:00", row["response"]["text"])
        [row] = [row for row in values["tickets"] if row["number"] == waiting.number]
        self.assertEqual(
            (row["response"]["state"], row["response"]["moment"]), ("open", "")
        )
        self.assertEqual(row["resolution"]["text"], "")
        [row] = self._values(first_day=date(2026, 4, 1), last_day=date(2026, 4, 30))[
            "promises"
        ]
        self.assertEqual((row["kept"], row["missed"]), (0, 1))

    def test_tickets_of_the_month(self):
        """opened, answered, closed or worked on in the month; nothing else, nothing of
        other contracts, nothing that is only proposed"""
        before = self._ask("2026-02-27 09:00:00", "2026-02-27 09:20:00")
        answered = self._ask("2026-02-28 22:30:00", "2026-03-01 08:00:00")
        worked = self._ask("2026-02-20 09:00:00", "2026-02-20 09:20:00")
        self._worked(worked, "2026-03-05 12:00:00", 30)
        opened = self._ask("2026-03-05 09:00:00")
        self._ask("2026-04-01 09:00:00")
        proposed = self._ask("2026-03-05 09:00:00")
        proposed.support_cover_confirmed = False
        other = self._create_contract(
            self.type, self.other_customer, date_start="2026-01-01"
        )
        self._ask("2026-03-05 09:00:00", partner_id=self.other_customer.id)
        numbers = [row["number"] for row in self._values()["tickets"]]
        self.assertEqual(
            numbers, [ticket.number for ticket in (worked, answered, opened)]
        )
        self.assertNotIn(before.number, numbers)
        self.assertEqual(len(self._values(other)["tickets"]), 1)

    def test_resolved(self):
        ticket = self._ask("2026-03-05 09:00:00", "2026-03-05 09:20:00")
        with freeze_time("2026-03-06 15:45:00"):
            ticket.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        [row] = self._values()["tickets"]
        self.assertIn("03/06/2026 4:45", row["resolution"]["moment"])
        self.assertTrue(row["guaranteed"])

    def test_work(self):
        """billable time, after the work mode's step"""
        self.on_site.step_minutes = 60
        self._jobs("2026-03-07 09:00:00")
        ticket = self._ask("2026-03-12 09:00:00", "2026-03-12 09:10:00")
        self._worked(
            ticket,
            "2026-03-12 15:00:00",
            270,
            mode=self.on_site,
            description="Changed the cable.\nTried it.",
            manual_reason="not for the customer",
        )
        self._log_work(ticket, 30, start="2026-03-13", done=False)
        [row] = self._values()["works"]
        self.assertEqual(
            row,
            {
                "day": "03/12/2026",
                "name": "Looked at it",
                "description": "Changed the cable.\nTried it.",
                "ticket": ticket.number,
                "mode": "On site",
                "time": "5:00 h",
                "drawn": "4:00 h, 1:00 h beyond the balance",
            },
        )
        self.assertEqual(self._values()["work_total"], "5:00 h")

    def test_nothing_internal_and_no_price(self):
        self._jobs("2026-03-07 09:00:00")
        self.contract.internal_note = "<p>pays late</p>"
        ticket = self._ask("2026-03-12 09:00:00", "2026-03-12 09:10:00")
        work = self._worked(
            ticket,
            "2026-03-12 15:00:00",
            300,
            billable_by_hand=True,
            manual_minutes=300,
            manual_reason="a favour",
        )
        self.assertEqual(work.overage_amount, 80)
        report = self._report()._get_reports()
        html = self._html(report)
        for secret in ("pays late", "a favour", "80.0", "80,0"):
            self.assertNotIn(secret, html)

    def test_nothing_typed_is_printed_as_html(self):
        """trust.md, rule 11"""
        image = "<img src='http://127.0.0.1/x'/>"
        self.customer.write({"name": f"Alpha {image}", "street": image})
        ticket = self._ask(
            "2026-03-12 09:00:00",
            "2026-03-12 09:10:00",
            name=f"Help {image}",
            partner_name=image,
            description=image,
        )
        self._worked(ticket, "2026-03-12 15:00:00", 30, name=image, description=image)
        html = self._html(self._report()._get_reports())
        self.assertNotIn("<img src='http://127.0.0.1/x'", html)
        self.assertNotIn('<img src="http://127.0.0.1/x"', html)
        self.assertIn("Help &lt;img", html)

    def test_language_of_the_customer(self):
        lang = self.env["res.lang"]._activate_lang("it_IT")
        self.contact.lang = lang.code
        self.contract.orderer_ids = self.contact
        self._ask("2026-03-12 09:00:00", "2026-03-12 09:10:00")
        html = self._html(self._report()._get_reports())
        self.assertIn("marzo 2026", html)
        self.assertIn("12/03/2026", html)

    def test_queries(self):
        """as many for much history and many contracts as for little and one"""

        def count(contracts):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            contracts._get_service_report_values(FIRST, LAST)
            return self.cr.sql_log_count - before

        def fill(partner):
            ticket = self._ask(
                "2026-03-12 09:00:00", "2026-03-12 09:10:00", partner_id=partner.id
            )
            self._worked(ticket, "2026-03-12 15:00:00", 10)

        others = self.env["support.contract"]
        with freeze_time("2026-01-01 12:00:00"):
            for name in "ABCDEF":
                customer = self._create_customer(name)
                others += self._create_contract(self.type, customer)
        for contract in self.contract + others:
            fill(contract.partner_id)
        few = count(self.contract)
        for _ in range(10):
            fill(self.customer)
        many = count(self.contract)
        self.assertLessEqual(many, few)
        self.assertLessEqual(count(self.contract + others), many)

    def test_print(self):
        wizard = self._report()
        self.assertEqual(wizard.contract_ids, self.contract)
        action = wizard.action_print()
        self.assertEqual(
            action["report_name"], "support_contract.report_service_report"
        )
        report = self.contract.service_report_ids
        self.assertEqual((report.first_day, report.state), (FIRST, "draft"))
        self.assertEqual(action["context"]["active_ids"], report.ids)
        self.customer.name = "Alpha / Beta: <x>"
        self.assertEqual(
            report._get_filename(),
            f"Service report 2026-03 Alpha - Beta- -x- {self.contract.name}".replace(
                "/", "-"
            ),
        )
        # printing again makes no second one
        self._report().action_print()
        self.assertEqual(self.contract.service_report_ids, report)

    def test_print_several(self):
        """each contract is a document of its own"""
        other = self._create_contract(self.type, self.other_customer)
        reports = self._report(self.contract + other)._get_reports()
        self.assertEqual(reports.contract_id, self.contract + other)
        action = self.env["ir.actions.report"]
        with (
            patch.object(type(action), "get_wkhtmltopdf_state", return_value="ok"),
            patch.object(type(action), "_run_wkhtmltopdf", return_value=b"%PDF") as run,
        ):
            streams = action._render_qweb_pdf_prepare_streams(
                "support_contract.report_service_report", {}, res_ids=reports.ids
            )
        self.assertEqual(list(streams), reports.ids)
        self.assertEqual([len(call.args[0]) for call in run.call_args_list], [1, 1])

    def test_month_that_is_not_over(self):
        with freeze_time("2026-03-20 12:00:00"):
            values = self._values()
        self.assertEqual(
            (values["closing_label"], values["printed"]),
            ("Balance after 03/20/2026", "03/20/2026"),
        )
        self.assertEqual(self._values()["closing_label"], "Balance after 03/31/2026")

    def test_last_month_is_proposed(self):
        with freeze_time("2026-03-31 22:30:00"):
            wizard = self.env["support.contract.service.report"].with_company(
                self.company
            )
            # April in Rome
            self.assertEqual(wizard.default_get(["month"])["month"], "2026-03")
            self.assertEqual(wizard._get_months()[0], ("2026-04", "April 2026"))

    def test_what_cannot_be_reported(self):
        draft = self._create_contract(self.type, activate=False)
        with freeze_time("2026-03-10"):
            with self.assertRaisesRegex(UserError, "is not active yet"):
                self._report(draft, "2026-02").action_print()
            reports = self.env["support.service.report"]
            with self.assertRaisesRegex(UserError, "Month"):
                reports._get_or_create(self.contract, date(2026, 4, 1))
        with self._assert_refused("whole month"):
            reports.create(
                {"contract_id": self.contract.id, "first_day": date(2026, 3, 2)}
            )

    def test_who_may(self):
        """technicians and customers neither print nor send; another company reads
        nothing"""
        report = self._report()._get_reports()
        for user in (self.technician, self.portal_user):
            with self.assertRaises(AccessError):
                self._report(user=user)
            for method in ("action_print", "action_open", "_get_documents"):
                with self.subTest(method=method), self.assertRaises(AccessError):
                    getattr(report.with_user(user), method)()
            with self.assertRaises(AccessError):
                self.env["ir.actions.report"].with_user(user)._render_qweb_html(
                    "support_contract.report_service_report", report.ids
                )
        company = self.env["res.company"].create({"name": "Other vendor"})
        stranger = self._create_user(
            "stranger", "support_contract.group_support_manager"
        )
        stranger.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        self.assertFalse(report.with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            self._report(user=stranger).action_print()
        with self.assertRaises(AccessError):
            self._values(user=stranger)


@tagged("post_install", "-at_install")
class TestSending(ServiceReportCommon):
    def setUp(self):
        super().setUp()
        self.startPatcher(patch(f"{MIXIN}.time.sleep"))
        self.reports = self.env["support.service.report"].search([])
        self.mails = self.env["mail.mail"].search([])

    def _run(self, moment):
        with (
            freeze_time(moment),
            self.enter_registry_test_mode(),
            mute_logger(MIXIN),
        ):
            self.env.ref(
                "support_contract.ir_cron_service_reports"
            ).method_direct_trigger()
        self.env.invalidate_all()

    def _sent(self):
        """(contract, month) of the mails that wait to be sent."""
        mails = self.env["mail.mail"].search([]) - self.mails
        mails = mails.filtered(lambda mail: mail.model == "support.service.report")
        reports = self.env["support.service.report"].browse(mails.mapped("res_id"))
        return [(report.contract_id, report.first_day) for report in reports]

    def test_button(self):
        """those who may order get the PDF; the contract remembers"""
        self.contract.orderer_ids = self.contact
        wizard = self._report()
        self.assertEqual(wizard.recipients, self.contact.display_name)
        wizard.action_send()
        report = self.contract.service_report_ids
        self.assertEqual(report.state, "queued")
        self.assertEqual(self._sent(), [])
        self._run("2026-04-02 10:00:00")
        self.assertEqual(report.state, "sent")
        self.assertEqual(report.sent_on, datetime(2026, 4, 2, 10))
        self.assertEqual(self._sent(), [(self.contract, FIRST)])
        [mail] = self.env["mail.mail"].search(
            [("model", "=", report._name), ("res_id", "=", report.id)]
        )
        self.assertEqual(mail.recipient_ids, self.contact)
        self.assertEqual(mail.attachment_ids, report.attachment_id)
        self.assertEqual(
            report.attachment_id.name,
            f"Service report 2026-03 Alpha {self.contract.name}.pdf",
        )
        self.assertIn("March 2026", mail.subject)
        self.assertIn("Anna", self.contract.message_ids[0].body)
        # what was sent is what is shown
        self.assertIn(
            str(report.attachment_id.id),
            report.with_user(self.contract_user).action_open()["url"],
        )
        self._run("2026-04-03 10:00:00")
        self.assertEqual(len(self._sent()), 1)

    def test_sent_again_when_a_person_asks(self):
        self._report().action_send()
        self._report().action_send()
        self._run("2026-04-02 10:00:00")
        self.assertEqual(len(self._sent()), 1)
        self._report().action_send()
        self._run("2026-04-02 11:00:00")
        self.assertEqual(len(self._sent()), 2)
        self.assertEqual(len(self.contract.service_report_ids), 1)

    def test_nobody_to_send_it_to(self):
        self.customer.email = False
        with self.assertRaisesRegex(UserError, "no e-mail address"):
            self._report().action_send()

    def test_each_month(self):
        """once the days of grace (5) are over; run twice sends once"""
        self.assertTrue(self.contract.monthly_report)
        with freeze_time("2026-02-10"):
            self.company.support_monthly_report = True
        self._run("2026-04-05 08:00:00")
        # February is over, and was switched on in it
        self.assertEqual(self._sent(), [(self.contract, date(2026, 2, 1))])
        self._run("2026-04-06 08:00:00")
        self._run("2026-04-06 08:30:00")
        self._run("2026-04-20 08:30:00")
        self.assertEqual(
            sorted(day for _contract, day in self._sent()), [date(2026, 2, 1), FIRST]
        )

    def test_switched_on_later(self):
        """months that had ended before the company switched it on are not sent"""
        with freeze_time("2026-04-10"):
            self.company.support_monthly_report = True
        self._run("2026-04-10 08:00:00")
        self.assertEqual(self._sent(), [])
        self._run("2026-05-06 08:00:00")
        self.assertEqual(self._sent(), [(self.contract, date(2026, 4, 1))])

    def test_nights_that_were_missed(self):
        """only the last month is caught up"""
        with freeze_time("2026-01-10"):
            self.company.support_monthly_report = True
        self._run("2026-06-20 08:00:00")
        self.assertEqual(self._sent(), [(self.contract, date(2026, 5, 1))])

    def test_which_contracts(self):
        """in force in the month, and not left out; printed ones are sent too"""
        with freeze_time("2026-01-10"):
            self.company.support_monthly_report = True
        with freeze_time("2026-03-10"):
            left_out = self._create_contract(self.type, monthly_report=False)
            draft = self._create_contract(self.type, activate=False)
            over = self._create_contract(self.type)
        with freeze_time("2026-04-01"):
            later = self._create_contract(self.type)
            self._report().action_print()
        with freeze_time("2026-03-12"):
            over._change_state("terminated", date(2026, 3, 20), "moved away")
        self._run("2026-04-06 08:00:00")
        sent = [contract for contract, _day in self._sent()]
        self.assertEqual(
            sorted(contract.id for contract in sent), [self.contract.id, over.id]
        )
        for contract in (left_out, draft, later):
            self.assertNotIn(contract, sent)

    def test_off(self):
        self._run("2026-04-06 08:00:00")
        self.assertEqual(self._sent(), [])

    def test_one_that_cannot_be_sent(self):
        """the others go out; the owner is told; it goes out when it can"""
        with freeze_time("2026-01-10 12:00:00"):
            self.company.support_monthly_report = True
            customer = self._create_customer("Gamma")
            bad = self._create_contract(self.type, customer)
        self._run("2026-04-06 08:00:00")
        self.assertEqual(self._sent(), [(self.contract, FIRST)])
        report = bad.service_report_ids
        self.assertEqual(report.state, "queued")
        self.assertIn("no e-mail address", report.job_error)
        self.assertEqual(bad.activity_ids.user_id, self.manager)
        customer.email = "gamma@example.com"
        self._run("2026-04-07 08:00:00")
        self.assertEqual(len(self._sent()), 2)
        self.assertFalse(report.job_error)
        self.assertFalse(bad.activity_ids)

    def test_killed_between_two(self):
        """what was committed stays sent; the next run sends the rest, once"""
        with freeze_time("2026-01-10 12:00:00"):
            self.company.support_monthly_report = True
            customer = self._create_customer("Gamma", email="gamma@example.com")
            second = self._create_contract(self.type, customer)
        cls = self.env.registry["support.service.report"]
        original = cls._send

        def _send(reports):
            if second in reports.contract_id:
                raise KeyboardInterrupt
            original(reports)

        with patch.object(cls, "_send", _send), self.assertRaises(KeyboardInterrupt):
            self._run("2026-04-06 08:00:00")
        self.env.invalidate_all()
        self._run("2026-04-06 09:00:00")
        self.assertEqual(
            sorted(contract.id for contract, _day in self._sent()),
            [self.contract.id, second.id],
        )
