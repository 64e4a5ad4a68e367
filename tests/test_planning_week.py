# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The plan of the week: printed, and mailed once before it begins."""

from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_planning import PlanningCase

MIXIN = "odoo.addons.support_contract.models.support_job_mixin"
FRIDAY, MONDAY = "2026-03-13 14:00:00", date(2026, 3, 16)


@tagged("post_install", "-at_install")
class TestWeek(PlanningCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plans = cls.env["support.week.plan"]
        cls._create_contract(cls._create_time_type(6000), date_start="2026-01-01")
        cls.startClassPatcher(
            patch.object(
                cls.env.registry["ir.actions.report"],
                "_render_qweb_pdf",
                lambda *args, **kwargs: (b"%PDF", "pdf"),
            )
        )

    def _job(self, moment=FRIDAY):
        with (
            freeze_time(moment),
            mute_logger(MIXIN),
            self.enter_registry_test_mode(),
        ):
            self.env.ref("support_contract.ir_cron_week_plans").method_direct_trigger()
        self.env.invalidate_all()

    def _mails(self):
        """To whom weekly plans were mailed, in the order in which they were."""
        return [
            mail.recipient_ids
            for mail in self.env["mail.mail"].search(
                [("model", "=", "support.week.plan")], order="id"
            )
        ]

    def _two_technicians(self):
        """Work of both in the same week."""
        for user in (self.technician, self.colleague):
            self._plan(self._request(user=user), "2026-03-17 08:00:00", user=user)

    def test_sent_on_friday(self):
        self._plan(self._request(), "2026-03-17 08:00:00")
        self._plan(
            self._request(user=self.colleague),
            "2026-03-24 08:00:00",
            user=self.colleague,
        )
        self._job("2026-03-12 14:00:00")
        self.assertEqual(self._mails(), [])
        self._job()
        # whose week is empty gets nothing
        self.assertEqual(self._mails(), [self.technician.partner_id])
        plan = self.plans.search([])
        self.assertEqual((plan.first_day, plan.user_id), (MONDAY, self.technician))
        mail = self.env["mail.mail"].search([("model", "=", "support.week.plan")])
        self.assertEqual(len(mail.attachment_ids), 1)
        self.assertIn("Install the new version", mail.body_html)

    def test_once(self):
        """run twice, and on the days after"""
        self._plan(self._request(), "2026-03-17 08:00:00")
        for moment in (FRIDAY, FRIDAY, "2026-03-14 14:00:00", "2026-03-15 21:00:00"):
            self._job(moment)
        self.assertEqual(len(self._mails()), 1)
        self._plan(self._request(), "2026-03-24 08:00:00")
        self._job("2026-03-20 14:00:00")
        self.assertEqual(len(self._mails()), 2)

    def test_missed_friday(self):
        """is caught up until Sunday night: 23:30 in Rome"""
        self._plan(self._request(), "2026-03-17 08:00:00")
        self._job("2026-03-15 22:30:00")
        self.assertEqual(len(self._mails()), 1)

    def test_missed_weekend(self):
        """nobody wants the plan of a week that has begun: Monday, 0:30 in Rome"""
        self._plan(self._request(), "2026-03-17 08:00:00")
        self._job("2026-03-15 23:30:00")
        self.assertEqual(self._mails(), [])

    def test_killed_between_two(self):
        """what was committed stays sent; the next run sends the rest, once"""
        self._two_technicians()
        cls = self.env.registry["support.week.plan"]
        original = cls._send

        def _send(plans):
            if self.colleague in plans.user_id:
                raise KeyboardInterrupt
            original(plans)

        with patch.object(cls, "_send", _send), self.assertRaises(KeyboardInterrupt):
            self._job()
        self.env.invalidate_all()
        self._job()
        self._job()
        self.assertEqual(len(self._mails()), 2)
        self.assertEqual(
            set(self._mails()),
            {self.technician.partner_id, self.colleague.partner_id},
        )

    def test_one_bad_technician(self):
        """without an address: the others get theirs"""
        self._two_technicians()
        self.technician.partner_id.email = False
        self._job()
        self.assertEqual(self._mails(), [self.colleague.partner_id])
        plan = self.plans.search([("user_id", "=", self.technician.id)])
        self.assertIn("no e-mail address", plan.job_error)
        self.technician.partner_id.email = "technician@vendor.example.com"
        self._job("2026-03-14 14:00:00")
        self.assertEqual(len(self._mails()), 2)
        self.assertFalse(plan.job_error)

    def test_day_of_the_company(self):
        self._plan(self._request(), "2026-03-17 08:00:00")
        self.company.support_plan_weekday = "none"
        self._job()
        self.assertEqual(self._mails(), [])
        self.company.support_plan_weekday = "2"
        self._job("2026-03-11 14:00:00")
        self.assertEqual(len(self._mails()), 1)

    def test_days(self):
        """in the company's time zone, Monday to Friday and what lies on the weekend"""
        self.contact.write({"phone": "+39 06 123", "city": "Roma"})
        ticket = self._create_ticket()
        # 0:30 on Monday in Rome
        self._plan(self._request(ticket, 60), "2026-03-15 23:30:00", 60)
        self._plan(self._request(ticket), "2026-03-21 08:00:00")
        cancelled = self._plan(self._request(), "2026-03-18 08:00:00")
        cancelled._cancel("no")
        plan = self.plans._get_or_create(self.technician, self.company, MONDAY)
        days = plan.with_user(self.technician)._get_days()
        self.assertEqual(
            [[work["from"][:5] for work in day["works"]] for day in days],
            [["12:30"], [], [], [], [], ["9:00\u202f"]],
        )
        work = days[0]["works"][0]
        self.assertEqual(work["customer"], "Alpha")
        self.assertEqual(work["contact"], "Anna Alpha")
        self.assertEqual(work["phone"], "+39 06 123")
        self.assertIn("Roma", work["address"])
        self.assertEqual(work["estimate"], "1:00 h")

    def test_week_of_the_clock_change(self):
        """167 hours long: nothing of the next week, nothing is missing"""
        start, end = self.plans._get_moments(self.company, date(2026, 3, 23))
        self.assertEqual(end - start, timedelta(hours=167))
        # Sunday 23:00-23:30 and Monday 0:00-0:30 in Rome, in summer time
        last = self._plan(self._request(minutes=30), "2026-03-29 21:00:00", 30)
        first = self._plan(self._request(minutes=30), "2026-03-29 22:00:00", 30)
        plan = self.plans._get_or_create(
            self.technician, self.company, date(2026, 3, 25)
        )
        self.assertEqual(plan.first_day, date(2026, 3, 23))
        self.assertEqual(plan._get_works(), last)
        plan = self.plans._get_or_create(
            self.technician, self.company, date(2026, 3, 30)
        )
        self.assertEqual(plan._get_works(), first)

    def test_print(self):
        self._plan(self._request(), "2026-03-17 08:00:00")
        windows = self.env["support.week.plan.print"].with_user(self.technician)
        action = windows.create({"day": "2026-03-18"}).action_print()
        self.assertEqual(action["type"], "ir.actions.report")
        plan = self.plans.search([])
        self.assertEqual((plan.user_id, plan.first_day), (self.technician, MONDAY))
        windows.create({"day": "2026-03-18"}).action_print()
        self.assertEqual(self.plans.search_count([]), 1)
        # a print is not the mail
        self.assertFalse(plan.sent_on)
        html = self.env["ir.actions.report"]._render_qweb_html(
            "support_contract.report_week_plan", plan.ids
        )[0]
        self.assertIn("Install the new version", html.decode())
        with self._assert_refused("Nothing is planned"):
            windows.create({"day": "2026-04-18"}).action_print()

    def test_nobody_writes_plans(self):
        for user in (self.technician, self.manager):
            with self._assert_refused("not allowed"):
                self.plans.with_user(user).create(
                    {
                        "user_id": user.id,
                        "company_id": self.company.id,
                        "first_day": MONDAY,
                    }
                )


@tagged("post_install", "-at_install")
class TestWeekDocument(PlanningCase):
    def test_rendered(self):
        """a document of its own for each technician"""
        self._create_contract(self._create_time_type(), date_start="2026-01-01")
        self._plan(self._request(), "2026-03-17 08:00:00")
        plans = self.env["support.week.plan"]._get_or_create(
            self.technician | self.colleague, self.company, MONDAY
        )
        content, kind = (
            self.env["ir.actions.report"]
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf("support_contract.report_week_plan", plans.ids)
        )
        self.assertEqual(kind, "pdf")
        self.assertTrue(content.startswith(b"%PDF"))
