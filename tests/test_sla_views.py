# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What people read about promised times: offer, forms, lists and portal."""

from ast import literal_eval
from datetime import timedelta

from freezegun import freeze_time
from lxml import etree, html

from odoo import Command
from odoo.tests import HttpCase, tagged

from .common import SupportCommon

WORKING_DAYS = tuple(range(5))


class SlaViewCase(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.office = cls._create_calendar("Office", ((9, 13), (14, 18)))
        cls.phone_hours = cls._create_calendar("Phone desk", ((10, 12.5), (15, 17)))
        cls.channel = cls.env["helpdesk.ticket.channel"].create({"name": "Telephone"})
        cls.policy = cls._create_policy({"kind": "response", "minutes": 480})
        cls.waiting = cls.env["helpdesk.ticket.stage"].create(
            {"name": "Waits", "support_waiting": True, "sequence": 90}
        )

    @classmethod
    def _create_calendar(cls, name, hours, days=WORKING_DAYS, **vals):
        return cls.env["resource.calendar"].create(
            {
                "name": name,
                "company_id": cls.company.id,
                "tz": "Europe/Rome",
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": name,
                            "dayofweek": str(day),
                            "hour_from": first,
                            "hour_to": last,
                        }
                    )
                    for day in days
                    for first, last in hours
                ],
                **vals,
            }
        )

    @classmethod
    def _create_policy(cls, *targets):
        return cls.env["support.sla.policy"].create(
            {
                "name": "Quick",
                "company_id": cls.company.id,
                "target_ids": [Command.create(target) for target in targets],
            }
        )

    @classmethod
    def _create_promise(cls, policy=None, coverages=(), **vals):
        """A draft whose terms promise ``policy`` in the hours of ``coverages``, pairs
        of channel and calendar."""
        contract_type = cls._create_type(
            sla_policy_id=(policy or cls.env["support.sla.policy"]).id,
            coverage_ids=[
                Command.create({"channel_id": channel, "calendar_id": calendar.id})
                for channel, calendar in coverages
            ],
            **vals,
        )
        return cls._create_contract(contract_type, activate=False)

    def _get_promises(self, *args, **kwargs):
        """The sentences, with plain spaces."""
        contract = self._create_promise(*args, **kwargs)
        return [
            line.replace("\N{NARROW NO-BREAK SPACE}", " ")
            for line in contract._get_offer_promises()
        ]


