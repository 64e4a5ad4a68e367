# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The analysis of promises, with numbers calculated by hand, and what is at risk."""

from ast import literal_eval
from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SupportCommon

MONDAY = datetime(2026, 3, 2, 8)  # 9:00 in Rome


class SlaReportCommon(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.office = cls.env["resource.calendar"].create(
            {
                "name": "Office",
                "tz": "Europe/Rome",
                "company_id": cls.company.id,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": "Open",
                                "dayofweek": str(day),
                                "day_period": "morning",
                                "hour_from": 9,
                                "hour_to": 18,
                            }
                        )
                        for day in range(5)
                    ),
                ],
            }
        )
        cls.policy = cls._create_policy("An hour", {"minutes": 60})
        contract_type = cls._create_time_type(sla_policy_id=cls.policy.id)
        with freeze_time("2026-01-01 10:00:00"):
            cls.contract = cls._create_contract(contract_type)
            cls.other_contract = cls._create_contract(contract_type, cls.other_customer)

    @classmethod
    def _create_policy(cls, name, *targets):
        return cls.env["support.sla.policy"].create(
            {
                "name": name,
                "target_ids": [
                    Command.create({"kind": "response", "measure": "elapsed", **target})
                    for target in targets
                ],
            }
        )

    def _answer_after(self, minutes, opened=MONDAY, partner=None, **vals):
        """A ticket that is answered ``minutes`` after it was opened; None: not yet."""
        with freeze_time(opened):
            ticket = self._create_ticket(partner, **vals)
        if minutes is not None:
            moment = opened + timedelta(minutes=minutes)
            with freeze_time(moment):
                self.env["support.sla.clock"].search(
                    [("ticket_id", "=", ticket.id), ("next_due", "<=", moment)]
                )._fire_due()
                ticket._support_respond()
        return ticket


