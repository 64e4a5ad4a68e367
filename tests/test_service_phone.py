# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""S4, phone support: "The customer calls and gives his SUPPORT CODE, which lets him
speak with a technical operator. This service can be used from Monday to Friday 10.00 to
12.30 and 15.00 to 17.00. Outside these hours he can use the CALL BACK service, which
records his request and lets one of our operators call him, also out of hours." """

import pytz

from odoo.tests import tagged

from ..tools.support_code import format_code
from .common_service import ServiceCommon


@tagged("post_install", "-at_install")
class TestServicePhone(ServiceCommon):
    def setUp(self):
        super().setUp()
        self.registry_enter_test_mode()
        self._freeze("2026-03-02", 10)
        self.company.country_id = self.env.ref("base.it")
        self.contract = self._sell("phone")
        self.code = self.contract.support_code

    def _freeze(self, day, hour, minute=0):
        freezer = self._at(day, hour, minute)
        freezer.start()
        self.addCleanup(freezer.stop)

    def _ring(self):
        """A customer calls and gives the support code."""
        desk = self.env["support.call"].with_user(self.technician)
        values = desk.desk_find_code(format_code(self.code))
        return desk.browse(values["call"]["id"]), values

    def _ask_for_call(self, **vals):
        """A call-back asked for in a call."""
        call, _values = self._ring()
        callbacks = self.env["support.callback"].with_user(self.technician)
        return callbacks.create(
            {
                "topic": "The month does not close",
                "number": "06 4567 8901",
                "partner_id": self.contact.id,
                "contract_id": self.contract.id,
                "company_id": self.company.id,
                "call_id": call.id,
                **vals,
            }
        )

    def _hour(self, moment):
        """A moment in the company's zone: "Mon 10:00"."""
        zone = pytz.timezone(self.company.support_tz)
        return pytz.utc.localize(moment).astimezone(zone).strftime("%a %H:%M")

    def test_the_code_names_the_customer(self):
        call, values = self._ring()
        self.assertEqual(values["customer"]["name"], "Alpha")
        self.assertEqual(call.contract_id, self.contract)
        [contract] = values["contracts"]
        self.assertEqual(contract["type"], "Phone Support")
        self.assertTrue(contract["phone"])

    def test_the_fee_pays_for_every_call(self):
        for _ in range(3):
            call, _values = self._ring()
            answer = call.desk_open_ticket("The month does not close")
            ticket = self.env["helpdesk.ticket"].browse(answer["ticket_id"])
            self._assert_covered(ticket, self.contract, "the fee pays for all help")
            work = self._work(ticket, 45)
            self.assertEqual(work.overage_minutes, 0)
            self.assertEqual(self._drawn(work), "")

    def test_it_is_help_by_phone_only(self):
        """a visit is occasional help, at its own tariff"""
        visit = self._ask("on_site")
        self.assertEqual(visit.support_cover, "on_call")
        self.assertEqual(
            self._why(visit),
            ["this work mode is not included", "help at the on-call tariff"],
        )
        self.assertEqual(self._work(visit, 60).overage_amount, 110)
        # also as further work on a ticket that began on the phone
        ticket = self._ask("phone")
        self._assert_covered(ticket, self.contract)
        self.assertEqual(self._work(ticket, 60, "on_site").overage_amount, 110)

    def test_beside_a_ticket_pack(self):
        """who has both calls without using up tickets, and writes without the phone"""
        pack = self._sell("ticket_pack", "tickets_10")
        self._assert_covered(self._ask("phone"), self.contract)
        self.assertEqual(self._balance(pack), "10 tickets")
        self._assert_covered(self._ask("remote"), pack)
        self.assertEqual(self._balance(pack), "9 tickets")

    def test_the_hours(self):
        for day, hour, minute, is_open in [
            ("2026-03-02", 9, 59, False),
            ("2026-03-02", 10, 0, True),
            ("2026-03-02", 12, 29, True),
            ("2026-03-02", 12, 30, False),
            ("2026-03-02", 15, 0, True),
            ("2026-03-06", 16, 59, True),
            ("2026-03-06", 17, 0, False),
            ("2026-03-07", 11, 0, False),
            ("2026-03-08", 11, 0, False),
        ]:
            with self.subTest(day=day, hour=hour, minute=minute):
                self._freeze(day, hour, minute)
                _call, values = self._ring()
                self.assertEqual(values["hours"]["open"], is_open)

    def test_a_call_back_on_friday_evening(self):
        """at once, by the operator on duty"""
        duty = self._create_user("duty", "helpdesk_mgmt.group_helpdesk_user")
        self.company.support_duty_user_id = duty
        self._freeze("2026-03-06", 19)
        callback = self._ask_for_call()
        self.assertTrue(callback.out_of_hours)
        self.assertEqual(callback.user_id, duty)
        self.assertEqual(self._hour(callback.due_from), "Fri 19:00")
        self.assertEqual(self._hour(callback.deadline), "Fri 20:00")
        self._freeze("2026-03-06", 19, 30)
        window = self.env["support.callback.reached"].with_user(duty)
        window.create({"callback_id": callback.id}).action_confirm()
        ticket = callback.ticket_id
        self._assert_covered(ticket.with_env(self.env), self.contract)
        self.assertEqual(callback.state, "done")

    def test_a_vendor_who_does_not_work_at_night(self):
        """the same contract without that promise: Monday at 10:00"""
        self.contract._write_agreed({"callback_out_of_hours": False})
        self._freeze("2026-03-06", 19)
        callback = self._ask_for_call()
        self.assertFalse(callback.out_of_hours)
        self.assertEqual(callback.due_from.isoformat(), "2026-03-09T09:00:00")
        self.assertEqual(callback.deadline.isoformat(), "2026-03-09T10:00:00")

    def test_over_a_public_holiday(self):
        self.contract._write_agreed({"callback_out_of_hours": False})
        calendar = self.contract.coverage_ids.calendar_id
        # Easter Monday
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Pasquetta",
                "calendar_id": calendar.id,
                "date_from": "2026-04-05 22:00:00",
                "date_to": "2026-04-06 21:59:59",
            }
        )
        self._freeze("2026-04-03", 17)
        callback = self._ask_for_call()
        # Tuesday 10:00 in summer time
        self.assertEqual(callback.due_from.isoformat(), "2026-04-07T08:00:00")

    def test_over_a_change_of_clock(self):
        self.contract._write_agreed({"callback_out_of_hours": False})
        for friday, due_from in (
            ("2026-03-27", "2026-03-30T08:00:00"),
            ("2026-10-23", "2026-10-26T09:00:00"),
        ):
            self._freeze(friday, 18)
            callback = self._ask_for_call()
            self.assertEqual(callback.due_from.isoformat(), due_from)
            self.assertEqual(self._hour(callback.due_from), "Mon 10:00")

    def test_the_offer_prints_the_code(self):
        html, _type = (
            self.env["ir.actions.report"]
            .with_user(self.contract_user)
            ._render_qweb_html(
                "support_contract.report_contract_offer", self.contract.ids
            )
        )
        html = html.decode()
        self.assertIn(format_code(self.code), html)
        self.assertIn("Help is included in the fee: Phone.", html)