@tagged("post_install", "-at_install")
class TestPromisesInWords(SlaViewCase):
    def test_no_policy_guarantees_nothing(self):
        """S6, S7: "no guaranteed reaction"."""
        self.assertEqual(self._get_promises(), ["No guaranteed time."])

    def test_answer_within_hours(self):
        """S3: an answer within 8 hours, counted in the vendor's hours."""
        self.assertEqual(
            self._get_promises(self.policy, [(False, self.office)]),
            [
                "First answer within 8 hours, counted in our hours.",
                "Our hours: Monday to Friday 9:00 AM–1:00 PM and 2:00 PM–6:00 PM "
                "(Europe/Rome).",
            ],
        )

    def test_elapsed_hours_name_no_hours(self):
        """S5: "no later than 24 h"."""
        policy = self._create_policy(
            {"kind": "response", "minutes": 1440, "measure": "elapsed"}
        )
        self.assertEqual(
            self._get_promises(policy),
            ["First answer no later than 24 hours after you ask, day and night."],
        )

    def test_hours_of_each_channel(self):
        """S4: the phone has hours of its own; a call-back comes even outside them."""
        lines = self._get_promises(
            self.policy,
            [(False, self.office), (self.channel.id, self.phone_hours)],
            callback_out_of_hours=True,
        )
        self.assertEqual(
            lines[1],
            "Telephone: Monday to Friday 10:00 AM–12:30 PM and 3:00 PM–5:00 PM "
            "(Europe/Rome).",
        )
        self.assertTrue(lines[2].startswith("All other channels: Monday to Friday"))
        self.assertIn("call-back", lines[3])

    def test_without_coverage_the_companys_hours_count(self):
        self.company.resource_calendar_id = self._create_calendar(
            "Weekend", ((0, 24),), days=(5, 6)
        )
        self.assertEqual(
            self._get_promises(self.policy)[1],
            "Our hours: Saturday to Sunday all day (Europe/Rome).",
        )

    def test_hours_of_the_target_itself(self):
        always = self._create_calendar("Always", ((0, 24),), days=range(7))
        policy = self._create_policy(
            {"kind": "resolution", "minutes": 90, "calendar_id": always.id}
        )
        self.assertEqual(
            self._get_promises(policy),
            ["Solution within 1:30 h, counted day and night, every day (Europe/Rome)."],
        )

    def test_priorities_and_both_kinds(self):
        policy = self._create_policy(
            {"kind": "resolution", "minutes": 2880},
            {"kind": "response", "minutes": 480},
            {"kind": "response", "minutes": 60, "priority": "3"},
        )
        self.assertEqual(
            self._get_promises(policy, [(False, self.office)])[:3],
            [
                "Priority “Very High”: First answer within 1 hour, counted in our "
                "hours.",
                "First answer within 8 hours, counted in our hours.",
                "Solution within 48 hours, counted in our hours.",
            ],
        )

    def test_holidays_are_named(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Christmas",
                "calendar_id": self.office.id,
                "company_id": self.company.id,
                "date_from": "2026-12-25 00:00:00",
                "date_to": "2026-12-25 23:00:00",
            }
        )
        self.assertIn(
            "public holidays excepted",
            self._get_promises(self.policy, [(False, self.office)])[1],
        )

    def test_two_weeks(self):
        self.office.two_weeks_calendar = True
        self.office.attendance_ids.week_type = "0"
        self.office.attendance_ids[:2].copy({"week_type": "1", "dayofweek": "5"})
        text = self._get_promises(self.policy, [(False, self.office)])[1]
        self.assertIn("every other week Saturday", text)

    def test_free_reopening_matters_where_tickets_are_sold(self):
        """edge case "Ticket reopened": no new ticket within the agreed days"""
        terms = {"reopen_free_days": 10}
        self.assertEqual(self._get_promises(**terms), ["No guaranteed time."])
        terms["allotments"] = [{"unit": "ticket", "quantity": 5}]
        self.assertIn("within 10 days", self._get_promises(**terms)[1])

    def test_offer_prints_what_the_form_shows(self):
        contract = self._create_promise(self.policy, [(False, self.office)])
        sections = dict(contract._get_offer_lines())
        shown = html.fromstring(str(contract.promises))
        self.assertEqual(
            [item.text_content() for item in shown.findall(".//li")],
            sections["What we promise"],
        )
        self.assertEqual(contract.promises, contract.type_id.promises)
        for reader in (self.technician, self.contract_user):
            self.env.invalidate_all()
            self.assertEqual(contract.with_user(reader).promises, contract.promises)
        printed, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "support_contract.report_contract_offer", contract.ids
        )
        self.assertIn("First answer within 8 hours", printed.decode())

    def test_names_are_no_html(self):
        self.channel.name = "<b>Phone</b>"
        contract = self._create_promise(
            self.policy, [(self.channel.id, self.phone_hours)]
        )
        self.assertIn("&lt;b&gt;Phone&lt;/b&gt;", contract.promises)

    def test_new_terms_are_read_before_they_are_agreed(self):
        """The wizard shows the promises of the policy that is chosen in it."""
        contract = self._create_promise(self.policy)
        contract.action_activate()
        other = self._create_policy({"kind": "response", "minutes": 60})
        wizard = (
            self.env["support.contract.change.terms"]
            .with_user(self.manager)
            .create({"contract_id": contract.id, "reason": "Agreed by phone"})
        )
        self.assertIn("within 8 hours", wizard.promises)
        wizard.sla_policy_id = other
        self.assertIn("within 1 hour", wizard.promises)


@tagged("post_install", "-at_install")
class TestPolicyForm(SlaViewCase):
    def test_whose_copy_and_whether_agreed(self):
        contract = self._create_promise(self.policy)
        own = contract.sla_policy_id
        self.assertEqual((own.contract_id, own.origin_id), (contract, self.policy))
        self.assertFalse(own.agreed)
        contract.action_activate()
        self.assertTrue(own.agreed)
        self.assertFalse(self.policy.agreed)

    def test_contracts_of_a_policy(self):
        """counted once each, also if the contract has several copies of it"""
        contract = self._create_promise(self.policy)
        self._create_promise()
        self.policy._copy_for(contract)
        self.assertEqual(len(contract.sla_policy_ids), 2)
        policy = self.policy.with_user(self.manager)
        self.assertEqual(policy.contract_count, 1)
        action = policy.action_view_contracts()
        self.assertEqual(
            self.env["support.contract"].search(action["domain"]), contract
        )

    def test_catalogue_hides_the_contracts_own(self):
        self._create_promise(self.policy)
        action = self.env.ref("support_contract.support_sla_policy_action")
        self.assertEqual(action.domain, "[('contract_id', '=', False)]")


