# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What belongs to one customer or company never reaches another one, and nobody sees
or does more than is his."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SupportCommon


@tagged("post_install", "-at_install")
class TestChangedEmployer(SupportCommon):
    """a contact who changes employer takes nothing along"""

    def setUp(self):
        super().setUp()
        # the contract names the contact as its customer
        self.contract = self._create_contract(self._create_time_type(), self.contact)
        self.ticket = self._create_ticket()
        self.work = self._log_work(self.ticket, 30, description="secret of Alpha")
        self.env.flush_all()
        self.contact.parent_id = self.other_customer
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.contact.commercial_partner_id, self.other_customer)

    def _sees(self, user, records):
        return records.with_user(user).search([("id", "in", records.ids)]) == records

    def test_records_stay_with_the_old_customer(self):
        for record in (self.contract, self.contract.ledger_ids, self.work):
            self.assertEqual(record.commercial_partner_id, self.customer)

    def test_who_sees_them(self):
        ledger = self.contract.ledger_ids
        for records in (
            self.contract,
            self.contract.term_ids,
            self.contract.allotment_ids,
            ledger,
            ledger.entry_ids,
            self.work,
        ):
            with self.subTest(model=records._name):
                self.assertTrue(self._sees(self.portal_user, records))
                self.assertFalse(self._sees(self.other_portal_user, records))
                with mute_logger("odoo.addons.base.models.ir_rule"):
                    with self.assertRaises(AccessError):
                        records.with_user(self.other_portal_user).read(["id"])

    def test_what_covers_whom(self):
        self.assertEqual(self._create_ticket().support_cover, "none")
        self.assertEqual(self._create_ticket(self.other_customer).support_cover, "none")
        karl = self._create_contact(self.customer, "Karl Alpha")
        self.assertEqual(self._create_ticket(karl).support_contract_id, self.contract)

    def test_recomputed(self):
        """nor does editing what is there hand anything over"""
        self.ticket.name = "Another subject"
        self.contract.caller_ids = False
        self.work.description = "still a secret"
        self.test_records_stay_with_the_old_customer()
        for people in ("caller_ids", "orderer_ids"):
            stranger = self.other_portal_user.partner_id
            with self._assert_refused("do not belong to the customer"):
                self.contract[people] = stranger
            self.contract[people] = self.portal_user.partner_id


@tagged("post_install", "-at_install")
class TestTicketOfAnotherCustomer(SupportCommon):
    """another customer's contract does not stay on a ticket"""

    def setUp(self):
        super().setUp()
        self.company.support_on_call = True
        self.contract = self._create_contract(self._create_time_type())
        self.ticket = self._create_ticket()

    def _give_away(self):
        self.ticket.with_user(self.technician).partner_id = self.other_customer
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(self.ticket.support_contract_id)

    def test_chosen_cover(self):
        self.ticket.with_user(self.technician)._support_choose_cover(
            self.contract.with_user(self.technician), "asked so"
        )
        self._give_away()
        self.assertEqual(self.ticket.support_cover, "on_call")
        self.assertFalse(self.ticket.support_cover_chosen)
        # work is not drawn from the first customer
        work = self._log_work(self.ticket, 30)
        self.assertEqual(work.cover, "on_call")
        self.assertEqual(self._flushed(self.contract.ledger_ids).balance, 600)

    def test_rejected_ticket(self):
        self.ticket._support_reject("not our product")
        self.assertEqual(self.ticket.support_contract_id, self.contract)
        self._give_away()
        self.assertTrue(self.ticket.support_rejected)

    def test_closed_ticket(self):
        self.ticket.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        self._give_away()

    def test_portal_of_the_other_customer(self):
        self.ticket.with_user(self.technician)._support_choose_cover(
            self.contract.with_user(self.technician), "asked so"
        )
        self._give_away()
        self.assertFalse(
            self.ticket.with_user(self.other_portal_user).support_contract_id
        )


