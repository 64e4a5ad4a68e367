# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the demo vendor sells, invoices and is paid."""

from datetime import timedelta

from odoo import Command

from .books import MODULE, get_bank


class Money:
    """The part of the player that knows orders, invoices and payments."""

    # ------------------------------------------------------------------
    # Orders
    # ------------------------------------------------------------------

    def sell(self, key, contact, product, start):
        """Sell a package with an order that is paid, and so activated, on ``start``."""
        ordered = self.weekday(start - timedelta(days=6))
        self.tell(self.at(ordered, "14:20"), self._sell, key, contact, product, start)

    def _sell(self, key, contact, product, start):
        env = self._as("seller")
        person = env.ref(f"{MODULE}.contact_{contact}")
        order = env["sale.order"].create(
            {
                "partner_id": person.commercial_partner_id.id,
                "user_id": env.user.id,
                "date_order": self.moment,
                "order_line": [
                    Command.create(
                        {
                            "product_id": env.ref(f"{MODULE}.product_{product}").id,
                            "support_start": start,
                        }
                    )
                ],
            }
        )
        self._confirm(order)
        contract = order.order_line.support_contract_id
        contract.write(
            {
                "signatory_id": person.id,
                "orderer_ids": [Command.set(person.ids)],
                "user_id": env.ref(f"{MODULE}.user_manager").id,
            }
        )
        self.contracts[key] = contract.with_env(self.env)
        self._bill(order, self.at(start, "7:40"))

    def top_up(self, key, product, pieces, days, paid=4):
        """Sell a top-up ``days`` ago.

        :param paid: after how many days; None: not yet
        """
        self.tell(
            self.at(self.back(days), "10:35"), self._top_up, key, product, pieces, paid
        )

    def _top_up(self, key, product, pieces, paid):
        env = self._as("seller")
        order = self._contract("seller", key)._order_topup(
            env.ref(f"{MODULE}.product_{product}"),
            pieces,
            user_id=env.user.id,
            date_order=self.moment,
        )
        self._confirm(order)
        self._bill(order, paid is not None and self._after(paid))

    def quote(self, key, product, pieces, days):
        """Offer a top-up that nobody has ordered yet."""
        self.tell(self.at(self.back(days), "11:25"), self._quote, key, product, pieces)

    def _quote(self, key, product, pieces):
        env = self._as("seller")
        self._contract("seller", key)._order_topup(
            env.ref(f"{MODULE}.product_{product}"),
            pieces,
            user_id=env.user.id,
            date_order=self.moment,
        ).action_quotation_sent()

    def _confirm(self, order):
        order.action_confirm()
        order.date_order = self.moment  # confirming takes the clock's

    def _bill(self, order, paid):
        invoice = order.with_env(self._as("manager"))._create_invoices()
        invoice.invoice_date = self.company._support_day(self.moment)
        invoice.action_post()
        if paid:
            self.tell(paid, self._pay, invoice.id)

    def _after(self, days):
        day = self.company._support_day(self.moment) + timedelta(days=days)
        return self.at(self.weekday(day), "16:50")

    # ------------------------------------------------------------------
    # Invoices
    # ------------------------------------------------------------------

    def invoice_by_month(self, months):
        """The manager invoices what is due in the first days of each month, and eight
        days ago. What is younger is still open."""
        days = {self.first_of(count) + timedelta(days=2) for count in range(months)}
        days.add(self.today - timedelta(days=8))
        for day in sorted(days):
            if day <= self.today - timedelta(days=8):
                self.tell(self.at(self.weekday(day), "18:10"), self._invoice)

    def invoice(self, days, contacts, policy="posted"):
        """Invoice what is due for some customers, ``days`` ago."""
        self.tell(self.at(self.back(days), "17:55"), self._invoice, contacts, policy)

    def _invoice(self, contacts=(), policy="posted"):
        self.company.support_invoicing = policy
        domain = [
            ("state", "=", "open"),
            ("kind", "!=", "note"),
            ("date", "<=", self.company._support_day(self.moment)),
        ]
        if contacts:
            partners = self.env["res.partner"].union(
                *(self.env.ref(f"{MODULE}.contact_{contact}") for contact in contacts)
            )
            domain.append(
                ("commercial_partner_id", "in", partners.commercial_partner_id.ids)
            )
        charges = self._as("manager")["support.charge"].search(domain)
        if not charges:
            return
        charges.action_invoice()
        for invoice in charges.invoice_line_ids.move_id.sorted("id"):
            if invoice.state == "posted" and invoice.move_type == "out_invoice":
                paid = self._get_payment_day(invoice)
                if paid and paid < self.today:
                    self.tell(self.at(paid, "16:50"), self._pay, invoice.id)

    def _get_payment_day(self, invoice):
        """Most pay in time, each in his own rhythm; see :meth:`pays`."""
        day = invoice.invoice_date
        name = invoice.commercial_partner_id
        days = 4 + invoice.id * 7 % 10
        if name in self.habits:
            days = self.habits[name](day)
        return days and self.weekday(day + timedelta(days=days))

    def pays(self, contact, habit):
        """How a customer pays: ``habit`` tells after how many days an invoice of a
        day is paid; None: never."""
        person = self.env.ref(f"{MODULE}.contact_{contact}")
        self.habits[person.commercial_partner_id] = habit

    def _pay(self, invoice_id):
        env = self._as("manager")
        if env["account.move"].browse(invoice_id).payment_state != "not_paid":
            return
        env["account.payment.register"].with_context(
            active_model="account.move", active_ids=[invoice_id]
        ).create(
            {
                "payment_date": self.company._support_day(self.moment),
                "journal_id": get_bank(env, self.company).id,
            }
        ).action_create_payments()
