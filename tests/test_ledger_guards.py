# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the database itself refuses, and what tells when it no longer does."""

import subprocess
from contextlib import contextmanager
from datetime import date

import psycopg2

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.service.model import retrying
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger
from odoo.tools.misc import exec_pg_environ, find_pg_tool

from odoo.addons.support_contract.hooks import FUNCTIONS, uninstall_hook

from .common import SupportCommon
from .scratch import ScratchCase

NEVER = "can never be changed or deleted: post a reversal"
BY_ENTRIES = "moved by its entries only"
DAY = date(2026, 3, 10)

#: written by hand from the design, not read from the code that checks
TRIGGERS = {
    "support_ledger": {"support_ledger_guard"},
    "support_ledger_entry": {
        "support_ledger_entry_prepare",
        "support_ledger_entry_post",
        "support_ledger_entry_guard",
        "support_ledger_entry_no_truncate",
    },
    "support_ledger_reservation": {
        "support_ledger_reservation_move",
        "support_ledger_reservation_no_truncate",
    },
    "support_release_download": {
        "support_release_download_guard",
        "support_release_download_no_truncate",
    },
}
CHECKS = {
    "support_ledger_balance_limit",
    "support_ledger_reserved_limit",
    "support_ledger_currency_of_money",
    "support_ledger_entry_quantity_limit",
    "support_ledger_entry_remaining_limit",
    "support_ledger_entry_kind_sign",
    "support_ledger_entry_lot_days",
    "support_ledger_reservation_quantity_limit",
    "support_contract_allotment_quantity_limit",
    "support_contract_type_allotment_quantity_limit",
    "support_contract_threshold_quantity_limit",
    "support_contract_type_threshold_quantity_limit",
    "support_contract_numbers_positive",
    "support_contract_type_numbers_positive",
    "support_contract_term_days_in_order",
    "support_contract_term_no_overlap",
    "support_contract_name_unique",
    "support_work_mode_minutes_positive",
    "support_intervention_end_after_start",
    "support_intervention_minutes_positive",
    "product_template_support_quantity_limit",
    "res_company_support_grace_days_positive",
}
INDEXES = {
    "support_ledger_scope_unique",
    "support_ledger_entry_key_unique",
    "support_ledger_entry_reversal_unique",
    "support_contract_takeover_row_unique",
}


