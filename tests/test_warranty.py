# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Warranty and lapsed contracts as cover, on real records; the pure rule has tests of
its own."""

from datetime import date, datetime

from freezegun import freeze_time

from odoo import Command
from odoo.tests import Form, tagged

from .common import SupportCommon


class InstallationCase(SupportCommon):
    """It is 10 March 2026. A till, in warranty for a year from its sale."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-03-10 12:00:00"))
        cls.policy = cls.env["support.warranty.policy"].create(
            {"name": "A year", "company_id": cls.company.id, "rank": 15}
        )
        cls.software = cls.env["product.product"].create(
            {
                "name": "Till",
                "type": "service",
                "company_id": cls.company.id,
                "support_is_software": True,
                "support_warranty_policy_id": cls.policy.id,
                "list_price": 1000,
                "taxes_id": [Command.clear()],
            }
        )

    @classmethod
    def _create_installation(cls, partner=None, sale_date="2025-03-11", **vals):
        return cls.env["support.installation"].create(
            {
                "product_id": cls.software.id,
                "partner_id": (partner or cls.customer).id,
                "company_id": cls.company.id,
                "sale_date": sale_date,
                "user_id": cls.manager.id,
                **vals,
            }
        )

    @classmethod
    def _lapse(cls, contract, day):
        """The contract has lapsed on ``day``, as the job of renewals records it."""
        contract._set_state("lapsed", cls._day(day))

    def _codes(self, ticket):
        return [reason[0] for reason in ticket.support_cover_reasons]