@tagged("post_install", "-at_install")
class TestSlaReport(SlaReportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls.env["support.sla.report"].with_user(cls.manager)

    def _group(self, groupby, *aggregates, domain=()):
        domain = [("company_id", "=", self.company.id), *domain]
        return self.report._read_group(domain, groupby, aggregates)

    def _tickets(self):
        """Minutes until the answer; the hour was promised."""
        for minutes in (10, 20, 30, 40, 100):
            self._answer_after(minutes)
        self._answer_after(50, partner=self.other_customer)
        self._answer_after(None)

    def test_share_kept(self):
        """kept and missed of those decided; a group of groups is no average of
        averages"""
        self._tickets()
        cancelled = self._answer_after(None, partner=self.other_customer)
        with freeze_time(MONDAY + timedelta(minutes=5)):
            cancelled._support_reject("Not ours")
        rows = self._group(
            ["commercial_partner_id"], "kept:sum", "missed:sum", "share_kept:avg"
        )
        self.assertEqual(
            rows, [(self.customer, 4, 1, 80.0), (self.other_customer, 1, 0, 100.0)]
        )
        [(kept, missed, share)] = self._group(
            [], "kept:sum", "missed:sum", "share_kept:avg"
        )
        self.assertEqual((kept, missed), (5, 1))
        self.assertAlmostEqual(share, 100 * 5 / 6)

    def test_nothing_decided(self):
        self._answer_after(None)
        self.assertEqual(
            self._group([], "__count", "share_kept:avg", "median_hours:avg"),
            [(1, False, False)],
        )

    def test_percentiles(self):
        """10, 20, 30, 40, 100 minutes: half within 30; nine of ten within 40 + 0.6 ·
        60 = 76. All six with 50: within 35, and within 50 + 0.5 · 50 = 75."""
        self._tickets()
        aggregates = ("median_hours:avg", "percentile_hours:avg", "counted_hours:avg")
        rows = self._group(["commercial_partner_id"], *aggregates)
        minutes = [[round(value * 60, 4) for value in row[1:]] for row in rows]
        self.assertEqual(minutes, [[30, 76, 40], [50, 50, 50]])
        [row] = self._group([], *aggregates)
        self.assertEqual([round(value * 60, 2) for value in row], [35, 75, 41.67])

    def test_percentiles_as_the_screens_ask_for_them(self):
        self._tickets()
        names = ["share_kept:avg", "percentile_hours:avg", "kept:sum"]
        for rows in (
            self.report.formatted_read_grouping_sets(
                [("company_id", "=", self.company.id)],
                [["commercial_partner_id"], []],
                names,
            )[1],
            self.report.formatted_read_group(
                [("company_id", "=", self.company.id)], [], names
            ),
        ):
            self.assertAlmostEqual(rows[0]["share_kept:avg"], 100 * 5 / 6)
            self.assertAlmostEqual(rows[0]["percentile_hours:avg"], 75 / 60)
        groups = self.report.web_read_group(
            [("company_id", "=", self.company.id)],
            ["commercial_partner_id"],
            names,
            order="percentile_hours:avg",
        )["groups"]
        self.assertEqual(
            [round(group["percentile_hours:avg"] * 60, 4) for group in groups], [50, 76]
        )
        self.report.search([]).read()

    def test_each_promise_counts_in_the_month_in_which_it_is_decided(self):
        """23:30 of 31 March in Rome is opened in March; the hour ends in April"""
        late = datetime(2026, 3, 31, 21, 30)
        self._answer_after(90, opened=late)
        self._answer_after(20, opened=late)
        self.assertEqual(
            self._group(["day:month", "decided_day:month"], "kept:sum", "missed:sum"),
            [
                (date(2026, 3, 1), date(2026, 3, 1), 1, 0),
                (date(2026, 3, 1), date(2026, 4, 1), 0, 1),
            ],
        )

    def test_where_the_time_went(self):
        """opened on Monday at 17:00, asked back at 17:30, answered by the customer on
        Tuesday at 9:30, resolved at 10:00: 30 minutes before, 30 after, 16 hours of
        waiting; nothing of the night is counted as outside, it was waited"""
        policy = self._create_policy(
            "Solution",
            {
                "kind": "resolution",
                "minutes": 240,
                "measure": "coverage",
                "calendar_id": self.office.id,
            },
        )
        customer = self._create_customer("Gamma")
        with freeze_time("2026-01-01 10:00:00"):
            self._create_contract(
                self._create_time_type(sla_policy_id=policy.id), customer
            )
        stages = {
            name: self.env.ref(f"helpdesk_mgmt.helpdesk_ticket_stage_{name}")
            for name in ("awaiting", "in_progress", "done")
        }
        with freeze_time("2026-03-02 16:00:00"):
            ticket = self._create_ticket(customer)
        for moment, stage in (
            ("2026-03-02 16:30:00", "awaiting"),
            ("2026-03-03 08:30:00", "in_progress"),
            ("2026-03-03 09:00:00", "done"),
        ):
            with freeze_time(moment):
                ticket.stage_id = stages[stage]
        names = ("counted_hours", "waiting_hours", "outside_hours")
        [row] = self.report.search([("ticket_id", "=", ticket.id)])
        self.assertEqual([row[name] for name in names], [1, 16, 0])
        self.assertEqual(row.promised_hours, 4)
        # not asked back: the night is outside
        with freeze_time("2026-03-02 16:00:00"):
            ticket = self._create_ticket(customer)
        with freeze_time("2026-03-03 09:00:00"):
            ticket.stage_id = stages["done"]
        [row] = self.report.search([("ticket_id", "=", ticket.id)])
        self.assertEqual([row[name] for name in names], [2, 0, 15])

    def test_missed_and_never_reached(self):
        """a promise that was never fulfilled is missed and takes no time"""
        ticket = self._answer_after(None)
        with freeze_time(MONDAY + timedelta(hours=2)):
            ticket.support_clock_ids._fire_due()
            ticket._support_reject("Not ours")
        [row] = self.report.search([("ticket_id", "=", ticket.id)])
        self.assertEqual(
            (row.state, row.missed, row.decided_day), ("missed", 1, date(2026, 3, 2))
        )
        self.assertFalse(row.reached_on)
        self.assertEqual(
            self._group([], "counted_hours:avg", "share_kept:avg"), [(False, 0.0)]
        )

    def test_policy_of_the_catalogue(self):
        """contracts have copies; the analysis adds them up"""
        self._tickets()
        self.assertEqual(self._group(["policy_id"], "kept:sum"), [(self.policy, 5)])
        rows = self._group(["contract_id"], "kept:sum")
        self.assertEqual(rows, [(self.contract, 4), (self.other_contract, 1)])

    def test_who_reads_it(self):
        """nothing of another company; technicians do not compare each other"""
        self._answer_after(10)
        report = self.env["support.sla.report"]
        for user in (self.contract_user, self.manager):
            self.assertEqual(
                report.with_user(user).search([]).ticket_id.company_id, self.company
            )
        for user in (self.technician, self.portal_user):
            with self.assertRaises(AccessError):
                report.with_user(user).search([])
        company = self.env["res.company"].create({"name": "Other vendor"})
        self.manager.write({"company_ids": [Command.link(company.id)]})
        self.assertFalse(
            report.with_user(self.manager)
            .with_context(allowed_company_ids=company.ids)
            .search([])
        )


@tagged("post_install", "-at_install")
class TestAtRisk(SlaReportCommon):
    def _at_risk(self, moment):
        with freeze_time(moment):
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "support_contract.helpdesk_ticket_action_risk"
            )
            domain = self.env["ir.actions.act_window"].browse(action["id"]).domain
            tickets = self.env["helpdesk.ticket"].with_user(self.technician)
            arch = self.env.ref("support_contract.helpdesk_ticket_view_list_risk").arch
            order = arch.split('default_order="')[1].split('"')[0]
            return tickets.search(
                [*literal_eval(domain), ("company_id", "=", self.company.id)],
                order=order,
            )

    def test_list(self):
        """an hour is at risk after 45 minutes; a missed one comes first; what is
        answered or paused is not at risk"""
        late = self._answer_after(None, MONDAY)
        soon = self._answer_after(None, MONDAY + timedelta(minutes=40))
        self._answer_after(None, MONDAY + timedelta(minutes=60))
        answered = self._answer_after(None, MONDAY)
        self.assertFalse(self._at_risk(MONDAY + timedelta(minutes=44)))
        self.assertEqual(self._at_risk(MONDAY + timedelta(minutes=45)), late | answered)
        with freeze_time(MONDAY + timedelta(minutes=50)):
            answered._support_respond()
        with freeze_time(MONDAY + timedelta(minutes=90)):
            late.support_clock_ids._fire_due()
        self.assertEqual(
            self._at_risk(MONDAY + timedelta(minutes=90)).ids, [late.id, soon.id]
        )

    def test_tile_of_the_dashboard(self):
        self._answer_after(None, MONDAY)
        with freeze_time(MONDAY + timedelta(minutes=50)):
            teams = self.env["helpdesk.ticket.team"].with_user(self.technician)
            before = (
                self.env["helpdesk.ticket"]
                .with_user(self.technician)
                .search_count(
                    [("support_risk_at", "<=", MONDAY + timedelta(minutes=50))]
                )
            )
            [tile] = [
                tile
                for tile in teams.retrieve_dashboard()
                if tile["action"] == "support_contract.helpdesk_ticket_action_risk"
            ]
        self.assertTrue(tile["show"])
        self.assertEqual(tile["value"], before)
