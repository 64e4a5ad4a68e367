# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The queue: "the first free technician takes the ticket" (S3), in the order of the
contracts and their promises (``design.md``, "SLA")."""

import multiprocessing
import random
import time
from datetime import datetime, timedelta
from functools import partial

from freezegun import freeze_time
from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError
from odoo.service.model import call_kw, retrying
from odoo.tests import tagged

from odoo.addons.support_contract.models.helpdesk_ticket_queue import QUEUE_ORDER

from .common import SupportCommon
from .scratch import ScratchCase

NOW = datetime(2026, 3, 10, 12)
TECHNICIANS, TICKETS = 8, 50


class QueueCase(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stages = cls.env["helpdesk.ticket.stage"]
        # a team with stages of its own, so that the shipped ones play no role
        cls.team = cls.env["helpdesk.ticket.team"].create(
            {
                "name": "Support",
                "company_id": cls.company.id,
                "user_ids": [Command.set(cls.technician.ids)],
            }
        )
        cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_new")
        own = {"company_id": cls.company.id, "team_ids": [Command.set(cls.team.ids)]}
        stages.search([]).active = False
        cls.stage_new = stages.create(
            {"name": "New", "sequence": 1, "unattended": True, **own}
        )
        cls.stage_waiting = stages.create(
            {"name": "Waits", "sequence": 2, "support_waiting": True, **own}
        )
        cls.stage_work = stages.create({"name": "At work", "sequence": 3, **own})
        cls.stage_done = stages.create(
            {"name": "Done", "sequence": 4, "closed": True, **own}
        )

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(NOW))

    def _ticket(self, risk=None, rank=1000, deadline=None, **vals):
        """A ticket in the queue; ``risk`` and ``deadline`` in hours from now."""
        vals = {"team_id": self.team.id, "user_id": False, **vals}
        ticket = self._create_ticket(**vals)
        ticket.sudo().write(
            {
                "support_rank": rank,
                "support_risk_at": risk is not None and NOW + timedelta(hours=risk),
                "support_deadline": deadline is not None
                and NOW + timedelta(hours=deadline),
            }
        )
        return ticket

    def _take(self, user=None):
        """What taking the next ticket opens, as a remote call."""
        tickets = self.env["helpdesk.ticket"].with_user(user or self.technician)
        action = call_kw(tickets, "action_support_take_next", [[]], {})
        if action["type"] == "ir.actions.client":
            self.assertEqual(action["tag"], "display_notification")
            return self.env["helpdesk.ticket"]
        self.assertEqual(action["view_mode"], "form")
        return self.env["helpdesk.ticket"].browse(action["res_id"])

    def _queue(self, user=None):
        tickets = self.env["helpdesk.ticket"].with_user(user or self.technician)
        return tickets.search(tickets._support_get_queue_domain(), order=QUEUE_ORDER)


@tagged("post_install", "-at_install")
class TestQueue(QueueCase):
    def test_order(self):
        """missed or at risk, rank of the contract, deadline (none last), oldest; what
        people set as priority is their own"""
        expected = [
            self._ticket(risk=0, rank=900),  # at risk from this very second
            self._ticket(risk=-5, rank=1000),
            self._ticket(rank=10, deadline=4),
            self._ticket(rank=10, deadline=8, risk=1),
            self._ticket(rank=10, priority="0"),
            self._ticket(rank=10, priority="3"),
            self._ticket(rank=20, deadline=1),
            self._ticket(rank=1000),
        ]
        tickets = self.env["helpdesk.ticket"].browse(ticket.id for ticket in expected)
        for _ in range(5):
            mixed = random.sample(expected, len(expected))
            found = self.env["helpdesk.ticket"].search(
                [("id", "in", [ticket.id for ticket in mixed])], order=QUEUE_ORDER
            )
            self.assertEqual(found, tickets)
        self.assertEqual([self._take() for _ in expected], expected)
        self.assertFalse(self._take())

    def test_the_views_name_the_same_order(self):
        for name in ("list", "kanban"):
            view = self.env.ref(f"support_contract.helpdesk_ticket_view_{name}_queue")
            arch = self.env["helpdesk.ticket"].get_view(view.id, name)["arch"]
            self.assertEqual(etree.fromstring(arch).get("default_order"), QUEUE_ORDER)

    def test_at_risk_depends_on_the_moment(self):
        ticket = self._ticket(risk=2)
        calm = self._ticket()
        tickets = ticket | calm
        for hours, at_risk in ((0, False), (1.99, False), (2, True), (50, True)):
            with freeze_time(NOW + timedelta(hours=hours)):
                tickets.invalidate_recordset(["support_at_risk"])
                self.assertEqual(ticket.support_at_risk, at_risk)
                self.assertFalse(calm.support_at_risk)
                for domain, found in (
                    ([("support_at_risk", "=", True)], ticket if at_risk else []),
                    ([("support_at_risk", "!=", False)], ticket if at_risk else []),
                    (
                        [("support_at_risk", "=", False)],
                        calm if at_risk else tickets,
                    ),
                    ([("support_at_risk", "in", [True, False])], tickets),
                ):
                    records = tickets.search([("id", "in", tickets.ids), *domain])
                    self.assertEqual(set(records), set(found), domain)
        with self.assertRaises(AccessError):
            tickets.with_user(self.portal_user).search([], order="support_at_risk")

    def test_what_is_not_in_the_queue(self):
        """only tickets that are open, given to nobody, not waiting for the customer,
        not rejected, not merged, not archived"""
        self._ticket(user_id=self.technician.id)
        self._ticket(stage_id=self.stage_waiting.id)
        self._ticket(stage_id=self.stage_done.id)
        self._ticket(active=False)
        self._ticket()._support_reject("no matter of the program")
        kept = self._ticket()
        self._ticket().duplicate_id = kept
        self.assertEqual(self._queue(), kept)
        self.assertEqual(self._take(), kept)
        self.assertFalse(self._take())

    def test_taken_ticket_is_attended(self):
        """it gets its technician and leaves the stage for tickets that nobody has, for
        the first one in which somebody works"""
        ticket = self._ticket()
        self.assertEqual(ticket.stage_id, self.stage_new)
        self.assertEqual(self._take(), ticket)
        self.assertEqual(ticket.user_id, self.technician)
        self.assertEqual(ticket.stage_id, self.stage_work)
        self.assertEqual(ticket.assigned_date, NOW)

    def test_taken_ticket_stays_where_it_is(self):
        """in a stage of work, and where the team has none"""
        ticket = self._ticket(stage_id=self.stage_work.id)
        self.assertEqual(self._take(), ticket)
        self.assertEqual(ticket.stage_id, self.stage_work)
        self.stage_work.active = False
        ticket = self._ticket()
        self.assertEqual(self._take(), ticket)
        self.assertEqual(ticket.stage_id, self.stage_new)

    def test_teams(self):
        """a technician takes tickets of his teams and of no team"""
        other_team = self.env["helpdesk.ticket.team"].create(
            {"name": "Hardware", "company_id": self.company.id}
        )
        self._ticket(rank=1, team_id=other_team.id)
        own = self._ticket(rank=5)
        nobodys = self._ticket(rank=9, team_id=False)
        self.assertEqual(self._take(), own)
        self.assertEqual(self._take(), nobodys)
        self.assertFalse(self._take())

    def test_rules_decide(self):
        """who sees only his own tickets takes those of his teams"""
        group = "helpdesk_mgmt.group_helpdesk_user_own"
        member = self._create_user("member", group)
        stranger = self._create_user("stranger", group)
        self.team.user_ids += member
        nobodys = self._ticket(rank=1, team_id=False)
        ticket = self._ticket(rank=5)
        self.assertFalse(self._take(stranger))
        self.assertEqual(self._take(member), ticket)
        self.assertFalse(self._take(member))
        self.assertFalse(nobodys.user_id)

    def test_companies(self):
        """nobody takes a ticket of a company that he has not chosen"""
        other = self.env["res.company"].create({"name": "Other vendor"})
        ticket = self._ticket(team_id=False, company_id=other.id)
        self.assertFalse(self._take())
        self.technician.company_ids += other
        tickets = self.env["helpdesk.ticket"].with_user(self.technician)
        for companies, expected in ((self.company, tickets), (other, ticket)):
            chosen = tickets.with_context(allowed_company_ids=companies.ids)
            self.assertEqual(chosen._support_lock_next(), expected)

    def test_who_may_not_work_on_tickets(self):
        self._ticket(team_id=False)
        employee = self._create_user("employee", "")
        for user in (employee, self.portal_user):
            with self.assertRaises(AccessError):
                self._take(user)

    def test_the_menu_takes_one_too(self):
        ticket = self._ticket()
        action = self.env.ref("support_contract.helpdesk_ticket_action_take_next")
        result = action.with_user(self.technician).run()
        self.assertEqual(result["res_id"], ticket.id)
        self.assertEqual(ticket.user_id, self.technician)

    def test_queries_do_not_grow(self):
        """with the number of tickets"""
        self._ticket(rank=1)
        self._ticket(rank=2)
        self._take()
        counts = []
        for number in (0, 100):
            for _ in range(number):
                self._ticket(rank=50)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertTrue(self._take())
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])


def prepare(database):
    """Three teams, each with technicians and tickets of known ranks, some at risk.

    :return: for each team the ids of its users and those of its queue
    """
    with database.env() as env:
        vendor = SupportCommon.in_environment(env)
        return [prepare_team(env, vendor, number) for number in range(3)]


def prepare_team(env, vendor, number):
    team = env["helpdesk.ticket.team"].create(
        {"name": "Support", "company_id": vendor.company.id}
    )
    users = vendor._create_users(
        {
            f"queue_{number}_{index}": "helpdesk_mgmt.group_helpdesk_user"
            for index in range(TECHNICIANS)
        }
    ).ids
    team.user_ids = [Command.set(users)]
    now = datetime.now().replace(microsecond=0)
    tickets = vendor._create_alike_tickets(TICKETS, team_id=team.id, user_id=False)
    for index, ticket in enumerate(tickets):
        ticket.write(
            {
                "support_rank": random.randrange(1, 5) * 10,
                "support_deadline": index % 3
                and now + timedelta(hours=random.randrange(50)),
                "support_risk_at": index % 5 == 0 and now - timedelta(hours=1),
            }
        )
    env.flush_all()
    queue = env["helpdesk.ticket"].search(
        [("team_id", "=", team.id)], order=QUEUE_ORDER
    )
    return users, queue.ids


def take(env, attempts):
    """One try of a call, with some work between its snapshot and its question."""
    attempts.append(1)
    env.user.read(["name"])  # has its snapshot
    if len(attempts) == 1:  # another try is as quick as it can be
        time.sleep(random.uniform(0, 0.02))
    return env["helpdesk.ticket"].action_support_take_next()


def take_all(database, user_id, all_ready):
    """Take tickets until none is left, each call as a remote client makes it, once
    all technicians are there.

    :return: for each ticket when it was asked for and given, and its id; how often the
        slowest call was tried
    """
    told, tries = [], 0
    with database.env(user_id) as env:
        env.user.read(["name"])  # is connected
    all_ready.wait(300)
    empty = 0
    while empty < 3:
        asked, attempts = time.time(), []
        with database.env(user_id) as env:
            action = retrying(partial(take, env, attempts), env)
        tries = max(tries, len(attempts))
        if action["type"] == "ir.actions.client":
            empty += 1  # a colleague's ticket may still be on its way
        else:
            told.append((asked, time.time(), action["res_id"]))
    return told, tries


@tagged("post_install", "-at_install")
class TestTechniciansMeet(ScratchCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.teams = cls.database.run(prepare)

    def test_each_ticket_once(self):
        """8 technicians and 50 tickets: no ticket twice, none left, nobody gets an
        error or waits for another try, and the order is kept: only tickets that others
        are taking at the same moment are passed over"""
        users, queue = self.teams[0]
        all_ready = multiprocessing.get_context("fork").Barrier(len(users))
        processes = [
            self.database.start(take_all, user_id, all_ready) for user_id in users
        ]
        results = [process.wait() for process in processes]
        told = [row for rows, _ in results for row in rows]
        self.assertEqual(sorted(row[2] for row in told), sorted(queue))
        self.assertLessEqual(max(tries for _, tries in results), 2)
        self.assertGreater(sum(bool(rows) for rows, _ in results), 1)
        place = {ticket_id: index for index, ticket_id in enumerate(queue)}
        for asked, _, ticket_id in told:
            # whatever stands before it was taken, or being taken, when it was given
            given = next(row[1] for row in told if row[2] == ticket_id)
            for other_asked, _, other_id in told:
                if place[other_id] < place[ticket_id]:
                    self.assertLess(other_asked, given)
            self.assertLess(asked, given)
        assigned = dict(
            self.database.sql(
                "SELECT id, user_id FROM helpdesk_ticket WHERE id = ANY(%s)", [queue]
            )
        )
        for user_id, (rows, _) in zip(users, results, strict=True):
            for row in rows:
                self.assertEqual(assigned[row[2]], user_id)

    def test_taken_after_the_snapshot(self):
        """a ticket that a colleague took a moment ago is passed over, without an error
        and without beginning anew"""
        users, queue = self.teams[1]
        first, second = self.database.run(take_behind, users[0], users[1])
        self.assertEqual((first, second), (queue[0], queue[1]))

    def test_the_last_one_taken_after_the_snapshot(self):
        """where nothing else is left, the call is tried again and finds nothing"""
        users, _ = self.teams[2]
        self.assertEqual(self.database.run(take_last_behind, *users[:2]), (2, False))


def take_behind(database, colleague, user_id):
    with database.env(user_id) as env:
        env.cr.execute("SELECT 1 FROM helpdesk_ticket LIMIT 1")  # has its snapshot
        with database.env(colleague) as other:
            first = other["helpdesk.ticket"].action_support_take_next()["res_id"]
        second = env["helpdesk.ticket"].action_support_take_next()["res_id"]
    return first, second


def take_last_behind(database, colleague, user_id):
    with database.env(colleague) as env:
        for _ in range(TICKETS - 1):
            env["helpdesk.ticket"].action_support_take_next()
    tries = []

    def attempt():
        tries.append(1)
        env.cr.execute("SELECT 1 FROM helpdesk_ticket LIMIT 1")  # has its snapshot
        if len(tries) == 1:
            with database.env(colleague) as other:
                other["helpdesk.ticket"].action_support_take_next()
        return env["helpdesk.ticket"].action_support_take_next()

    with database.env(user_id) as env:
        action = retrying(attempt, env)
    return len(tries), bool(action.get("res_id"))