@tagged("post_install", "-at_install")
class TestClocksOnTickets(SlaViewCase):
    def _open(self, moment="2026-11-20 14:00:00", policy=None, **vals):
        """A ticket of a running contract, opened at ``moment`` (UTC)."""
        with freeze_time("2026-11-01 09:00:00"):
            contract = self._create_promise(
                policy or self.policy, [(False, self.office)]
            )
            contract.action_activate()
        with freeze_time(moment):
            return self._create_ticket(**vals)

    def _get_bar(self, ticket, moment):
        ticket.invalidate_recordset(["support_clock_bars"])
        with freeze_time(moment):
            return ticket.with_user(self.technician).support_clock_bars[0]

    def test_bar_knows_the_hours_to_come(self):
        """Friday 15:00, eight hours: two today, six on Monday; and what comes after
        the deadline, so that a form left open counts how late it is."""
        ticket = self._open("2026-11-20 15:00:00")
        bar = self._get_bar(ticket, "2026-11-20 16:00:00")
        self.assertEqual(bar["used"], 3600)
        self.assertEqual(bar["deadline"], "2026-11-23 15:00:00")
        self.assertEqual(
            bar["openings"][:4],
            [
                ["2026-11-20 16:00:00", "2026-11-20 17:00:00"],
                ["2026-11-23 08:00:00", "2026-11-23 12:00:00"],
                ["2026-11-23 13:00:00", "2026-11-23 17:00:00"],
                ["2026-11-24 08:00:00", "2026-11-24 12:00:00"],
            ],
        )
        self.assertEqual(bar["hours"], "Office")
        self.assertEqual(bar["hours_from"], "The contract")

    def test_clock_shows_all_the_bar_the_latest(self):
        ticket = self._open("2026-11-02 08:00:00")
        clock = ticket.support_clock_ids
        bar = self._get_bar(ticket, "2026-11-20 16:00:00")
        self.assertEqual(len(bar["segments"]), 40)
        with freeze_time("2026-11-20 16:00:00"):
            whole = clock.with_user(self.technician).bar[0]
        self.assertEqual(len(whole["segments"]), 40 + bar["earlier"])
        self.assertEqual(whole["earlier"], 0)
        self.assertEqual(whole["segments"][-40:], bar["segments"])

    def test_filters_in_every_time_zone(self):
        """Lists compare with the moment, not with the reader's local time."""
        ticket = self._open("2026-11-20 08:00:00")
        # at risk from 14:00 Rome, late from 18:00 Rome
        views = {
            "helpdesk.ticket": "support_contract.helpdesk_ticket_sla_view_search",
            "support.sla.clock": "support_contract.support_sla_clock_view_search",
        }
        domains = {}
        for model, view in views.items():
            arch = etree.fromstring(self.env.ref(view).arch)
            for node in arch.iter("filter"):
                if node.get("domain") and "uid" not in node.get("domain"):
                    domains[model, node.get("name")] = node.get("domain")
        risk = ticket.support_risk_at

        def find(moment, model, name, zone):
            with freeze_time(moment):
                domain = literal_eval(domains[model, name])
                records = self.env[model].with_context(tz=zone)
                records = records.search(domain)
            return ticket in (
                records if model == "helpdesk.ticket" else records.ticket_id
            )

        before, after = risk - timedelta(minutes=1), risk + timedelta(minutes=1)
        late = ticket.support_deadline + timedelta(minutes=1)
        for zone in ("UTC", "America/New_York", "Asia/Tokyo"):
            for model, name in [
                ("helpdesk.ticket", "support_at_risk_or_missed"),
                ("support.sla.clock", "at_risk"),
            ]:
                self.assertFalse(find(before, model, name, zone), (zone, name))
                self.assertTrue(find(after, model, name, zone), (zone, name))
            for model, name in [
                ("helpdesk.ticket", "support_missed"),
                ("support.sla.clock", "missed"),
            ]:
                self.assertFalse(find(after, model, name, zone), (zone, name))
                self.assertTrue(find(late, model, name, zone), (zone, name))
        self.assertTrue(
            find(after, "helpdesk.ticket", "support_promise_running", "UTC")
        )
        self.assertFalse(find(after, "helpdesk.ticket", "support_waiting", "UTC"))
        self.assertTrue(find(after, "support.sla.clock", "running", "UTC"))
        self.assertFalse(find(after, "support.sla.clock", "paused", "UTC"))
        with freeze_time(after):
            ticket.stage_id = self.waiting
        self.assertTrue(find(late, "helpdesk.ticket", "support_waiting", "UTC"))
        self.assertFalse(
            find(late, "helpdesk.ticket", "support_at_risk_or_missed", "UTC")
        )
        self.assertTrue(find(late, "support.sla.clock", "paused", "UTC"))

    def test_missed_waits_but_stays_missed(self):
        ticket = self._open("2026-11-20 08:00:00")
        with freeze_time("2026-11-23 16:00:00"):
            ticket.support_clock_ids._fire_due()
            ticket.stage_id = self.waiting
            view = self.env.ref("support_contract.helpdesk_ticket_sla_view_search")
            node = etree.fromstring(view.arch).find(".//filter[@name='support_missed']")
            found = self.env["helpdesk.ticket"].search(literal_eval(node.get("domain")))
        self.assertFalse(ticket.support_deadline)
        self.assertIn(ticket, found)

    def test_clocks_by_contract(self):
        """The list groups by the ticket's contract, customer and team."""
        ticket = self._open()
        groups = self.env["support.sla.clock"]._read_group(
            [("ticket_id", "=", ticket.id)],
            ["contract_id", "partner_id", "team_id", "started_on:month"],
            ["__count"],
        )
        self.assertEqual(len(groups), 1)
        self.assertEqual(groups[0][0], ticket.support_contract_id)

    def test_lists_begin_with_the_next_deadline(self):
        for xmlid in ("ticket_view_tree", "view_helpdesk_ticket_kanban"):
            view = self.env.ref(f"helpdesk_mgmt.{xmlid}")
            arch = etree.fromstring(view.get_combined_arch())
            self.assertTrue(
                arch.get("default_order").startswith("support_deadline,"), xmlid
            )