class GuardCase(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ledger = cls._create_ledger()
        cls.lot = cls._credit(cls.ledger, 600, "2026-01-01", "2026-12-31")
        cls.used, _ = cls.ledger._debit(90, "work", DAY)
        cls.held = cls.ledger._reserve(60, DAY)
        cls.env.flush_all()

    def _sql(self, query, *parameters):
        self.env.flush_all()
        self.env.cr.execute(query, parameters or None)

    @contextmanager
    def _unguarded(self, *tables):
        """What happens when somebody switches the guards off, undone at the end."""
        with self.env.cr.savepoint(flush=True) as savepoint:
            for table in tables:
                self._sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            yield
            savepoint.rollback()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestDatabaseRefuses(GuardCase):
    """Rule 1: entries are append-only, to the superuser and to raw SQL too"""

    def test_entries_are_never_updated(self):
        for column, value in {
            "quantity": "quantity + 1",
            "remaining": "remaining - 1",
            "day": "day + 1",
            "last_day": "NULL",
            "first_day": "first_day - 1",
            "kind": "'correction'",
            "ledger_id": "ledger_id + 1",
            "lot_id": "id",
            "ticket_id": "1",
            "reason": "'none'",
            "key": "'another'",
            "id": "id + 1000",
        }.items():
            with self.subTest(column=column), self._assert_refused(NEVER):
                self._sql(
                    f"UPDATE support_ledger_entry SET {column} = {value} WHERE id = %s",
                    self.lot.id,
                )

    def test_entries_are_never_deleted(self):
        for entry in (self.used, self.lot):
            with self._assert_refused(NEVER):
                self._sql("DELETE FROM support_ledger_entry WHERE id = %s", entry.id)

    def test_tables_are_never_emptied(self):
        for table in (
            "support_ledger_entry",
            "support_ledger",
            "support_contract",
            "support_ledger_reservation",
        ):
            with self.subTest(table=table), self._assert_refused():
                self._sql(f"TRUNCATE {table} CASCADE")

    def test_balances_are_moved_by_entries_only(self):
        for column in ("balance", "reserved"):
            with self.subTest(column=column), self._assert_refused(BY_ENTRIES):
                self._sql(
                    f"UPDATE support_ledger SET {column} = {column} + 1 WHERE id = %s",
                    self.ledger.id,
                )

    def test_a_ledger_keeps_its_unit_and_contract(self):
        other = self._create_contract(self._create_type(), self.other_customer)
        for values in (
            "unit = 'ticket'",
            f"contract_id = {other.id}",
            "scope = '1'",
            "scope = NULL",
        ):
            with self.subTest(values=values), self._assert_refused("keeps its"):
                self._sql(
                    f"UPDATE support_ledger SET {values} WHERE id = %s", self.ledger.id
                )

    def test_a_ledger_with_entries_is_not_deleted(self):
        with self._assert_refused():
            self._sql("DELETE FROM support_ledger WHERE id = %s", self.ledger.id)

    def test_a_ledger_starts_empty(self):
        contract = self._create_contract(self._create_type(), self.other_customer)
        self._sql(
            "INSERT INTO support_ledger (contract_id, unit, scope, balance, reserved) "
            "VALUES (%s, 'time', '', 500, 50) RETURNING balance, reserved",
            contract.id,
        )
        self.assertEqual(self.env.cr.fetchone(), (0, 0))

    def test_reservations_do_not_change(self):
        for values in (
            "quantity = quantity - 1",
            f"ledger_id = {self.ledger.id + 1}",
        ):
            with self.subTest(values=values), self._assert_refused():
                self._sql(
                    f"UPDATE support_ledger_reservation SET {values} WHERE id = %s",
                    self.held.id,
                )
        self.held._release()
        with self._assert_refused("make another"):
            self._sql(
                "UPDATE support_ledger_reservation SET state = 'held' WHERE id = %s",
                self.held.id,
            )

    def _insert(self, **values):
        row = {
            "ledger_id": self.ledger.id,
            "kind": "topup",
            "quantity": 5,
            "day": DAY,
            "first_day": DAY,
            **values,
        }
        self._sql(
            SQL(
                "INSERT INTO support_ledger_entry (%s) VALUES %s RETURNING remaining",
                SQL(", ").join(map(SQL.identifier, row)),
                tuple(row.values()),
            ).code,
            *SQL("%s", tuple(row.values())).params,
        )
        return self.env.cr.fetchone()[0]

    def test_raw_credit_moves_the_balance(self):
        self.assertEqual(self._insert(remaining=9999), 5)
        self.assertEqual(self._flushed(self.ledger).balance, 515)
        self._assert_sound()

    def test_raw_debit_moves_the_lot(self):
        self._insert(
            kind="work", quantity=-10, lot_id=self.lot.id, first_day=None, remaining=7
        )
        self._flushed(self.ledger)
        self.assertEqual((self.ledger.balance, self.lot.remaining), (500, 500))
        self._assert_sound()

    def test_raw_nonsense_is_refused(self):
        foreign = self._create_ledger("time", self.other_customer)
        foreign_lot = self._credit(foreign, 50, DAY)
        self._credit(self.ledger, 100, DAY)
        debit = {"kind": "work", "first_day": None, "lot_id": self.lot.id}
        for message, values in [
            ("number other than zero", {"quantity": float("nan")}),
            ("", {"quantity": 0}),
            ("number other than zero", {"quantity": 10**12}),
            ("", {"quantity": None}),
            ("Credits add a lot", {"quantity": -5}),
            ("Credits add a lot", {"kind": "gift"}),
            ("Credits add a lot", {"kind": "work"}),
            ("Credits add a lot", debit | {"quantity": 5}),
            ("Not enough is left", debit | {"quantity": -511}),
            ("first day of use", {"first_day": None}),
            ("first day of use", {"last_day": date(2026, 1, 1)}),
            (
                "lot of its own ledger",
                debit | {"quantity": -1, "lot_id": foreign_lot.id},
            ),
            ("lot of its own ledger", debit | {"quantity": -1, "lot_id": self.used.id}),
        ]:
            with self.subTest(**values), self._assert_refused(message or "."):
                self._insert(**values)

    def test_raw_reversals_are_whole(self):
        reversal = {"kind": "reversal", "first_day": None, "lot_id": self.lot.id}
        other_lot = self._credit(self.ledger, 100, DAY)
        for values in [
            {"quantity": 89, "reversal_of_id": self.used.id},
            {"quantity": -90, "reversal_of_id": self.used.id},
            {"quantity": 90, "reversal_of_id": self.used.id, "lot_id": other_lot.id},
        ]:
            with self.subTest(**values), self._assert_refused():
                self._insert(**reversal | values)
        done = self.used._reverse("mistake")
        for values in [
            {"quantity": 90, "reversal_of_id": self.used.id},
            {"quantity": -90, "reversal_of_id": done.id},
        ]:
            with self.subTest(**values), self._assert_refused():
                self._insert(**reversal | values)

    def test_a_key_is_posted_once(self):
        self._insert(key="once")
        with self._assert_refused("posted already"):
            self._insert(key="once")
        row = {
            "ledger_id": self.ledger.id,
            "kind": "topup",
            "quantity": 5,
            "day": DAY,
            "first_day": DAY,
            "key": "once",
        }
        posted = self.env["support.ledger"]._post_set([row, row | {"key": "twice"}])
        self.assertEqual(posted.mapped("key"), ["twice"])

    def test_orm_is_refused_as_the_superuser(self):
        for entry in (self.used.sudo(), self.lot.sudo()):
            for values in ({"quantity": -1}, {"remaining": 1}, {"reason": "none"}):
                with self._assert_refused(NEVER):
                    entry.write(values)
            with self._assert_refused(NEVER):
                entry.unlink()
        for values in ({"balance": 1}, {"reserved": 0}):
            with self._assert_refused(BY_ENTRIES):
                self.ledger.sudo().write(values)
        for values in (
            {"unit": "ticket"},
            {"work_mode_ids": [Command.link(self.phone.id)]},
        ):
            with self._assert_refused("keeps its"):
                self.ledger.sudo().write(values)

    def test_a_person_understands_the_refusal(self):
        """what a remote caller reads is the sentence, not the database's words"""
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(ValidationError) as caught,
        ):
            retrying(self._delete_used, _NoRollback(self.env))
        self.assertIn("post a reversal instead", str(caught.exception))

    def _delete_used(self):
        with self.env.cr.savepoint():
            self.used.unlink()

    def test_many_rows_in_one_statement(self):
        other = self._create_ledger("time", self.other_customer)
        rows = [
            {
                "ledger_id": ledger.id,
                "kind": "topup",
                "quantity": 3,
                "day": DAY,
                "first_day": DAY,
                "key": f"{ledger.id}:{number}",
            }
            for ledger in (self.ledger, other)
            for number in range(100)
        ]
        self.assertEqual(len(self.env["support.ledger"]._post_set(rows)), 200)
        self.assertFalse(self.env["support.ledger"]._post_set(rows))
        self._flushed(other)
        self.assertEqual((self.ledger.balance, other.balance), (810, 300))
        self._assert_sound()


