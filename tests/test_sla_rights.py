# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who may read, change and forge promises."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_sla import SlaCommon, parse

#: what the system alone measures and decides, on a ticket
MEASURED = {
    "support_opened_on": "2020-01-01 00:00:00",
    "support_deadline": "2030-01-01 00:00:00",
    "support_risk_at": "2030-01-01 00:00:00",
    "support_responded_on": "2026-03-02 09:00:00",
    "support_stage_before_id": 1,
}


class RightsCase(SlaCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalogue = cls._create_policy(
            {
                "kind": "response",
                "minutes": 240,
                "stages": [{"percent": 50, "action": "remind"}],
            }
        )
        cls.contract = cls._promise(cls.catalogue, cls.office)
        cls.agreed = cls.contract.sla_policy_id
        cls.draft = cls._promise(
            cls.catalogue, cls.office, cls.other_customer, activate=False
        )
        cls.own = cls.draft.sla_policy_id
        with cls._at("Mon 2 Mar 10:00"):
            cls.ticket = cls._create_ticket(
                user_id=cls.technician.id, team_id=cls.team.id
            )
            cls.other_ticket = cls._create_ticket(cls.other_customer)
        cls.clock = cls.ticket.support_clock_ids
        cls.env.flush_all()

    def _rpc(self, user, record, method, *args, **context):
        """A remote call, with the context that the caller chooses."""
        ids = [record.ids] if record else []
        return call_kw(
            self.env[record._name].with_user(user),
            method,
            [*ids, *args],
            {"context": context},
        )

    def _team(self):
        return [self.technician, self.leader, self.contract_user, self.manager]


@tagged("post_install", "-at_install")
class TestPolicyRights(RightsCase):
    def test_all_of_the_team_read(self):
        for user in self._team():
            for records in (
                self.catalogue,
                self.agreed.target_ids,
                self.agreed.target_ids.stage_ids,
                self.clock,
                self.clock.event_ids,
            ):
                records.with_user(user).read(["display_name"])

    def test_customers_read_none(self):
        for user in (self.portal_user, self.env.ref("base.public_user")):
            for records in (
                self.catalogue,
                self.agreed,
                self.agreed.target_ids,
                self.agreed.target_ids.stage_ids,
                self.clock,
                self.clock.event_ids,
            ):
                with self.subTest(model=records._name), self.assertRaises(AccessError):
                    records.with_user(user).search([])

    def test_technicians_change_none(self):
        for user in (self.technician, self.leader):
            for policy in (self.catalogue, self.own, self.agreed):
                self._assert_closed(user, policy)

    def test_contract_users_change_drafts(self):
        """contract users can change a draft contract's policy copy, but neither the
        catalogue nor an agreed copy"""
        user = self.contract_user
        for policy in (self.catalogue, self.agreed):
            self._assert_closed(user, policy)
        own = self.own.with_user(user)
        own.name = "Quicker"
        own.target_ids.minutes = 120
        stage = own.target_ids.stage_ids.create(
            {"target_id": own.target_ids.id, "action": "warn", "percent": 90}
        )
        stage.percent = 80
        stage.unlink()
        own.target_ids.create(
            {"policy_id": own.id, "kind": "resolution", "minutes": 600}
        ).unlink()
        self.assertEqual(self.catalogue.target_ids.minutes, 240)
        self.assertEqual(self.agreed.target_ids.minutes, 240)
        with self.assertRaises(AccessError):
            self.env["support.sla.policy"].with_user(user).create({"name": "Mine"})
        # a draft takes another policy of the catalogue
        self.draft.with_user(user).sla_policy_id = self.catalogue
        self.assertEqual(self.draft.sla_policy_id.contract_id, self.draft)

    def test_contract_users_change_no_copy_that_was_agreed(self):
        """what was changed as a draft is closed as soon as the contract runs"""
        self.own.with_user(self.contract_user).target_ids.minutes = 120
        self.draft.action_activate()
        for user in (self.contract_user, self.manager):
            self._assert_closed(user, self.own)

    def test_managers_change_the_catalogue(self):
        user = self.manager
        catalogue = self.catalogue.with_user(user)
        catalogue.target_ids.minutes = 60
        catalogue.target_ids.stage_ids[0].percent = 40
        twin = catalogue.copy()
        self.assertIn("copy", twin.name)
        self.assertFalse(twin.contract_id or twin.origin_id)
        self.assertEqual(len(twin.target_ids.stage_ids), 2)
        twin.unlink()
        self._assert_closed(user, self.agreed)
        self.own.with_user(user).target_ids.minutes = 120

    def test_a_used_policy_stays(self):
        """clocks and contracts refer to it for good"""
        with self._assert_refused():
            self.catalogue.with_user(self.manager).unlink()
        self.catalogue.with_user(self.manager).active = False
        self.assertEqual(self.contract.sla_policy_id, self.agreed)

    def test_nobody_takes_a_policy_for_a_contract(self):
        """a contract gets its copy by choosing a policy, in no other way"""
        for user in (self.contract_user, self.manager):
            with self._assert_refused():
                self.own.with_user(user).contract_id = self.contract
            with self._assert_refused():
                self.own.with_user(user).origin_id = self.agreed
            with self._assert_refused():
                self.env["support.sla.policy"].with_user(user).create(
                    {"name": "Forged", "contract_id": self.contract.id}
                )

    def test_a_copied_agreed_policy_is_nobodys(self):
        twin = self.agreed.with_user(self.manager).copy()
        self.assertFalse(twin.contract_id or twin.origin_id)
        with self.assertRaises(AccessError):
            self.agreed.with_user(self.contract_user).copy()

    def _assert_closed(self, user, policy):
        """The user changes nothing of the policy."""
        targets = policy.target_ids.with_user(user)
        stages = targets.stage_ids
        for call in (
            lambda: policy.with_user(user).write({"name": "Mine"}),
            lambda: policy.with_user(user).unlink(),
            lambda: targets.write({"minutes": 5}),
            lambda: targets.unlink(),
            lambda: targets.create(
                {"policy_id": policy.id, "kind": "resolution", "minutes": 600}
            ),
            lambda: stages[0].write({"percent": 10}),
            lambda: stages[0].unlink(),
            lambda: stages.create({"target_id": targets[0].id, "action": "warn"}),
        ):
            with self._assert_refused():
                call()


@tagged("post_install", "-at_install")
class TestForgery(RightsCase):
    def test_nobody_writes_what_is_measured(self):
        for user in [*self._team(), self.portal_user]:
            for name, value in MEASURED.items():
                for context in ({}, {"support_moment": "2020-01-01"}, {"su": True}):
                    with self.subTest(user=user.login, field=name):
                        with self._assert_refused():
                            self._rpc(
                                user, self.ticket, "write", {name: value}, **context
                            )

    def test_nobody_opens_a_ticket_in_the_past(self):
        tickets = self.env["helpdesk.ticket"]
        values = {
            "name": "Help",
            "description": "x",
            "partner_id": self.contact.id,
            "company_id": self.company.id,
        }
        defaults = {f"default_{name}": value for name, value in MEASURED.items()}
        now = parse("Mon 2 Mar 12:00")
        for user in self._team():
            for extra, context in [(MEASURED, {}), ({}, defaults)]:
                with self._at("Mon 2 Mar 12:00"), self.subTest(user=user.login):
                    try:
                        with self.env.cr.savepoint():
                            ticket_id = self._rpc(
                                user, tickets, "create", values | extra, **context
                            )
                    except UserError:
                        continue
                    ticket = tickets.browse(ticket_id)
                    self.assertEqual(ticket.support_opened_on, now)
                    self.assertFalse(ticket.support_responded_on)
                    self.assertFalse(ticket.support_stage_before_id)
                    clock = self._clock(ticket)
                    self.assertEqual(self._tell(clock), "Mon 2 Mar 17:00")
                    self.assertEqual(ticket.support_deadline, clock.deadline)

    def test_nobody_touches_clocks(self):
        with self._at("Mon 2 Mar 12:00"):
            self.clock._fire_due()
        event = self.clock.event_ids
        self.assertTrue(event)
        for user in [*self._team(), self.portal_user]:
            for records, values in [
                (self.clock, {"state": "met"}),
                (self.clock, {"deadline": "2030-01-01 00:00:00"}),
                (self.clock, {"segments": []}),
                (self.clock, {"paused": True}),
                (event, {"skipped": True}),
            ]:
                with self.subTest(user=user.login, values=values):
                    with self.assertRaises(AccessError):
                        self._rpc(user, records, "write", values)
                    with self.assertRaises(AccessError):
                        self._rpc(user, records, "unlink")
            with self.assertRaises(AccessError):
                self._rpc(
                    user,
                    self.env["support.sla.clock"],
                    "create",
                    {
                        "ticket_id": self.other_ticket.id,
                        "target_id": self.agreed.target_ids.id,
                        "kind": "response",
                        "state": "met",
                        "seconds": 5,
                        "hours_from": "elapsed",
                        "started_on": "2026-03-02 09:00:00",
                    },
                )
            with self.assertRaises(AccessError):
                self._rpc(
                    user,
                    self.env["support.sla.event"],
                    "create",
                    {
                        "clock_id": self.clock.id,
                        "stage_id": self.agreed.target_ids.stage_ids[0].id,
                    },
                )

    def test_nobody_touches_clocks_through_the_ticket(self):
        for user in self._team():
            for command in (
                Command.clear(),
                Command.delete(self.clock.id),
                Command.unlink(self.clock.id),
                Command.update(self.clock.id, {"state": "met"}),
                Command.create({"kind": "resolution"}),
                Command.set([]),
            ):
                with self.subTest(user=user.login, command=command):
                    with self._assert_refused():
                        self._rpc(
                            user, self.ticket, "write", {"support_clock_ids": [command]}
                        )
        self.assertEqual(self._tell(self._clock(self.ticket)), "Mon 2 Mar 15:00")

    def test_private_methods_are_not_called(self):
        for records, methods in {
            self.clock: "_start _apply _catch_up _revive _follow_status _reach "
            "_change_terms _follow_hours _wake_job _cron_fire_stages _fire_due "
            "_run_job",
            self.ticket: "_support_respond _support_attach _support_follow_status "
            "_support_redecide_hours _support_update_deadline _support_start_clocks "
            "_support_customer_answered",
            self.own: "_copy_for _give_copies _write_agreed",
            self.agreed.target_ids.stage_ids[:1]: "_perform _perform_missed _tell",
        }.items():
            for method in methods.split():
                with (
                    self.subTest(model=records._name, method=method),
                    self.assertRaises(AccessError),
                ):
                    self._rpc(self.manager, records, method)

    def test_a_copied_ticket_starts_anew(self):
        self._answer(self.ticket, "Mon 2 Mar 11:00")
        with self._at("Tue 3 Mar 10:00"):
            twin = self.ticket.with_user(self.technician).copy()
        self.assertEqual(twin.support_opened_on, parse("Tue 3 Mar 10:00"))
        self.assertFalse(twin.support_responded_on)
        self.assertEqual(self._deadline(twin), "Tue 3 Mar 15:00")


@tagged("post_install", "-at_install")
class TestCustomersView(RightsCase):
    def test_a_customer_reads_his_promise(self):
        ticket = self.ticket.with_user(self.portal_user)
        self.assertRegex(ticket.support_promise, "^Answer by Monday.* 2 March")
        self.assertEqual(ticket.support_deadline, parse("Mon 2 Mar 15:00"))
        values = self._rpc(
            self.portal_user,
            self.ticket,
            "read",
            ["support_promise", "support_deadline", "support_responded_on"],
        )
        self.assertFalse(values[0]["support_responded_on"])

    def test_a_customer_reads_no_clocks(self):
        for name in (
            "support_clock_ids",
            "support_clock_bars",
            "support_risk_at",
            "support_stage_before_id",
        ):
            with self.subTest(field=name):
                with self.assertRaises(AccessError):
                    self._rpc(self.portal_user, self.ticket, "read", [name])
                with self.assertRaises(AccessError):
                    self._rpc(
                        self.portal_user,
                        self.env["helpdesk.ticket"],
                        "search",
                        [(name, "!=", False)],
                    )
        with self.assertRaises(AccessError):
            self._rpc(
                self.portal_user,
                self.env["helpdesk.ticket"],
                "search",
                [("support_clock_ids.state", "=", "missed")],
            )

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_a_customer_reads_nothing_of_others(self):
        for name in ("support_promise", "support_deadline"):
            with self.assertRaises(AccessError):
                self._rpc(self.portal_user, self.other_ticket, "read", [name])
            with self.assertRaises(AccessError):
                self._rpc(self.other_portal_user, self.ticket, "read", [name])

    def test_what_the_promise_says(self):
        """running, waiting, missed, and none at all"""
        ticket = self.ticket.with_user(self.portal_user)

        def said():
            self.env.invalidate_all()
            return ticket.support_promise.replace("\N{NO-BREAK SPACE}", " ").replace(
                "\N{NARROW NO-BREAK SPACE}", " "
            )

        self.assertRegex(said(), "^Answer by Monday.* 2 March, 0?3:00 PM$")
        self._move(self.ticket, self.awaiting, "Mon 2 Mar 11:00")
        self.assertIn("We wait for your answer", said())
        self.assertIn("3:00 h", said())
        self.assertFalse(ticket.support_deadline)
        self._reply(self.ticket, "Mon 2 Mar 12:00")
        self._fire("Mon 2 Mar 17:00")
        self.assertRegex(said(), "answer is late: promised by Monday.* 2 March, 0?4:00")
        self._move(self.ticket, self.cancelled, "Mon 2 Mar 17:30")
        self.assertEqual(said(), "")

    def test_help_without_a_promise(self):
        """S6, S7: no guaranteed reaction"""
        self._promise(False, partner=self.other_customer)
        ticket = self._open("Mon 2 Mar 10:00", partner=self.other_customer)
        self.assertFalse(self._clock(ticket))
        promise = ticket.with_user(self.other_portal_user).support_promise
        self.assertEqual(promise, "No guaranteed time")

    def test_a_technician_who_cannot_read_contracts_moves_tickets(self):
        """promises are measured whoever moves the ticket"""
        own = self._create_user("own", "helpdesk_mgmt.group_helpdesk_user_own")
        self.team.user_ids += own
        self.ticket.user_id = own
        with self._at("Mon 2 Mar 11:00"):
            self.ticket.with_user(own).stage_id = self.awaiting
        self.assertEqual(self._tell(self.clock), "paused")