@tagged("post_install", "-at_install")
class TestPortalPromise(SlaViewCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        always = cls._create_calendar("Always", ((0, 24),), days=range(7))
        cls.contract = cls._create_promise(cls.policy, [(False, always)])
        cls.contract.action_activate()
        cls.ticket = cls._create_ticket(cls.portal_user.partner_id)
        cls.page = f"/my/ticket/{cls.ticket.id}"

    def _read(self, url):
        page = html.fromstring(self.url_open(url).text)
        promise = page.find(".//div[@name='support_promise']")
        return page.text_content(), (
            " ".join(promise.text_content().split()) if promise is not None else None
        )

    def _login(self):
        self.authenticate(self.portal_user.login, self.portal_user.login)

    def test_customer_reads_the_promise(self):
        self.portal_user.tz = "Europe/Warsaw"
        self._login()
        text, promise = self._read(self.page)
        deadline = self.ticket.with_context(tz="Europe/Warsaw")._support_format_promise(
            self.ticket.support_deadline
        )
        self.assertEqual(promise, " ".join(f"Answer by {deadline}".split()))
        for internal in ("Always", "At Risk", "at risk", "Quick", "escalate"):
            self.assertNotIn(internal, text)

    def test_after_the_answer(self):
        self.ticket._support_respond()
        self._login()
        promise = self._read(self.page)[1]
        self.assertTrue(promise.startswith("First answer: "), promise)

    def test_nothing_guaranteed(self):
        ticket = self._create_ticket(self.portal_user.partner_id)
        ticket.sudo().support_clock_ids.unlink()
        self._login()
        self.assertEqual(self._read(f"/my/ticket/{ticket.id}")[1], "No guaranteed time")

    def test_by_link(self):
        """who has the link and no login reads it in the vendor's time zone"""
        token = self.ticket._portal_ensure_token()
        promise = self._read(f"{self.page}?access_token={token}")[1]
        deadline = self.ticket.with_context(tz=False)._support_format_promise(
            self.ticket.support_deadline
        )
        self.assertEqual(promise, " ".join(f"Answer by {deadline}".split()))

    def test_list(self):
        self._login()
        text = " ".join(self._read("/my/tickets")[0].split())
        self.assertIn("Answer by", text)
        self.assertNotIn("Always", text)