class _NoRollback:
    """An environment for ``retrying`` whose cursor keeps the test's transaction."""

    def __init__(self, env):
        self._env = env
        self.cr = self
        self._closed = closed = False
        self.closed = not closed
        self.transaction = self
        self.registry = self

    def rollback(self):
        pass

    reset = reset_changes = signal_changes = flush = rollback

    def values(self):
        return self._env.registry.values()

    def _(self, *args):
        return self._env._(*args)

    def __getitem__(self, name):
        return self._env[name]


@tagged("post_install", "-at_install")
class TestGuardsAreThere(GuardCase):
    def test_triggers(self):
        self._sql(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger "
            "WHERE NOT tgisinternal AND tgenabled = 'O' "
            "AND tgrelid::regclass::text LIKE 'support_%%'"
        )
        found = {}
        for table, name in self.env.cr.fetchall():
            found.setdefault(table, set()).add(name)
        self.assertEqual(found, TRIGGERS)

    def test_constraints(self):
        self._sql(
            "SELECT conname FROM pg_constraint "
            "WHERE convalidated AND conname = ANY(%s)",
            list(CHECKS),
        )
        self.assertEqual({name for [name] in self.env.cr.fetchall()}, CHECKS)

    def test_unique_indexes(self):
        self._sql(
            "SELECT indexrelid::regclass::text FROM pg_index "
            "WHERE indisunique AND indisvalid AND indexrelid::regclass::text = ANY(%s)",
            list(INDEXES),
        )
        self.assertEqual({name for [name] in self.env.cr.fetchall()}, INDEXES)

    def test_quantities_are_exact_and_there(self):
        """numeric and NOT NULL: float8 keeps NaN, and NULL passes a CHECK"""
        for table, column in [
            ("support_ledger", "balance"),
            ("support_ledger", "reserved"),
            ("support_ledger_entry", "quantity"),
            ("support_ledger_entry", "remaining"),
            ("support_ledger_entry", "ledger_id"),
            ("support_ledger_entry", "day"),
            ("support_ledger_entry", "kind"),
            ("support_ledger_reservation", "quantity"),
            ("support_ledger_reservation", "state"),
        ]:
            with self.subTest(table=table, column=column):
                self._sql(
                    "SELECT data_type, is_nullable FROM information_schema.columns "
                    "WHERE table_name = %s AND column_name = %s",
                    table,
                    column,
                )
                data_type, nullable = self.env.cr.fetchone()
                self.assertEqual(nullable, "NO")
                if column in ("balance", "reserved", "quantity", "remaining"):
                    self.assertEqual(data_type, "numeric")

    def test_no_partner_in_append_only_tables(self):
        """a partner merge rewrites foreign keys, and deletes what it cannot"""
        self._sql(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' "
            "AND confrelid = 'res_partner'::regclass AND conrelid IN "
            "('support_ledger_entry'::regclass, "
            "'support_ledger_reservation'::regclass)"
        )
        self.assertFalse(self.env.cr.fetchall())


