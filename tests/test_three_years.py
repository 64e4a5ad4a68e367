# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Three years of two hundred mixed contracts, night by night; and the same three years
with nights that were missed and jobs that were killed. Both end alike: the same terms,
states, charges, entries and messages."""

import os
import random
from collections import Counter
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command
from odoo.tests import tagged
from odoo.tools import html2plaintext

from .common import SupportCommon
from .scratch import KILLED, ScratchCase
from .test_kill import at

CONTRACTS = 200
FIRST, LAST = date(2026, 1, 5), date(2029, 1, 4)
#: nights without any job, at most, so that no reminder overtakes another
GAP = 20
KILLS = 10
JOBS = (
    "_cron_renew",
    "_cron_update_states",
    "_cron_grant",
    "_cron_expire",
    "_cron_charge_fees",
)
REMINDERS = [
    Command.create({"days": 90, "to_customer": False}),
    Command.create({"days": 60}),
]


def make_types(vendor):
    fee = vendor._create_hour_product(
        "Fee", 120, uom_id=vendor.env.ref("uom.product_uom_unit").id
    )
    common = {"product_id": fee.id, "notice_ids": REMINDERS}
    tacit = {"renewal": "automatic", "cancellation_days": 30}
    month = {"unit": "time", "quantity": 300, "recurrence": "month"}
    return {
        "monthly": vendor._create_type(
            name="Monthly hours",
            fee_period="month",
            fee_index="percent",
            fee_index_percent=3,
            overage="charge",
            allotments=[month | {"rollover": "unlimited", "end_policy": "carried"}],
            **tacit,
            **common,
        ),
        "annual": vendor._create_type(
            name="Annual hours",
            fee_period="year",
            grace_days=20,
            allotments=[{"unit": "time", "quantity": 900, "recurrence": "year"}],
            **common,
        ),
        "wallet": vendor._create_type(
            name="Wallet",
            fee_period="term",
            allotments=[{"unit": "money", "quantity": 500, "end_policy": "carried"}],
            **common,
        ),
        "activation": vendor._create_type(
            name="Per activation",
            fee_period="year",
            fee_basis="activation",
            fee_index="amount",
            fee_index_amount=2.5,
            first_term_months=24,
            lapse_bars=True,
            grace_days=0,
            refund_on_end=True,
            **tacit,
            **common,
        ),
        "quarter": vendor._create_type(
            name="Quarterly in arrears",
            fee_period="quarter",
            fee_timing="arrears",
            allotments=[month | {"rollover": "quantity", "rollover_quantity": 450}],
            **tacit,
            **common,
        ),
        "package": vendor._create_type(
            name="Package",
            renewal="none",
            fee_period="term",
            first_term_months=6,
            allotments=[
                {
                    "unit": "time",
                    "quantity": 240,
                    "end_policy": "usable",
                    "end_days": 15,
                }
            ],
            product_id=fee.id,
        ),
    }


def prepare(database):
    """The vendor, its types, and the customers with what they will do on which day."""
    at(FIRST)
    with database.env() as env:
        vendor = SupportCommon.in_environment(env)
        types = {kind: item.id for kind, item in make_types(vendor).items()}
        customers = [
            vendor._create_customer(f"Customer {number}").id
            for number in range(CONTRACTS)
        ]
        env.cr.execute("CREATE TABLE sim (day date PRIMARY KEY)")
        return vendor.company.id, vendor.manager.id, types, customers


def plan(world):
    """``{day: [(what, number of the contract, value), ...]}``, always the same."""
    company, manager, types, customers = world
    dice = random.Random(2026)
    events = {}

    def happens(day, what, number, value=None):
        if day <= LAST:
            events.setdefault(day, []).append((what, number, value))

    kinds = sorted(types)
    for number in range(len(customers)):
        kind = kinds[number % len(kinds)]
        start = FIRST + timedelta(days=dice.randrange(365))
        if dice.random() < 0.2:
            start = start.replace(month=dice.choice((1, 3, 5, 7, 8, 10, 12)), day=31)
        happens(start, "sell", number, kind)
        months = {"activation": 24, "package": 6}.get(kind, 12)
        end = start + relativedelta(months=months) - timedelta(days=1)
        for _visit in range(dice.randrange(5)):
            day = start + timedelta(days=dice.randrange(1, 900))
            happens(day, "help", number, dice.randrange(15, 400))
        fate = dice.random()
        if fate < 0.1:
            happens(end - timedelta(days=45), "decline", number)
        elif fate < 0.2:
            day = start + timedelta(days=dice.randrange(20, 300))
            happens(day, "suspend", number)
            happens(day + timedelta(days=dice.randrange(5, 60)), "resume", number)
        elif fate < 0.28:
            day = start + timedelta(days=dice.randrange(20, 700))
            happens(day, "terminate", number)
        elif fate < 0.4:
            day = start + timedelta(days=dice.randrange(20, 300))
            happens(day, "change", number, dice.randrange(2, 9))
        if kind in ("annual", "wallet"):
            for year in (1, 2):
                if dice.random() < 0.7:
                    until = start + relativedelta(years=year)
                    late = timedelta(days=dice.randrange(-40, 15))
                    happens(until + late, "renew", number, dice.choice((None, 130)))
    return events


def live(database, world, first, skipped, deadly):
    """Live from ``first`` to the end. In the nights ``skipped`` no job runs; in one of
    ``deadly`` the process dies in the middle of a job."""
    company, manager, types, customers = world
    events = plan(world)
    day = first
    while day <= LAST:
        at(day)
        with database.env() as env:
            if day not in skipped:
                for name in JOBS:
                    if day in deadly and name == deadly[day][0]:
                        die_after(env, deadly[day][1])
                    getattr(env["support.contract"], name)()
                env.cr.commit()
            env = env(user=manager)
            env = env(context={"allowed_company_ids": [company]})
            for what, number, value in events.get(day, ()):
                act(env, company, types, customers[number], what, value)
            env.cr.execute("INSERT INTO sim VALUES (%s)", [day])
        day += timedelta(days=1)


def die_after(env, commits):
    """The process is killed at the commit of a batch, before or after it."""
    commit = env.cr.commit
    left = [abs(commits)]

    def deadly_commit():
        left[0] -= 1
        if not left[0]:
            if commits > 0:
                commit()
            os._exit(9)
        commit()

    env.cr.commit = deadly_commit


def act(env, company, types, customer, what, value):
    """What people do. What the rules refuse is refused in both lives."""
    contract = env["support.contract"].search(
        [("partner_id", "=", customer)], order="id desc", limit=1
    )
    today = env.company._support_day()
    if what == "sell":
        contract = contract.create(
            {
                "type_id": types[value],
                "partner_id": customer,
                "company_id": company,
                "date_start": today,
                "user_id": env.uid,
            }
        )
        contract.action_activate()
    elif what == "help":
        # what is drawn by hand is drawn from what can be used today
        contract._grant_due()
        for ledger in contract.ledger_ids.sudo():
            ledger._debit(value, "correction", today, reason="Help")
    elif what == "decline" and may_go_on(contract):
        contract._decline_renewal(
            today, "Letter", env.ref("support_contract.churn_reason_price")
        )
    elif what == "suspend" and contract.state == "active":
        contract._change_state("suspended", today, "No payment")
    elif what == "resume" and contract.state == "suspended":
        contract.action_resume()
    elif what == "terminate" and contract.state in ("active", "suspended"):
        contract._change_state("terminated", today, "Closed")
    elif what == "change" and contract.state == "active":
        change_terms(contract, today, value)
    elif what == "renew" and may_go_on(contract):
        contract._renew(fee=value)


def may_go_on(contract):
    contract.sudo()._sync_ended()
    return not contract._get_renewal_bar()


def change_terms(contract, today, value):
    contract.env["support.contract.change.terms"].create(
        {
            "contract_id": contract.id,
            "first_day": today + timedelta(days=value),
            "reason": "Agreed",
            **(
                {"activation_count": value}
                if contract.fee_basis == "activation"
                else {"fee_amount": 100 + value}
            ),
        }
    ).action_confirm()


def picture(database):
    """All that came out, without what only tells when a job ran."""
    queries = {
        "contracts": """
            SELECT name, state, date_end, renewal_state, terminated_on, fee_amount,
                   activation_count, next_fee_day, next_index_day, job_error
              FROM support_contract""",
        "states": """
            SELECT contract.name, status.state, status.first_day, status.reason
              FROM support_contract_status status
              JOIN support_contract contract ON contract.id = status.contract_id""",
        "terms": """
            SELECT contract.name, term.number, term.first_day, term.last_day
              FROM support_contract_term term
              JOIN support_contract contract ON contract.id = term.contract_id""",
        "changes": """
            SELECT contract.name, change.first_day, change.values::text, change.state
              FROM support_contract_change change
              JOIN support_contract contract ON contract.id = change.contract_id""",
        "charges": """
            SELECT contract.name, charge.kind, charge.date, charge.first_day,
                   charge.last_day, charge.amount, charge.state
              FROM support_charge charge
              JOIN support_contract contract ON contract.id = charge.contract_id""",
        # of two lots with the same last day the one that is cut is the one that was
        # not used by then, and a late cut finds other ones used
        "entries": """
            SELECT contract.name, entry.kind, entry.day, entry.first_day,
                   entry.last_day, sum(entry.quantity), sum(entry.remaining)
              FROM support_ledger_entry entry
              JOIN support_ledger ledger ON ledger.id = entry.ledger_id
              JOIN support_contract contract ON contract.id = ledger.contract_id
             GROUP BY contract.name, entry.kind, entry.day, entry.first_day,
                   entry.last_day""",
        "reminders": """
            SELECT contract.name, notice.term_last_day, notice.days,
                   notice.to_customer, notice.to_owner, notice.overtaken
              FROM support_renewal_notice notice
              JOIN support_contract contract ON contract.id = notice.contract_id""",
        "mails": """
            SELECT contract.name, message.subject, partner.name
              FROM mail_mail mail
              JOIN mail_message message ON message.id = mail.mail_message_id
              JOIN mail_mail_res_partner_rel rel ON rel.mail_mail_id = mail.id
              JOIN res_partner partner ON partner.id = rel.res_partner_id
              JOIN support_contract contract ON contract.id = message.res_id
             WHERE message.model = 'support.contract'""",
        "activities": """
            SELECT contract.name, activity.summary
              FROM mail_activity activity
              JOIN support_contract contract ON contract.id = activity.res_id
             WHERE activity.res_model = 'support.contract'""",
    }
    result = {name: Counter(database.sql(query)) for name, query in queries.items()}
    result["notes"] = Counter(
        (name, html2plaintext(body))
        for name, body in database.sql(
            """
            SELECT contract.name, message.body
              FROM mail_message message
              JOIN support_contract contract ON contract.id = message.res_id
             WHERE message.model = 'support.contract' AND message.body <> ''
               AND message.message_type = 'notification'"""
        )
    )
    return result


def check(database):
    with database.env() as env:
        return env["support.ledger.check"]._find()


@tagged("post_install", "-at_install")
class TestThreeYears(ScratchCase):
    def test_three_years(self):
        """a job that did not run, was killed or ran twice ends where it would have
        ended"""
        world = self.database.run(prepare)
        disturbed = self._scratch("disturbed", self.database)
        undisturbed = self.database.start(live, world, FIRST, (), {})
        self._live_disturbed(disturbed, world)
        self.assertIsNone(undisturbed.wait())
        expected, found = picture(self.database), picture(disturbed)
        # something of each kind has happened
        states = {row[1] for row in expected["states"]}
        self.assertLessEqual(
            {"active", "suspended", "expired", "lapsed", "terminated"}, states
        )
        self.assertGreater(len(expected["charges"]), 5 * CONTRACTS)
        self.assertFalse([row for row in expected["contracts"] if row[-1]])
        for name, rows in expected.items():
            with self.subTest(name):
                self.assertTrue(rows)
                self.assertEqual(
                    sorted((rows - found[name]).items(), key=str)[:5],
                    sorted((found[name] - rows).items(), key=str)[:5],
                )
        for database in (self.database, disturbed):
            self.assertEqual(database.run(check), [])

    def _live_disturbed(self, database, world):
        dice = random.Random(7)
        days = (LAST - FIRST).days
        skipped = set()
        for _gap in range(25):
            first = FIRST + timedelta(days=dice.randrange(days - GAP - 5))
            length = dice.randrange(1, GAP // 2)
            skipped |= {first + timedelta(days=number) for number in range(length)}
        # the last nights run in both lives
        deadly = {}
        while len(deadly) < KILLS:
            day = FIRST + timedelta(days=dice.randrange(days - 5))
            if day not in skipped:
                deadly[day] = (dice.choice(JOBS), dice.choice((-1, 1)))
        killed = 0
        while True:
            [[done]] = database.sql("SELECT max(day) FROM sim")
            first = done + timedelta(days=1) if done else FIRST
            result = database.run(live, world, first, skipped, deadly)
            if result != KILLED:
                break
            killed += 1
            [[done]] = database.sql("SELECT max(day) FROM sim")
            # it dies once in that night
            deadly.pop(done + timedelta(days=1) if done else FIRST)
        self.assertIsNone(result)
        self.assertEqual(killed, KILLS)