@tagged("post_install", "-at_install")
class TestTechnicians(SupportCommon):
    def _work_values(self, ticket):
        end = fields.Datetime.now()
        return {
            "name": "Work",
            "ticket_id": ticket.id,
            "start": end - timedelta(minutes=30),
            "end": end,
        }

    def test_no_work_on_tickets_that_one_may_not_write(self):
        """a technician for his own tickets only"""
        own = self._create_user("own", "helpdesk_mgmt.group_helpdesk_user_own")
        team = self.env["helpdesk.ticket.team"].create(
            {
                "name": "Team",
                "company_id": self.company.id,
                "user_ids": [Command.set(self.technician.ids)],
            }
        )
        contract = self._create_contract(self._create_time_type())
        foreign = self._create_ticket(team_id=team.id, user_id=self.technician.id)
        mine = self._create_ticket(team_id=team.id, user_id=own.id)
        self.env.flush_all()
        self.env.invalidate_all()
        works = self.env["support.intervention"].with_user(own)
        with self._assert_access_error():
            works.create(self._work_values(foreign))
        work = works.create(self._work_values(mine))
        with self._assert_access_error():
            work.ticket_id = foreign
        self.assertEqual(work.ticket_id, mine)
        # logged for him by somebody else: he may not do it either
        given = self._log_work(foreign, 30, done=False, user_id=own.id)
        with self._assert_access_error():
            given.with_user(own).action_done()
        self.assertEqual(given.state, "progress")
        self.assertEqual(self._flushed(contract.ledger_ids).balance, 600)
        work.action_done()
        self.assertEqual(self._flushed(contract.ledger_ids).balance, 570)
        mine.user_id = self.technician
        with self._assert_access_error():
            work._undo("not mine any more")

    def test_form_shows_nothing_of_such_tickets(self):
        """whose ticket it is, is not read as superuser"""
        own = self._create_user("own", "helpdesk_mgmt.group_helpdesk_user_own")
        foreign = self._create_ticket(user_id=self.technician.id)
        wizard = (
            self.env["support.ticket.cover"]
            .with_user(own)
            .create({"ticket_id": foreign.id, "reason": "curious"})
        )
        self.env.flush_all()
        self.env.invalidate_all()
        for name in ("commercial_partner_id", "company_id"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                wizard.read([name])

    def _assert_access_error(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.assertRaises(AccessError)

    def test_technicians_read_no_fees(self):
        """neither in the history of changes nor in the contract's notes"""
        contract = self._create_contract(
            self._create_time_type(), product_id=self.product_phone.id
        )
        wizard = (
            self.env["support.contract.change.terms"]
            .with_user(self.manager)
            .create(
                {
                    "contract_id": contract.id,
                    "reason": "agreed on the phone",
                    "fee_amount": 1234,
                }
            )
        )
        wizard.action_confirm()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(contract.fee_amount, 1234)
        changes = self.env["support.contract.change"].with_user(self.technician)
        for call in (
            lambda: changes.search([]),
            lambda: changes.browse(contract.change_ids.ids).read(["values"]),
            lambda: contract.with_user(self.technician).read(["change_ids"]),
            lambda: contract.with_user(self.technician).read(["fee_amount"]),
        ):
            with self.subTest(), self.assertRaises(AccessError):
                call()
        notes = contract.with_user(self.technician).message_ids
        text = " ".join(str(body) for body in notes.mapped("body"))
        self.assertIn("agreed on the phone", text)
        self.assertNotRegex(text, r"1.?234")
        # those who may see prices read them
        change = contract.with_user(self.contract_user).change_ids
        self.assertRegex(change.summary, r"1.?234")


@tagged("post_install", "-at_install")
class TestOtherCompany(SupportCommon):
    def _create_foreign_ledger(self):
        other = self.env["res.company"].create(
            {"name": "Other vendor", "support_tz": "UTC"}
        )
        contract = self.env["support.contract"].create(
            {
                "type_id": self.env["support.contract.type"]
                .create(
                    {
                        "name": "Other support",
                        "company_id": other.id,
                        "allotment_ids": [
                            Command.create({"unit": "time", "quantity": 60})
                        ],
                    }
                )
                .id,
                "partner_id": self.other_customer.id,
                "company_id": other.id,
            }
        )
        contract.action_activate()
        return contract.ledger_ids

    def test_wizards_refuse_ledgers_of_another_company(self):
        """related fields would read them as superuser"""
        ledger = self._create_foreign_ledger()
        own = self._create_contract(self._create_time_type()).ledger_ids
        self.env.flush_all()
        self.env.invalidate_all()
        for model, user, values in (
            ("support.ledger.statement", self.technician, {}),
            ("support.ledger.statement", self.manager, {}),
            (
                "support.ledger.correct",
                self.manager,
                {"mode": "add", "quantity": 60, "reason": "please"},
            ),
        ):
            wizards = self.env[model].with_user(user)
            with self.subTest(model=model, user=user.login):
                with self.assertRaises(AccessError):
                    wizards.create({"ledger_id": ledger.id, **values})
                wizard = wizards.create({"ledger_id": own.id, **values})
                with self.assertRaises(AccessError):
                    wizard.ledger_id = ledger
                # nor while the form is filled in
                with self.assertRaises(AccessError):
                    wizards.onchange(
                        {"ledger_id": ledger.id},
                        ["ledger_id"],
                        {name: {} for name in wizards._fields if name != "id"},
                    )
        self.assertEqual(self._flushed(ledger).balance, 60)


@tagged("post_install", "-at_install")
class TestUsedWorkModes(SupportCommon):
    def test_used_work_mode_is_not_deleted(self):
        """a ledger would serve every work mode without it"""
        values = {
            "unit": "time",
            "quantity": 600,
            "work_mode_ids": [Command.set(self.phone.ids)],
        }
        contract = self._create_contract(self._create_type(allotments=[values]))
        values["work_mode_ids"] = [Command.set(self.on_site.ids)]
        contract_type = self._create_type(allotments=[values])
        draft = self._create_contract(contract_type, activate=False)
        contract.type_id.allotment_ids.work_mode_ids = False
        for mode in (self.phone, self.on_site):
            with self._assert_refused():
                mode.with_user(self.manager).unlink()
        self.assertEqual(contract.ledger_ids.work_mode_ids, self.phone)
        self.assertFalse(contract._get_ledgers_for(self.on_site))
        contract_type.allotment_ids.work_mode_ids = False
        with self._assert_refused():
            self.on_site.with_user(self.manager).unlink()
        draft.unlink()
        self.on_site.with_user(self.manager).unlink()
        self.assertFalse(self.on_site.exists())