@tagged("post_install", "-at_install")
class TestCheckJob(GuardCase):
    """The check reports every kind of difference and repairs nothing"""

    def _find(self):
        return self.env["support.ledger.check"]._find()

    def test_nothing_to_report(self):
        self._assert_sound()
        before = self.ledger.contract_id.message_ids
        self.env["support.ledger.check"]._cron_check()
        self.assertEqual(self.ledger.contract_id.message_ids, before)

    def test_balance(self):
        with self._unguarded("support_ledger"):
            self._sql(
                "UPDATE support_ledger SET balance = 511 WHERE id = %s", self.ledger.id
            )
            findings = self._find()
            self.assertIn("511", findings[0])
            self.assertIn("510", findings[0])
            self.assertIn(self.ledger.display_name, findings[0])

    def test_lot(self):
        with self._unguarded("support_ledger_entry"):
            self._sql(
                "UPDATE support_ledger_entry SET remaining = 509 WHERE id = %s",
                self.lot.id,
            )
            self.assertTrue(any(f"lot {self.lot.id}" in line for line in self._find()))

    def test_entry_deleted(self):
        with self._unguarded("support_ledger_entry"):
            self._sql("DELETE FROM support_ledger_entry WHERE id = %s", self.used.id)
            findings = self._find()
            self.assertTrue(any("balance" in line for line in findings))
            self.assertTrue(any("lot" in line for line in findings))

    def test_entry_changed_between_lots(self):
        """the sum is right, but not that of each lot"""
        other = self._credit(self.ledger, 100, DAY)
        with self._unguarded("support_ledger_entry"):
            self._sql(
                "UPDATE support_ledger_entry SET lot_id = %s WHERE id = %s",
                other.id,
                self.used.id,
            )
            findings = [line for line in self._find() if "remain" in line]
            self.assertEqual(len(findings), 2)

    def test_reservation(self):
        with self._unguarded("support_ledger_reservation"):
            self._sql(
                "UPDATE support_ledger_reservation SET state = 'used' WHERE id = %s",
                self.held.id,
            )
            self.assertTrue(any("reserved" in line for line in self._find()))

    def test_every_trigger(self):
        for table, names in TRIGGERS.items():
            for name in names:
                for change in (
                    f"ALTER TABLE {table} DISABLE TRIGGER {name}",
                    f"ALTER TABLE {table} ENABLE REPLICA TRIGGER {name}",
                    f"DROP TRIGGER {name} ON {table}",
                ):
                    with self.subTest(change=change), self._unguarded():
                        self._sql(change)
                        self.assertTrue(any(name in line for line in self._find()))

    def test_every_constraint(self):
        for name in CHECKS:
            if not name.startswith(("support_ledger", "support_contract_term_no")):
                continue
            table = next(
                table
                for table in (
                    "support_ledger_reservation",
                    "support_ledger_entry",
                    "support_ledger",
                    "support_contract_term",
                )
                if name.startswith(table)
            )
            with self.subTest(name=name), self._unguarded():
                self._sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
                self.assertTrue(any(name in line for line in self._find()))

    def test_every_unique_index(self):
        for name in INDEXES - {"support_contract_takeover_row_unique"}:
            with self.subTest(name=name), self._unguarded():
                self._sql(f"DROP INDEX {name}")
                self.assertTrue(any(name in line for line in self._find()))

    def test_managers_are_told_and_nothing_is_repaired(self):
        with self._unguarded("support_ledger"):
            self._sql(
                "UPDATE support_ledger SET balance = 511 WHERE id = %s", self.ledger.id
            )
            self._sql("ALTER TABLE support_ledger ENABLE TRIGGER USER")
            self.env["support.ledger.check"]._cron_check()
            self._flushed(self.ledger)
            self.assertEqual(self.ledger.balance, 511)
            told = self.env["mail.message"].search(
                [("partner_ids", "in", self.manager.partner_id.ids)], limit=1
            )
            self.assertIn("repaired nothing", told.body)
            self.assertIn("511", told.body)


