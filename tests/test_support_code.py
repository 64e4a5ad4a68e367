# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The support code: callers give it, nobody reads it unseen, nobody guesses it."""

import logging
from datetime import datetime, timedelta
from importlib.util import module_from_spec, spec_from_file_location

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import file_open, file_path, mute_logger

from odoo.addons.support_contract.models.support_code_guard import LIMIT

from ..tools.support_code import format_code, make_code, parse_code
from .common import SupportCommon

_logger = logging.getLogger("odoo.addons.support_contract")

MONDAY = datetime(2026, 3, 2, 9)


class CodeCase(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id = False
        cls.contract = cls._create_contract(cls._create_time_type())
        cls.code = cls.contract.support_code

    def setUp(self):
        super().setUp()
        # tries are counted in transactions of their own
        self.registry_enter_test_mode()
        freezer = freeze_time(MONDAY)
        freezer.start()
        self.addCleanup(freezer.stop)

    def _code_of_nobody(self):
        while True:
            code = make_code()
            if code != self.code:
                return code

    def _enter(self, code, user=None):
        """What an operator is told about a code: the contract, or why not."""
        calls = self.env["support.call"].with_user(user or self.technician)
        contract, refused = calls._check_code(code)
        return contract.with_env(self.env), refused


@tagged("post_install", "-at_install")
class TestSupportCode(CodeCase):
    def test_every_contract_has_its_own(self):
        contracts = self.env["support.contract"].create(
            [
                {
                    "type_id": self.contract.type_id.id,
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                }
                for _ in range(20)
            ]
        )
        codes = contracts.mapped("support_code")
        self.assertEqual(len(set(codes) | {self.code}), 21)
        self.assertTrue(all(parse_code(code) == code for code in codes))

    def test_a_copy_has_a_code_of_its_own(self):
        copy = self.contract.copy()
        self.assertTrue(copy.support_code)
        self.assertNotEqual(copy.support_code, self.code)

    def test_nobody_chooses_or_reads_it(self):
        contracts = self.env["support.contract"]
        values = {
            "type_id": self.contract.type_id.id,
            "partner_id": self.customer.id,
            "company_id": self.company.id,
        }
        for user in (self.manager, self.contract_user):
            with self.subTest(user=user.login):
                with self.assertRaises(UserError):
                    contracts.with_user(user).create(
                        values | {"support_code": "111111111"}
                    )
                with self.assertRaises(UserError):
                    self.contract.with_user(user).write({"support_code": "111111111"})
                with self.assertRaises(AccessError):
                    self.contract.with_user(user).read(["support_code"])
                with self.assertRaises(AccessError):
                    contracts.with_user(user).search([("support_code", "like", "1")])
                with self.assertRaises(AccessError):
                    contracts.with_user(user).with_context(
                        default_support_code="111111111"
                    ).create(dict(values))

    def test_old_contracts_get_one_by_the_update(self):
        self.contract.support_code = False
        self.contract.flush_recordset()
        path = file_path("support_contract/migrations/19.0.1.1.0/post-support_code.py")
        spec = spec_from_file_location("post_support_code", path)
        script = module_from_spec(spec)
        spec.loader.exec_module(script)
        script.migrate(self.env.cr, "19.0.1.0.0")
        self.contract.invalidate_recordset()
        self.assertTrue(parse_code(self.contract.support_code))

    def test_a_copy_of_the_database_has_no_codes(self):
        with file_open("support_contract/data/neutralize.sql") as script:
            self.env.cr.execute(script.read())
        self.contract.invalidate_recordset()
        self.assertFalse(self.contract.support_code)


@tagged("post_install", "-at_install")
class TestShowCode(CodeCase):
    def _show(self, user, action="action_show_support_code"):
        window = getattr(self.contract.with_user(user), action)()
        return self.env[window["res_model"]].with_user(user).browse(window["res_id"])

    def _notes(self):
        return [str(body) for body in self.contract.message_ids.mapped("body")]

    def test_contract_users_see_it_and_a_note_says_who(self):
        window = self._show(self.contract_user)
        self.assertEqual(window.code, format_code(self.code))
        self.assertIn(self.contract_user.name, self._notes()[0])
        self.assertIn("looked at the support code", self._notes()[0])

    def test_technicians_and_customers_do_not(self):
        for user in (self.technician, self.portal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._show(user)

    def test_no_window_but_by_the_action(self):
        """else anybody could look at any code without a note"""
        windows = self.env["support.contract.code"]
        other = self._create_contract(self._create_type(), self.other_customer)
        window = self._show(self.contract_user)
        for user in (self.manager, self.contract_user, self.technician):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    windows.with_user(user).create({"contract_id": other.id})
                with self.assertRaises(AccessError):
                    windows.with_user(user).onchange(
                        {"contract_id": other.id}, ["contract_id"], {"code": {}}
                    )
        new = windows.with_user(self.contract_user).new({"contract_id": other.id})
        self.assertFalse(new.code)
        with self.assertRaises(AccessError):
            window.with_user(self.contract_user).write({"contract_id": other.id})
        with self.assertRaises(AccessError):
            window.with_user(self.manager).read(["code"])

    def test_managers_renew_it_and_the_old_one_is_dead(self):
        window = self._show(self.contract_user)
        with self.assertRaises(AccessError):
            window.action_renew()
        renewed = self._show(self.manager, "action_renew_support_code")
        new = parse_code(renewed.code)
        self.assertTrue(new)
        self.assertNotEqual(new, self.code)
        self.assertFalse(window.exists())
        contract, refused = self._enter(self.code)
        self.assertFalse(contract)
        self.assertIn("Nobody has this support code", refused)
        self.assertEqual(self._enter(new), (self.contract, ""))
        self.assertIn("renewed the support code", self._notes()[0])

    def test_the_code_is_in_no_note_and_no_log(self):
        with self.assertLogs("odoo", "DEBUG") as logs:
            _logger.info("there is a log")
            self._show(self.contract_user)
            renewed = self._show(self.manager, "action_renew_support_code")
            self._enter(renewed.code)
        values = self.env["mail.tracking.value"].search([])
        texts = [*self._notes(), *values.mapped("new_value_char")]
        texts += [
            record.getMessage()
            for record in logs.records
            # the database's own log of statements is for developers
            if not record.name.startswith("odoo.sql_db")
        ]
        digits = "".join(character for text in texts for character in str(text))
        for code in (self.code, parse_code(renewed.code)):
            self.assertNotIn(code, digits)
            self.assertNotIn(format_code(code), digits)


@tagged("post_install", "-at_install")
class TestOffer(CodeCase):
    def _print(self, user):
        html, _type = (
            self.env["ir.actions.report"]
            .with_user(user)
            ._render_qweb_html(
                "support_contract.report_contract_offer", self.contract.ids
            )
        )
        return html.decode()

    def test_the_offer_says_the_code_and_what_it_is_for(self):
        html = self._print(self.contract_user)
        self.assertIn(format_code(self.code), html)
        self.assertIn("Give this code when you call us", html)

    def test_only_to_those_who_may_see_it(self):
        contract = self.contract.with_user(self.technician)
        self.assertEqual(contract._get_offer_support_code(), "")

    def test_only_if_the_phone_belongs_to_the_contract(self):
        phone = self.env["res.company"]._support_phone_channel()
        web = self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_web")
        calendar = self.env["resource.calendar"].create({"name": "Hours"})
        draft = self._create_contract(self._create_type(), activate=False)
        for channels, expected in (
            ([], True),
            ([phone], True),
            ([web], False),
            ([web, phone], True),
            ([phone.browse()], True),
        ):
            draft.coverage_ids = [
                Command.clear(),
                *(
                    Command.create(
                        {"channel_id": channel.id, "calendar_id": calendar.id}
                    )
                    for channel in channels
                ),
            ]
            self.assertEqual(bool(draft._get_offer_support_code()), expected)


@tagged("post_install", "-at_install")
class TestWrongCodes(CodeCase):
    def test_a_right_code_names_the_contract(self):
        for text in (
            self.code,
            format_code(self.code),
            format_code(self.code).replace(" ", "-"),
        ):
            self.assertEqual(self._enter(text), (self.contract, ""))

    def test_a_slip_of_the_tongue_is_told_apart(self):
        wrong = str((int(self.code[0]) % 9) + 1) + self.code[1:]
        for text in (wrong, "12", "Rossi", "", None, [], {"x": 1}):
            contract, refused = self._enter(text)
            self.assertFalse(contract)
            if "Too many" not in refused:
                self.assertIn("look at the digits", refused)

    def test_five_wrong_codes_lock_for_a_quarter_of_an_hour(self):
        told = [self._enter(self._code_of_nobody())[1] for _ in range(LIMIT)]
        for left, text in zip(range(LIMIT - 1, 0, -1), told, strict=False):
            self.assertIn(f"Tries left: {left}.", text)
        # 9:00 UTC is 10:00 in Rome
        self.assertIn("you can enter codes again at 10:15", self._plain(told[-1]))
        # now even a right one says nothing
        contract, refused = self._enter(self.code)
        self.assertFalse(contract)
        self.assertIn("Too many wrong codes", refused)
        with freeze_time(MONDAY + timedelta(minutes=14)):
            self.assertFalse(self._enter(self.code)[0])
        with freeze_time(MONDAY + timedelta(minutes=15)):
            self.assertEqual(self._enter(self.code), (self.contract, ""))

    def _plain(self, text):
        return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace(" AM", "")

    def test_a_colleague_is_not_locked(self):
        for _ in range(LIMIT):
            self._enter(self._code_of_nobody())
        self.assertEqual(
            self._enter(self.code, self.contract_user), (self.contract, "")
        )

    def test_a_right_code_forgets_the_wrong_ones(self):
        for _ in range(3):
            for _ in range(LIMIT - 1):
                self._enter(self._code_of_nobody())
            self.assertEqual(self._enter(self.code), (self.contract, ""))

    def test_old_slips_are_forgotten(self):
        for _ in range(LIMIT - 1):
            self._enter(self._code_of_nobody())
        with freeze_time(MONDAY + timedelta(minutes=16)):
            for left in (4, 3):
                self.assertIn(
                    f"Tries left: {left}", self._enter(self._code_of_nobody())[1]
                )

    def test_the_counter_survives_a_failing_request(self):
        for _ in range(LIMIT):
            savepoint = self.env.cr.savepoint()
            self._enter(self._code_of_nobody())
            savepoint.close(rollback=False)
        self.assertIn("Too many", self._enter(self.code)[1])

    def test_wrong_codes_are_noted_for_managers(self):
        code = self._code_of_nobody()
        self._enter(code)
        self._enter("123 456 780")
        refusals = self.env["support.code.refusal"].with_user(self.manager)
        rows = refusals.search([("user_id", "=", self.technician.id)], order="id")
        self.assertEqual(
            [(row.kind, row.code) for row in rows],
            [("unknown", f"{code[:2]}{'•' * 7}"), ("malformed", "12• ••• •••")],
        )
        self.assertEqual(rows.mapped("date"), [MONDAY, MONDAY])
        for user in (self.technician, self.contract_user, self.portal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                refusals.with_user(user).search([])

    def test_a_manager_lifts_the_lock(self):
        for _ in range(LIMIT):
            self._enter(self._code_of_nobody())
        refusals = self.env["support.code.refusal"].search(
            [("user_id", "=", self.technician.id)]
        )
        self.assertEqual(refusals[0].locked_until, MONDAY + timedelta(minutes=15))
        with self.assertRaises(AccessError):
            refusals.with_user(self.technician).action_lift_lock()
        refusals.with_user(self.manager).action_lift_lock()
        self.env.invalidate_all()
        self.assertFalse(refusals[0].locked_until)
        self.assertEqual(self._enter(self.code), (self.contract, ""))

    def test_a_code_of_another_company_is_a_code_of_nobody(self):
        other = self.env["res.company"].create({"name": "Other vendor"})
        stranger = self._create_user("stranger", "helpdesk_mgmt.group_helpdesk_user")
        stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        contract, refused = self._enter(self.code, stranger)
        self.assertFalse(contract)
        self.assertIn("Nobody has this support code", refused)

    @mute_logger("odoo.models.unlink")
    def test_old_refusals_go(self):
        self._enter("1")
        with freeze_time(MONDAY + timedelta(days=400)):
            self.env["support.code.refusal"]._gc_refusals()
        self.assertFalse(
            self.env["support.code.refusal"].search(
                [("user_id", "=", self.technician.id)]
            )
        )
