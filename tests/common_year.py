# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A vendor with the books of its country, and a year of its work, played day by day."""

import re
from datetime import time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError

from .common_service import ServiceCommon

ONE_DAY = timedelta(days=1)


class YearCommon(ServiceCommon):
    """The shipped services, sold by a vendor of one country; charges become posted
    invoices.

    What happens is played by :meth:`_play`: the nightly jobs run at 5:00, then people
    work from 9:00 on. So a fee or refund that a night finds is invoiced on its own
    day, and what people cause is invoiced the night after.

    The vendor is open from Monday to Friday, 9:00 to 17:00.
    """

    chart = "it"
    country = "base.it"
    currency_code = "EUR"
    currency_rounding = 0.01
    zone = "Europe/Rome"
    tax_percent = 22

    @classmethod
    def setup_independent_company(cls, **kwargs):
        currency = cls._enable_currency(cls.currency_code)
        if currency.rounding != cls.currency_rounding:
            currency.rounding = cls.currency_rounding
        return super().setup_independent_company(
            **{
                "name": f"Vendor {cls.chart}",
                "currency_id": currency.id,
                "country_id": cls.env.ref(cls.country).id,
                "support_tz": cls.zone,
                "support_invoicing": "posted",
                **kwargs,
            }
        )

    @classmethod
    def _set_up_vendor(cls):
        cls.env["account.chart.template"].try_loading(
            cls.chart, company=cls.company, install_demo=False
        )
        cls.company.account_sale_tax_id = cls.env["account.tax"].search(
            [
                ("company_id", "=", cls.company.id),
                ("type_tax_use", "=", "sale"),
                ("amount_type", "=", "percent"),
                ("amount", "=", cls.tax_percent),
                ("price_include", "=", False),
            ],
            limit=1,
        )
        result = super()._set_up_vendor()
        cls.company.resource_calendar_id = cls._create_hours()
        cls._tax_products()
        cls.bank = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )
        cls.bank.inbound_payment_method_line_ids.payment_account_id = cls.env[
            "account.account"
        ].create(
            {
                "name": "Outstanding receipts",
                "code": "101499",
                "account_type": "asset_current",
                "reconcile": True,
                "company_ids": [Command.set(cls.company.ids)],
            }
        )
        return result

    @classmethod
    def _tax_products(cls):
        """The shipped products are taxed as this vendor's sales are."""
        records = cls.env["ir.model.data"].search(
            [("module", "=", "support_contract"), ("model", "=", "product.product")]
        )
        products = cls.env["product.product"].browse(records.mapped("res_id"))
        for template in products.product_tmpl_id:
            others = template.taxes_id.filtered(
                lambda tax: tax.company_id != cls.company
            )
            template.taxes_id = others | cls.company.account_sale_tax_id

    @classmethod
    def _create_hours(cls):
        return cls.env["resource.calendar"].create(
            {
                "name": "Office",
                "company_id": cls.company.id,
                "tz": cls.zone,
                "support_coverage": True,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": str(weekday),
                                "dayofweek": str(weekday),
                                "hour_from": 9,
                                "hour_to": 17,
                            }
                        )
                        for weekday in range(5)
                    ),
                ],
            }
        )

    @classmethod
    def _create_customer(cls, name, **vals):
        return super()._create_customer(
            name, **{"country_id": cls.env.ref(cls.country).id, **vals}
        )

    @classmethod
    def _set_price(cls, name, price):
        """The price of a shipped product."""
        product = cls.env.ref(f"support_contract.product_{name}")
        product.list_price = price
        return product

    # ------------------------------------------------------------------
    # Days and nights
    # ------------------------------------------------------------------

    def _play(self, until, events, nights=()):
        """Live from the first of ``events`` to ``until``.

        The jobs run in the nights in which something may be due: before a day on
        which something happens and after it, on the first and the last day of each
        month, and in ``nights``.

        :param events: ``{day: what people do on it}``
        """
        events = {self._day(day): event for day, event in events.items()}
        dates = {*events, *(day + ONE_DAY for day in events), *map(self._day, nights)}
        day, last = min(events), self._day(until)
        freezer = freeze_time(self._moment(day, time(5)))
        self.clock = freezer.start()
        self.addCleanup(freezer.stop)
        while day <= last:
            if day in dates or day.day == 1 or (day + ONE_DAY).day == 1:
                self._go_to(day, "05:00")
                self._night()
            if day in events:
                self._go_to(day, "09:00")
                events[day]()
            day += ONE_DAY
        self._go_to(last, "23:00")

    def _go_to(self, day, clock):
        self.today = day
        self.env.flush_all()
        self.clock.move_to(self._moment(day, time.fromisoformat(clock)))

    def _night(self):
        """The nightly jobs in their order, without their commits."""
        contracts = self.env["support.contract"].search(
            [
                ("company_id", "=", self.company.id),
                ("state", "not in", ("draft", "offered", "signed")),
            ]
        )
        alive = contracts.filtered(
            lambda contract: contract.state not in ("lapsed", "terminated")
        )
        alive._follow_end()
        alive._update_states()
        alive._grant_due()
        contracts._expire_due()
        contracts._charge_fees()
        own = [("company_id", "=", self.company.id)]
        self.env["support.topup"].search(own, order="id")._compare()
        self.env["support.charge"].search(
            [*own, ("state", "=", "open")]
        )._invoice_open()
        followed = contracts.filtered(lambda contract: contract.overdue_days > 0)
        if followed:
            followed._follow_overdue()
        self.env.flush_all()
        self.env.invalidate_all()

    # ------------------------------------------------------------------
    # What people do
    # ------------------------------------------------------------------

    def _sell(self, kind, package=None, amount=None, partner=None, **vals):
        vals = {"pricelist_id": self.agreed.id, **vals}
        return super()._sell(kind, package, amount, partner, **vals)

    def _help(self, mode, clock, minutes, ticket=None, accept=None, **vals):
        """Help from ``clock`` on, today, for ``minutes``.

        :param ticket: default: a new one, opened as the work begins
        :param accept: minutes that the customer accepts by phone before the work, at
            the present price; 0: without a limit, None: he accepts nothing
        :return: the work
        """
        self._go_to(self.today, clock)
        ticket = ticket or self._ask(mode, **vals)
        if accept is not None:
            self._accept(ticket, mode, accept)
        end = self._moment(self.today, time.fromisoformat(clock))
        self.clock.move_to(end + timedelta(minutes=minutes))
        return self._work(ticket, minutes, mode, accept=False)

    def _accept(self, ticket, mode, limit=0):
        ticket.with_user(self.technician)._support_accept_by_phone(
            self.modes[mode],
            "Anna Alpha",
            self.env["res.company"]._support_now(),
            limit=limit,
        )

    def _order(self, product, quantity=1, contract=None, partner=None, price=None):
        line = {"product_id": product.id, "product_uom_qty": quantity}
        if contract:
            line["support_contract_id"] = contract.id
        if price is not None:
            line["price_unit"] = price
        order = self.env["sale.order"].create(
            {
                "partner_id": (partner or self.customer).id,
                "company_id": self.company.id,
                "user_id": self.manager.id,
                "order_line": [Command.create(line)],
            }
        )
        order.action_confirm()
        return order

    def _bill(self, order):
        invoice = order._create_invoices()
        invoice.action_post()
        return invoice

    def _pay(self, invoice, amount=None):
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": self.bank.id})
        )
        if amount is not None:
            wizard.amount = amount
        wizard._create_payments()

    def _pay_all(self, partner=None):
        """The customer pays what he owes."""
        for invoice in self._get_moves(partner or self.customer):
            if invoice.move_type == "out_invoice" and invoice.amount_residual:
                self._pay(invoice)

    def _credit_note(self, invoice):
        """A posted credit note of the whole invoice, of today."""
        refund = invoice._reverse_moves([{"invoice_date": self.today}])
        refund.action_post()
        return refund

    def _undo(self, work, reason):
        """A manager takes work back."""
        self.env["support.intervention.undo"].with_user(self.manager).create(
            {"intervention_id": work.id, "reason": reason}
        ).action_confirm()

    def _change(self, contract, first_day, reason, **values):
        """A manager changes what is agreed, from a day on."""
        self.env["support.contract.change.terms"].with_user(self.manager).create(
            {
                "contract_id": contract.id,
                "first_day": first_day,
                "reason": reason,
                **values,
            }
        ).action_confirm()

    # ------------------------------------------------------------------
    # The tables
    # ------------------------------------------------------------------

    def _get_moves(self, partner):
        """All invoices and credit notes of a customer, oldest first."""
        return self.env["account.move"].search(
            [
                ("company_id", "=", self.company.id),
                ("commercial_partner_id", "=", partner.id),
                ("move_type", "in", ("out_invoice", "out_refund")),
            ],
            order="invoice_date, id",
        )

    def _assert_invoices(self, expected, partner=None):
        """All invoices of a customer are posted and have these lines, and they add up
        to his charges and orders.

        :param expected: ``(date, text, quantity, unit price, untaxed, tax, total)``
            of each line, as a table; credit notes have negative quantities and
            amounts; the text is the beginning of the line's
        """
        partner = partner or self.customer
        moves = self._get_moves(partner)
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        found, lines = [], self.env["account.move.line"]
        for move in moves:
            sign = 1 if move.move_type == "out_invoice" else -1
            products = move.invoice_line_ids.filtered(
                lambda line: line.display_type == "product"
            )
            lines |= products
            for line in products.sorted(lambda line: (line.sequence, line.id)):
                tax = line.price_total - line.price_subtotal
                found.append(
                    (
                        str(move.invoice_date),
                        self._read_text(line),
                        sign * line.quantity,
                        line.price_unit,
                        sign * line.price_subtotal,
                        sign * self.company.currency_id.round(tax),
                        sign * line.price_total,
                    )
                )
            self.assertEqual(move.currency_id, self.company.currency_id)
            self.assertEqual(
                products.tax_ids.mapped("amount"), [self.tax_percent], move.name
            )
            untaxed = sum(products.mapped("price_subtotal"))
            self.assertAlmostEqual(untaxed, move.amount_untaxed, msg=move.name)
            # the countries' charts round the tax of an invoice, not of its lines
            tax = Decimal(str(round(untaxed, 2))) * self.tax_percent / 100
            step = Decimal(str(self.currency_rounding))
            self.assertAlmostEqual(
                float(tax.quantize(step.normalize(), ROUND_HALF_UP)),
                move.amount_tax,
                msg=move.name,
            )
        expected = [tuple(row) for row in expected]
        for index, (have, want) in enumerate(zip(found, expected, strict=False)):
            if have[1].startswith(want[1]):
                found[index] = (have[0], want[1], *have[2:])
        self.maxDiff = None
        self.assertEqual(found, expected)
        self._assert_adds_up(lines, partner)

    def _read_text(self, line):
        """The text of a line with the contract, the ticket and the code of the product
        as ``<contract>``, ``<ticket>`` and nothing."""
        charge = line.support_origin_charge_id
        contract = charge.contract_id or line.support_contract_id
        text = re.sub(r"\[[A-Z0-9-]+\] ", "", self._plain(line.name))
        if contract:
            text = text.replace(contract.name, "<contract>")
        if charge.ticket_id:
            text = text.replace(charge.ticket_id.number, "<ticket>")
        return text

    def _assert_adds_up(self, lines, partner):
        """The invoice lines of a customer are his charges and his orders, less what
        was credited of these."""

        def total(records):
            return sum(
                (-1 if line.move_id.move_type == "out_refund" else 1)
                * line.price_subtotal
                for line in records
            )

        charges = self.env["support.charge"].search(
            [
                ("company_id", "=", self.company.id),
                ("commercial_partner_id", "=", partner.id),
                ("cancelled", "=", False),
            ]
        )
        self.assertEqual(set(charges.mapped("state")) - {"invoiced"}, set())
        charged = lines.filtered("support_charge_id")
        self.assertEqual(charged.support_charge_id, charges)
        self.assertAlmostEqual(total(charged), sum(charges.mapped("amount")))
        orders = self.env["sale.order"].search(
            [
                ("company_id", "=", self.company.id),
                ("partner_id", "=", partner.id),
                ("state", "=", "sale"),
            ]
        )
        ordered = lines - charged
        credited = ordered.filtered(lambda line: line.move_id.move_type == "out_refund")
        self.assertAlmostEqual(
            total(ordered - credited), sum(orders.mapped("amount_untaxed"))
        )

    def _assert_ledger(self, ledger, expected):
        """All entries of a ledger.

        :param expected: ``(day, kind, quantity)`` by day, then as posted
        """
        entries = self._flushed(ledger).entry_ids.sorted(
            lambda item: (item.day, item.id)
        )
        self.maxDiff = None
        self.assertEqual(
            [(str(entry.day), entry.kind, entry.quantity) for entry in entries],
            expected,
        )
        self.assertAlmostEqual(sum(row[2] for row in expected), ledger.balance)

    def _assert_no_work(self, ticket, minutes, text, mode="remote"):
        """Work that has just ended is refused for the reason ``text``."""
        with self.assertRaisesRegex(UserError, text), self.env.cr.savepoint():
            self._work(ticket, minutes, mode, accept=False)

    def _get_ledger(self, contract, mode="remote"):
        return contract._get_ledgers_for(self.modes[mode]).ensure_one()

    def _assert_quiet_nights(self):
        """The nightly comparison found nothing to put right, and the ledgers are
        sound."""
        put_right = self.env["mail.activity"].search(
            [("summary", "=", "Put right by the nightly comparison")]
        )
        self.assertFalse(put_right)
        self._assert_sound()


class PolishYear(YearCommon):
    """A vendor in Warsaw."""

    chart = "pl"
    country = "base.pl"
    currency_code = "PLN"
    zone = "Europe/Warsaw"
    tax_percent = 23
    agreed_prices = {"phone": 180, "remote": 200, "on_site": 240}
    on_call_prices = {"phone": 260, "remote": 280, "on_site": 330}
    mark = "pl_"


class HungarianYear(YearCommon):
    """A vendor in Budapest, whose money has no decimals."""

    chart = "hu"
    country = "base.hu"
    currency_code = "HUF"
    currency_rounding = 1.0
    zone = "Europe/Budapest"
    tax_percent = 27
    agreed_prices = {"phone": 15500, "remote": 18500, "on_site": 21500}
    on_call_prices = {"phone": 22000, "remote": 25000, "on_site": 30000}
    mark = "hu_"