@tagged("post_install", "-at_install")
class TestSurvival(GuardCase):
    def _snapshot(self):
        self.env.flush_all()
        self._sql(
            "SELECT ledger.id, ledger.contract_id, balance, reserved, entry.id, kind, "
            "quantity, remaining, lot_id FROM support_ledger ledger JOIN "
            "support_ledger_entry entry ON entry.ledger_id = ledger.id "
            "ORDER BY entry.id"
        )
        return self.env.cr.fetchall()

    def test_merging_partners(self):
        """merging partners leaves every ledger intact, also when both have one"""
        self.other_portal_user.partner_id.parent_id = False
        other = self._create_ledger("time", self.other_customer)
        self._credit(other, 100, "2026-01-01")
        other._debit(10, "work", DAY)
        before = self._snapshot()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge(
            (self.customer | self.other_customer).ids, self.customer, extra_checks=False
        )
        self.assertFalse(self.other_customer.exists())
        self.assertEqual(self._snapshot(), before)
        self.env.invalidate_all()
        self.assertEqual(other.contract_id.partner_id, self.customer)
        self.assertEqual(other.commercial_partner_id, self.customer)
        self._assert_sound()

    def test_deleting_a_user(self):
        """deleting a user leaves every ledger intact"""
        user = self._create_user("leaver", "support_contract.group_support_manager")
        entries, _ = self.ledger.with_user(user).sudo()._debit(10, "work", DAY)
        self.assertEqual(entries.create_uid, user)
        before = self._snapshot()
        user.with_context(active_test=False).employee_ids.unlink()
        user.unlink()
        self.assertEqual(self._snapshot(), before)
        self.env.invalidate_all()
        self.assertFalse(entries.create_uid)
        self._assert_sound()

    def test_what_entries_name_is_not_deleted(self):
        contract = self._create_contract(self._create_time_type(), self.other_customer)
        ticket = self._create_ticket(self.other_customer)
        work = self._log_work(ticket, 30)
        for record in (work, ticket, contract.allotment_ids, contract):
            with self.subTest(record=record), self._assert_refused():
                record.sudo().unlink()