@tagged("post_install", "-at_install")
class TestWarrantyCover(InstallationCase):
    def test_last_day_yes_next_day_no(self):
        """the answer follows the day of the work, not the day of the ticket"""
        self.company.support_on_call = True
        installation = self._create_installation()
        self.assertEqual(installation.warranty_end, date(2026, 3, 10))
        ticket = self._create_ticket(support_installation_id=installation.id)
        self.assertEqual(ticket.support_cover, "warranty")
        self.assertEqual(ticket.support_warranty_policy_id, self.policy)
        self.assertEqual(ticket.support_rank, 15)
        self.assertIn("in warranty until", ticket.support_cover_why)
        self.assertFalse(ticket.support_contract_id)
        free = self._log_work(ticket, 60)
        self.assertEqual((free.cover, free.overage_minutes), ("warranty", 0))
        self.assertFalse(free.contract_id | free.charge_ids.contract_id)
        self.assertFalse(free.charge_ids)
        self.assertFalse(free.entry_ids)
        self.assertEqual(free.part_ids.drawn_minutes, 60)
        self.assertEqual(free.timesheet_ids.unit_amount, 1)
        with freeze_time("2026-03-11 12:00:00"):
            dear = self._log_work(ticket, 60)
            self.assertEqual((dear.cover, dear.overage_amount), ("on_call", 80))
            late = self._log_work(ticket, 30, datetime(2026, 3, 10, 9))
            self.assertEqual((late.cover, late.overage_amount), ("warranty", 0))
            later = self._create_ticket(support_installation_id=installation.id)
            self.assertEqual(self._codes(later), ["warranty_over", "on_call"])
            self.assertIn("ended on", later.support_cover_why)

    def test_midnight_of_the_company(self):
        """the day of the work is the company's, not that of UTC"""
        self.company.support_on_call = True
        installation = self._create_installation()
        ticket = self._create_ticket(support_installation_id=installation.id)
        with freeze_time("2026-03-12 12:00:00"):
            for start, kind in (
                (datetime(2026, 3, 10, 22, 59), "warranty"),
                (datetime(2026, 3, 10, 23, 0), "on_call"),
            ):
                self.assertEqual(self._log_work(ticket, 30, start).cover, kind)

    def test_what_the_policy_leaves_out(self):
        training = self.category.copy({"name": "Training"})
        self.policy.category_ids = self.category
        self.policy.work_mode_ids = self.phone | self.remote
        self._create_contract(self._create_time_type())
        installation = self._create_installation()
        for vals, kind, codes in (
            ({"category_id": self.category.id}, "warranty", ["warranty"]),
            (
                {"category_id": training.id},
                *("contract", ["warranty_without_request", "time"]),
            ),
            ({}, "contract", ["warranty_without_request", "time"]),
            (
                {
                    "category_id": self.category.id,
                    "support_work_mode_id": self.on_site.id,
                },
                *("contract", ["warranty_without_mode", "time"]),
            ),
        ):
            with self.subTest(vals=vals):
                ticket = self._create_ticket(
                    support_installation_id=installation.id, **vals
                )
                self.assertEqual(ticket.support_cover, kind)
                self.assertEqual(self._codes(ticket), codes)
                self.assertTrue(ticket.support_cover_why)

    def test_the_only_installation_of_the_customer(self):
        """A ticket that does not name it (portal, mail) is about the only one."""
        installation = self._create_installation()
        ticket = self._create_ticket()
        self.assertEqual(ticket.support_installation_id, installation)
        self.assertEqual(ticket.support_cover, "warranty")
        nothing = self._create_ticket(support_installation_id=False)
        self.assertEqual(nothing.support_cover, "none")
        self._create_installation()
        unclear = self._create_ticket()
        self.assertFalse(unclear.support_installation_id)
        self.assertFalse(
            self._create_ticket(self.other_customer).support_installation_id
        )

    def test_form_of_a_ticket(self):
        installation = self._create_installation()
        with Form(
            self.env["helpdesk.ticket"]
            .with_user(self.technician)
            .with_company(self.company)
        ) as form:
            form.name = "Help"
            form.description = "Please"
            form.partner_id = self.contact
            self.assertTrue(form.support_has_installations)
            self.assertEqual(form.support_installation_id, installation)
        self.assertEqual(form.record.support_cover, "warranty")
        with Form(form.record) as form:
            form.partner_id = self.other_customer
            self.assertFalse(form.support_installation_id)
            self.assertFalse(form.support_has_installations)
        self.assertEqual(form.record.support_cover, "none")

    def test_another_customers_installation(self):
        installation = self._create_installation(self.other_customer)
        with self._assert_refused("not one of"):
            self._create_ticket(support_installation_id=installation.id)

    def test_the_contact_is_named_later(self):
        """A mail of an unknown sender: the installation follows the contact."""
        installation = self._create_installation()
        ticket = self._create_ticket(partner_id=False)
        self.assertFalse(ticket.support_installation_id)
        ticket.with_user(self.technician).partner_id = self.contact
        self.assertEqual(ticket.support_installation_id, installation)
        self.assertEqual(ticket.support_cover_reasons[0][0], "warranty")
        ticket.partner_id = self.other_customer
        self.assertFalse(ticket.support_installation_id)
        self.assertEqual(ticket.support_cover, "none")

    def test_the_contact_is_frozen_first(self):
        ticket = self._create_ticket(
            support_installation_id=self._create_installation().id
        )
        self._log_work(ticket, 30)
        with self._assert_refused("its contact and company cannot change"):
            ticket.partner_id = self.other_customer

    def test_installation_changes_while_nothing_is_posted(self):
        old = self._create_installation(sale_date="2024-01-01")
        new = self._create_installation()
        ticket = self._create_ticket(support_installation_id=old.id)
        self.assertEqual(ticket.support_cover, "none")
        ticket.with_user(self.technician).support_installation_id = new
        self.assertEqual(ticket.support_cover, "warranty")
        self._log_work(ticket, 30)
        with self._assert_refused("another installation with"):
            ticket.support_installation_id = old

    def test_change_cover_names_another_installation(self):
        self.company.support_on_call = True
        installation = self._create_installation()
        ticket = self._create_ticket(support_installation_id=False)
        work = self._log_work(ticket, 60)
        self.assertEqual(work.cover, "on_call")
        self.assertEqual(work.charge_ids.amount, 80)
        wizard = self.env["support.ticket.cover"].with_user(self.manager)
        wizard = wizard.create({"ticket_id": ticket.id, "reason": "It was the till"})
        self.assertFalse(wizard.installation_id)
        self.assertTrue(wizard.has_installations)
        wizard.write({"installation_id": installation.id, "kind": "warranty"})
        wizard.action_confirm()
        self.assertEqual(ticket.support_installation_id, installation)
        self.assertEqual((ticket.support_cover, work.cover), ("warranty", "warranty"))
        self.assertEqual(work.overage_amount, 0)
        self.assertTrue(all(charge.cancelled for charge in work.charge_ids))
        # chosen: work after the warranty is not silently charged
        with freeze_time("2026-03-11 12:00:00"):
            with self._assert_refused("Nothing covers"):
                self._log_work(ticket, 30)

    def test_no_warranty_to_choose(self):
        self.company.support_on_call = True
        ticket = self._create_ticket()
        with self._assert_refused("name an installation"):
            ticket._support_choose_cover(
                self.env["support.contract"], "because", warranty=True
            )
        installation = self._create_installation(sale_date="2024-01-01")
        with self._assert_refused("ended on"):
            ticket._support_choose_cover(
                self.env["support.contract"],
                "because",
                warranty=True,
                installation=installation,
            )

    def test_a_contract_may_be_chosen_instead(self):
        contract = self._create_contract(self._create_time_type())
        ticket = self._create_ticket(
            support_installation_id=self._create_installation().id
        )
        self.assertEqual(ticket.support_cover, "warranty")
        ticket._support_choose_cover(contract, "agreed")
        self.assertEqual(ticket.support_contract_id, contract)
        self.assertFalse(ticket.support_warranty_policy_id)
        self.assertEqual(self._log_work(ticket, 30).contract_id, contract)

    def test_nobody_writes_the_decision(self):
        ticket = self._create_ticket()
        with self._assert_refused("decided by its cover"):
            ticket.with_user(self.manager).support_warranty_policy_id = self.policy

    def test_call_out_and_note(self):
        """No call-out fee; a note on the next invoice where the company wants it."""
        self.company.write({"support_on_call": True, "support_invoice_covered": True})
        ticket = self._create_ticket(
            support_installation_id=self._create_installation().id,
            support_work_mode_id=self.on_site.id,
        )
        work = self._log_work(ticket, 60)
        self.assertEqual(work.charge_ids.mapped("kind"), ["note"])
        self.assertEqual(work.charge_ids.amount, 0)
        self.assertIn("covered by the warranty", work.charge_ids.name)
        self.assertEqual(work.charge_ids.partner_id, self.customer)

    def test_promised_times(self):
        """Promises and hours of the warranty's policy."""
        calendar = self.env["resource.calendar"].create(
            {
                "name": "8 to 16",
                "company_id": self.company.id,
                "tz": "Europe/Rome",
                "attendance_ids": [
                    Command.create(
                        {
                            "name": str(day),
                            "dayofweek": str(day),
                            "hour_from": 8,
                            "hour_to": 16,
                            "day_period": "morning",
                        }
                    )
                    for day in range(5)
                ],
            }
        )
        self.policy.write(
            {
                "calendar_id": calendar.id,
                "sla_policy_id": self.env["support.sla.policy"]
                .create(
                    {
                        "name": "Four hours",
                        "company_id": self.company.id,
                        "target_ids": [
                            Command.create({"kind": "response", "minutes": 240})
                        ],
                    }
                )
                .id,
            }
        )
        installation = self._create_installation()
        ticket = self._create_ticket(support_installation_id=installation.id)
        clock = ticket.support_clock_ids
        self.assertEqual((clock.kind, clock.hours_from), ("response", "warranty"))
        self.assertEqual(clock.calendar_id, calendar)
        # 13:00 in Rome; 3 h today, 1 h tomorrow
        self.assertEqual(clock.deadline, datetime(2026, 3, 11, 8))
        other = self._create_ticket(support_installation_id=False)
        self.assertFalse(other.support_clock_ids)
        other.support_installation_id = installation
        self.assertEqual(other.support_clock_ids.deadline, datetime(2026, 3, 11, 8))
        # without a promise it says so
        self.policy.sla_policy_id = False
        plain = self._create_ticket(support_installation_id=installation.id)
        self.assertEqual(plain.support_promise, "No guaranteed time")

    def test_reopened_and_split(self):
        installation = self._create_installation()
        self._create_installation()
        ticket = self._create_ticket(support_installation_id=installation.id)
        second = ticket._support_split("Other", "<p>Other</p>", self.category)
        self.assertEqual(second.support_installation_id, installation)
        self.assertEqual(second.support_cover, "warranty")
        wizard = self.env["support.ticket.split"].create(
            {"ticket_id": ticket.id, "name": "Third", "description": "Third"}
        )
        self.assertEqual(wizard.covered_by, "warranty")

    def test_no_more_queries_without_an_installation(self):
        self._create_contract(self._create_time_type())
        ticket = self._create_ticket()
        request = ticket._support_get_request()
        cover_model = self.env["support.cover"]
        cover_model._decide([request])
        counts = []
        for installation in (None, self._create_installation()):
            asked = request._replace(installation=installation)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            cover_model._decide([asked])
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[0] + 1)

    def test_profitability_knows_the_warranty(self):
        ticket = self._create_ticket(
            support_installation_id=self._create_installation().id
        )
        self._log_work(ticket, 60)
        self.env.flush_all()
        row = self.env["support.profitability.report"].search(
            [("commercial_partner_id", "=", self.customer.id)]
        )
        self.assertEqual((row.cover, row.hours, row.cost), ("warranty", 1, 30))


