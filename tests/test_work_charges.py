# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What work leaves to invoice, once, and what becomes of it when work is undone."""

from odoo import Command
from odoo.tests import tagged

from .test_surcharges import HoursCase


@tagged("post_install", "-at_install")
class TestWorkCharges(HoursCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journal = cls.env["account.journal"].create(
            {
                "name": "Sales",
                "code": "SUP",
                "type": "sale",
                "company_id": cls.company.id,
            }
        )
        cls.income = cls.env["account.account"].create(
            {
                "name": "Income",
                "code": "SUP100",
                "account_type": "income",
                "company_ids": [Command.link(cls.company.id)],
            }
        )
        cls.receivable = cls.env["account.account"].create(
            {
                "name": "Receivable",
                "code": "SUP200",
                "account_type": "asset_receivable",
                "reconcile": True,
                "company_ids": [Command.link(cls.company.id)],
            }
        )

    def _contract(self, minutes=1, **vals):
        return self._create_contract(
            self._create_time_type(minutes, **{"overage": "charge", **vals}),
            date_start="2026-03-01",
        )

    def _invoice(self, charges, post=True):
        """An invoice of the charges, as invoicing makes it."""
        self.customer.with_company(
            self.company
        ).property_account_receivable_id = self.receivable
        invoice = (
            self.env["account.move"]
            .with_company(self.company)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "journal_id": self.journal.id,
                    "invoice_date": "2026-03-20",
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": charge.name,
                                "product_id": charge.product_id.id,
                                "quantity": charge.quantity,
                                "price_unit": charge.price_unit,
                                "account_id": self.income.id,
                                "tax_ids": [Command.clear()],
                                "support_charge_id": charge.id,
                            }
                        )
                        for charge in charges
                    ],
                }
            )
        )
        if post:
            invoice.action_post()
        self.env.flush_all()
        self.env.invalidate_all()
        return invoice

    def _plain(self, text):
        return text.replace("\N{NO-BREAK SPACE}", " ")

    def _kinds(self, work):
        return [(c.kind, c.state, c.amount) for c in work.charge_ids.sorted("id")]

    def test_values(self):
        """everything an invoice needs: who, what, how long, from where"""
        contract = self._contract(30, outside_surcharge=50)
        work = self._work_at(self._create_ticket(), (16, 30), 120)
        charge = work.charge_ids
        self.assertEqual(charge.key, f"work:{work.id}:1:1")
        self.assertEqual(
            (charge.partner_id, charge.contract_id, charge.ticket_id),
            (self.customer, contract, work.ticket_id),
        )
        self.assertEqual(
            (charge.product_id, charge.minutes, charge.quantity, charge.price_unit),
            (self.product_remote, 90, 1.5, 120),
        )
        self.assertEqual((charge.amount, charge.date), (180, work.day))
        self.assertEqual(
            self._plain(charge.name),
            f"03/20/2026, {work.ticket_id.number} Looked at it: 1:30 h at 120.00 €/h, "
            "outside the hours +50 %",
        )

    def test_quantity_gives_the_amount(self):
        """hours where hours times price is what is owed, else one piece"""
        self.company.support_on_call = True
        for minutes, price, quantity, amount in (
            (60, 80, 1, 80),
            (20, 80, 1, 26.67),  # 0.33 hours would be 26.40
            (45, 80, 0.75, 60),
            (6, 85, 0.1, 8.5),
        ):
            self.product_remote.list_price = price
            work = self._work_at(self._create_ticket(), (10, 0), minutes)
            charge = work.charge_ids
            self.assertEqual((charge.quantity, charge.amount), (quantity, amount))
            self.assertEqual(
                round(charge.quantity * charge.price_unit, 2), charge.amount
            )

    def test_what_the_wallet_cannot_pay(self):
        self._create_contract(
            self._create_type(
                allotments=[{"unit": "money", "quantity": 100}], overage="charge"
            ),
            date_start="2026-03-01",
        )
        work = self._work_at(self._create_ticket(), (10, 0), 90)
        self.assertEqual(work.overage_amount, 20)
        self.assertEqual((work.charge_ids.amount, work.charge_ids.minutes), (20, 15))

    def test_customer_on_call(self):
        """of the customer, whoever of it asked"""
        self.company.support_on_call = True
        work = self._work_at(self._create_ticket(), (10, 0), 60)
        self.assertEqual(work.charge_ids.partner_id, self.customer)
        self.assertFalse(work.charge_ids.contract_id)

    def test_text_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("it_IT")
        self.company.support_on_call = True
        self.contact.lang = "it_IT"
        work = self._work_at(self._create_ticket(), (10, 0), 60)
        self.assertIn("20/03/2026", work.charge_ids.name)

    def test_covered_work(self):
        """named on the invoice only if the company wants it"""
        contract = self._contract(600)
        work = self._work_at(self._create_ticket(), (10, 0), 60)
        self.assertFalse(work.charge_ids)
        self.company.support_invoice_covered = True
        work = self._work_at(self._create_ticket(), (10, 0), 60)
        note = work.charge_ids
        self.assertEqual((note.kind, note.amount, note.state), ("note", 0, "open"))
        self.assertIn(
            f"1:00 h covered by contract {contract.name}, 8:00 h left",
            self._plain(note.name),
        )

    def test_usage_is_corrected_before_it_is_invoiced(self):
        """Row "a usage is corrected before it is invoiced": reversal, then a fresh
        allocation"""
        contract = self._contract(30)
        work = self._work_at(self._create_ticket(), (10, 0), 60)
        draft = self._invoice(work.charge_ids, post=False)
        work.with_user(self.technician)._undo("was shorter")
        self.assertEqual(self._kinds(work), [("work", "cancelled", 40)])
        self.assertFalse(draft.invoice_line_ids)
        self.assertEqual(work.charge_ids.reason, "was shorter")
        work.end = work.start.replace(minute=45)
        work.with_user(self.technician).action_done()
        self.assertEqual(
            self._kinds(work), [("work", "cancelled", 40), ("work", "open", 20)]
        )
        self.assertEqual(
            work.charge_ids.sorted("id").mapped("key"),
            [f"work:{work.id}:1:0", f"work:{work.id}:2:0"],
        )
        self._assert_entries(
            contract.ledger_ids,
            [("grant", 30), ("work", -30), ("reversal", 30), ("work", -30)],
        )

    def test_usage_is_corrected_after_it_is_invoiced(self):
        """Row "... after it is invoiced": a reversing pair in the current period and a
        line on the next invoice or credit note; only a manager may"""
        contract = self._contract(30)
        work = self._work_at(self._create_ticket(), (10, 0), 60, "2026-03-10")
        self._invoice(work.charge_ids)
        for user in (self.technician, self.contract_user):
            with self._assert_refused("has been invoiced: only a contract manager"):
                work.with_user(user)._undo("was shorter")
        self.assertEqual(self._kinds(work), [("work", "invoiced", 40)])
        work.with_user(self.manager)._undo("was shorter")
        self.assertEqual(
            self._kinds(work), [("work", "invoiced", 40), ("refund", "open", -40)]
        )
        reversal = contract.ledger_ids.entry_ids.filtered(
            lambda entry: entry.kind == "reversal"
        )
        self.assertEqual(reversal.day.isoformat(), "2026-03-20")
        # done again it is charged again, and undone again only that is cancelled
        work.action_done()
        work.with_user(self.technician)._undo("once more")
        self.assertEqual(
            self._kinds(work),
            [
                ("work", "invoiced", 40),
                ("refund", "open", -40),
                ("work", "cancelled", 40),
            ],
        )
        self._assert_sound()

    def test_invoiced_note_stays(self):
        """a line without an amount needs no refund"""
        self.company.support_invoice_covered = True
        self._contract(600)
        work = self._work_at(self._create_ticket(), (10, 0), 60)
        self._invoice(work.charge_ids)
        with self._assert_refused("only a contract manager"):
            work.with_user(self.technician)._undo("wrong")
        work.with_user(self.manager)._undo("wrong")
        self.assertEqual(self._kinds(work), [("note", "invoiced", 0)])

    def test_ticket_moves_to_another_contract(self):
        """Row "a ticket or intervention moves to another contract": allowed until
        invoiced, then by a manager with the pair; both ledgers show it"""
        first = self._contract(30)
        ticket = self._create_ticket()
        work = self._work_at(ticket, (10, 0), 60)
        second = self._contract(45)
        ticket.with_user(self.manager)._support_choose_cover(second, "asked so")
        self.assertEqual(
            self._kinds(work), [("work", "cancelled", 40), ("work", "open", 20)]
        )
        self._invoice(work.charge_ids.filtered(lambda c: c.state == "open"))
        with self._assert_refused("only a contract manager"):
            ticket.with_user(self.technician)._support_choose_cover(first, "back")
        ticket.with_user(self.manager)._support_choose_cover(first, "back")
        self.assertEqual(
            self._kinds(work)[1:],
            [("work", "invoiced", 20), ("refund", "open", -20), ("work", "open", 40)],
        )
        refund = work.charge_ids.filtered(lambda charge: charge.kind == "refund")
        self.assertEqual((refund.contract_id, refund.reason), (second, "back"))
        self._assert_entries(
            second.ledger_ids, [("grant", 45), ("work", -45), ("reversal", 45)]
        )
        self._assert_sound()

    def test_refused_work_charges_nothing(self):
        self._create_contract(self._create_time_type(30), date_start="2026-03-01")
        work = self._work_at(self._create_ticket(), (10, 0), 60, done=False)
        with self._assert_refused("0:30 h are missing"):
            work.action_done()
        self.assertFalse(work.charge_ids or work.part_ids or work.timesheet_ids)
        self.assertFalse(work.posting)

    def test_technician_charges_without_seeing(self):
        self._contract()
        work = self._work_at(self._create_ticket(), (10, 0), 60, done=False)
        work.with_user(self.technician).action_done()
        self.assertTrue(work.charge_ids)
        with self._assert_refused():
            self.env["support.charge"].with_user(self.technician).search([])