@tagged("post_install", "-at_install")
class TestUninstall(GuardCase):
    def _module(self, name):
        return self.env["ir.module.module"].search([("name", "=", name)])

    def test_refused_while_entries_exist(self):
        """uninstalling, also by way of a dependency, is refused"""
        for name in ("support_contract", "helpdesk_mgmt", "account", "resource"):
            with (
                self.subTest(module=name),
                self._assert_refused("ledgers have entries"),
            ):
                self._module(name).button_uninstall()
        self.assertEqual(self._module("support_contract").state, "installed")

    def test_refused_unless_the_parameter_says_yes(self):
        parameters = self.env["ir.config_parameter"].sudo()
        for value in ("False", "0", "no", "perhaps"):
            parameters.set_param("support_contract.allow_uninstall", value)
            with self.subTest(value=value), self._assert_refused("have entries"):
                self._module("support_contract").button_uninstall()
        parameters.set_param("support_contract.allow_uninstall", "True")
        self._module("support_contract").button_uninstall()
        self.assertEqual(self._module("support_contract").state, "to remove")

    def test_hook_leaves_no_function_and_no_trigger(self):
        def functions():
            self._sql("SELECT proname FROM pg_proc WHERE proname LIKE 'support\\_%%'")
            return {name for [name] in self.env.cr.fetchall()}

        def triggers():
            self._sql(
                "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal "
                "AND tgname LIKE 'support\\_%%'"
            )
            return {name for [name] in self.env.cr.fetchall()}

        self.assertEqual(functions(), set(FUNCTIONS))
        self.assertEqual(triggers(), set().union(*TRIGGERS.values()))
        with self._unguarded():
            uninstall_hook(self.env)
            self.assertEqual((functions(), triggers()), (set(), set()))

    def test_an_update_makes_the_guards_again(self):
        """init() runs at each update: it makes what is missing and changes nothing
        that is there"""
        with self._unguarded():
            uninstall_hook(self.env)
            for model in (
                "support.ledger",
                "support.ledger.entry",
                "support.ledger.reservation",
                "support.release.download",
            ):
                self.env[model].init()
                self.env[model].init()
            self._assert_sound()


def sell(database):
    """A ledger with lots, debits, a reversal, an expiry and a reservation."""
    with database.env() as env:
        vendor = SupportCommon.in_environment(env)
        ledger = vendor._create_ledger("money")
        vendor._credit(ledger, 100.1, "2025-01-01", "2025-12-31")
        vendor._credit(ledger, 200.2, "2025-01-01")
        used, _ = ledger._debit(150.15, "work", date(2025, 3, 1))
        used[0]._reverse("mistake")
        ledger._reserve(10, date(2026, 3, 1))


@tagged("post_install", "-at_install")
class TestDumpAndRestore(ScratchCase):
    def test_everything_is_restored(self):
        """dump and restore leave every ledger intact, and guarded"""
        self.database.run(sell)
        restored = self._scratch("restored", self.database)
        restored._manage(f'DROP DATABASE "{restored.name}"')
        restored._manage(f'CREATE DATABASE "{restored.name}" TEMPLATE template0')
        dump = subprocess.run(
            [find_pg_tool("pg_dump"), "--no-owner", self.database.name],
            env=exec_pg_environ(),
            capture_output=True,
            check=True,
        )
        subprocess.run(
            [find_pg_tool("psql"), "-q", "-v", "ON_ERROR_STOP=1", "-d", restored.name],
            env=exec_pg_environ(),
            input=dump.stdout,
            capture_output=True,
            check=True,
        )
        for query in (
            "SELECT id, balance, reserved FROM support_ledger ORDER BY id",
            "SELECT * FROM support_ledger_entry ORDER BY id",
            "SELECT * FROM support_ledger_reservation ORDER BY id",
            "SELECT tgname, tgenabled, pg_get_triggerdef(oid) FROM pg_trigger "
            "WHERE NOT tgisinternal ORDER BY tgname",
            "SELECT conname, contype, convalidated FROM pg_constraint "
            "WHERE conname LIKE 'support%' ORDER BY conname",
        ):
            rows = restored.sql(query)
            self.assertTrue(rows)
            self.assertEqual(rows, self.database.sql(query))
        for query in (
            "UPDATE support_ledger_entry SET quantity = quantity + 1",
            "DELETE FROM support_ledger_entry",
            "TRUNCATE support_ledger_entry CASCADE",
            "UPDATE support_ledger SET balance = balance + 1",
        ):
            with (
                self.subTest(query=query),
                self.assertRaises(psycopg2.errors.CheckViolation),
            ):
                restored.sql(query)