@tagged("post_install", "-at_install")
class TestLapsedCover(InstallationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.support_on_call = True
        cls.barring = cls._create_type(
            lapse_bars=True,
            covers_installations=True,
            grace_days=31,
            name="Maintenance",
        )

    def _create_lapsed(self, contract_type=None, start="2024-01-01", **vals):
        """A contract of 2024 that was not renewed and lapsed on 1 February 2025."""
        with freeze_time(f"{start} 12:00:00"):
            contract = self._create_contract(contract_type or self.barring, **vals)
        contract._sync_ended()
        if contract.state != "lapsed":
            self._lapse(contract, "2025-02-01")
        return contract

    def test_lapsed_bars_everything_for_its_installation(self):
        """S9: no renewal means no support; coming back requires a new licence"""
        installation = self._create_installation(sale_date="2023-01-01")
        contract = self._create_lapsed()
        installation.contract_id = contract
        self._create_contract(self._create_time_type(), date_start="2026-01-01")
        ticket = self._create_ticket(support_installation_id=installation.id)
        self.assertEqual(ticket.support_cover, "none")
        self.assertEqual(self._codes(ticket), ["warranty_over", "lapsed_barring"])
        self.assertRegex(
            ticket.support_cover_why,
            f"{contract.name}.*lapsed on 02/01/2025: no help "
            "until it is reinstated or a new licence is bought",
        )
        with self._assert_refused("no help until"):
            self._log_work(ticket, 30)
        # another contract that names the installation covers
        other = self._create_contract(self._create_time_type(), date_start="2026-01-01")
        installation.contract_id = other
        ticket = self._create_ticket(support_installation_id=installation.id)
        self.assertEqual(ticket.support_contract_id, other)

    def test_the_bar_has_no_time_limit(self):
        with freeze_time("2018-01-01 12:00:00"):
            contract = self._create_contract(self.barring)
        contract._sync_ended()
        self._lapse(contract, "2019-02-01")
        installation = self._create_installation(sale_date=False)
        installation.contract_id = contract
        ticket = self._create_ticket(support_installation_id=installation.id)
        self.assertEqual(self._codes(ticket), ["lapsed_barring"])

    def test_lapsed_without_installations_rules_out_on_call(self):
        self._create_lapsed()
        ticket = self._create_ticket()
        self.assertEqual(ticket.support_cover, "none")
        self.assertEqual(self._codes(ticket), ["lapsed_barring", "on_call_barred"])
        contract = self._create_contract(self._create_time_type())
        ticket = self._create_ticket()
        self.assertEqual(ticket.support_contract_id, contract)

    def test_lapsed_contract_of_other_installations(self):
        other = self._create_installation(sale_date=False)
        self.assertEqual(self._create_lapsed().installation_ids, other)
        installation = self._create_installation(sale_date=False)
        ticket = self._create_ticket(support_installation_id=installation.id)
        self.assertEqual(self._codes(ticket), ["lapsed", "on_call"])
        unnamed = self._create_ticket(support_installation_id=False)
        self.assertEqual(self._codes(unnamed), ["lapsed_barring", "on_call_barred"])

    def test_lapsed_without_bar_goes_on_call(self):
        installation = self._create_installation(sale_date=False)
        installation.contract_id = self._create_lapsed(
            self._create_type(allows_on_call=False, grace_days=31), start="2025-01-01"
        )
        ticket = self._create_ticket(support_installation_id=installation.id)
        self.assertEqual(ticket.support_cover, "on_call")
        self.assertEqual(self._codes(ticket), ["lapsed", "on_call"])

    def test_only_a_manager_helps_nevertheless(self):
        self._create_lapsed()
        ticket = self._create_ticket()
        none = self.env["support.contract"]
        with self._assert_refused("no help until it is reinstated"):
            ticket.with_user(self.technician)._support_choose_cover(none, "please")
        ticket.with_user(self.manager)._support_choose_cover(none, "goodwill")
        self.assertEqual(ticket.support_cover, "on_call")

    def test_work_before_the_lapse(self):
        """History by days: what was done before the lapse is decided as it stood."""
        contract = self._create_lapsed()
        decide = self._create_ticket()._support_decide_work
        self.assertEqual(
            decide(date(2024, 12, 31), self.remote).contract_id, contract.id
        )
        self.assertEqual(decide(date(2025, 1, 31), self.remote).kind, "on_call")
        self.assertEqual(decide(date(2025, 2, 1), self.remote).kind, "none")

    def test_help_in_the_days_of_grace(self):
        """Inside the days of grace a contract with help in them covers as before."""
        for grace_cover, kind in ((True, "contract"), (False, "on_call")):
            with self.subTest(grace_cover=grace_cover):
                with freeze_time("2025-01-15 12:00:00"):
                    contract = self._create_contract(
                        self._create_type(grace_days=56, grace_cover=grace_cover)
                    )
                contract._sync_ended()
                self.assertEqual(contract.date_end, date(2026, 1, 14))
                self.assertEqual(contract.state, "expired")
                # the 55th day
                ticket = self._create_ticket()
                self.assertEqual(ticket.support_cover, kind)
                decide = ticket._support_decide_work
                self.assertEqual(decide(date(2026, 3, 11), self.remote).kind, kind)
                self.assertEqual(decide(date(2026, 3, 12), self.remote).kind, "on_call")
                contract._change_state("terminated", date(2025, 2, 1), "next")

    def test_changed_days_of_grace(self):
        """The terms of the day count: a dated change does not reach back."""
        with freeze_time("2025-01-15 12:00:00"):
            contract = self._create_contract(
                self._create_type(grace_days=30, grace_cover=True)
            )
        with freeze_time("2026-01-10 12:00:00"):
            self.env["support.contract.change"].create(
                {
                    "contract_id": contract.id,
                    "first_day": "2026-01-25",
                    "reason": "agreed",
                    "values": {"grace_days": 90},
                }
            )
        contract._grant_due()
        contract._sync_ended()
        ticket = self._create_ticket()
        self.assertEqual(ticket.support_contract_id, contract)
        decision = ticket._support_decide_work(date(2026, 1, 20), self.remote)
        self.assertEqual(decision.contract_id, contract.id)


@tagged("post_install", "-at_install")
class TestWarrantyAtTheDesk(InstallationCase):
    def test_call_desk_shows_it(self):
        self._create_installation(version="9.1")
        desk = self.env["support.call"].with_user(self.technician)
        desk = desk.with_company(self.company)
        values = desk.desk_identify(self.contact.id, "search")
        [shown] = values["installations"]
        self.assertEqual(
            (shown["name"], shown["version"], shown["state"], shown["until"]),
            ("Till", "9.1", "warranty", "03/10/2026"),
        )
        call = desk.browse(values["call"]["id"])
        answer = call.desk_open_ticket("The drawer does not open")
        self.assertEqual(
            answer["cover"], "In warranty: Till is in warranty until 03/10/2026."
        )
