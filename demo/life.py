# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Software that was sold, its warranty, what is paid per activation, new versions, and
what becomes of contracts at their end."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command

from .books import MODULE

#: the programs of the vendor, by name in the demo data
SHOP, OFFICE = "software_shop", "software_office"


class Life:
    """The part of the player that knows installations, activations and releases."""

    def happens(self, day, clock, action, *args):
        self.tell(self.at(self.weekday(day), clock), action, *args)

    # ------------------------------------------------------------------
    # Software
    # ------------------------------------------------------------------

    def sell_software(self, key, contact, product, day, version="4.2"):
        """Sell software with an order that is invoiced and paid."""
        self.happens(day, "10:40", self._sell_software, key, contact, product, version)

    def _sell_software(self, key, contact, product, version):
        env = self._as("seller")
        person = env.ref(f"{MODULE}.contact_{contact}")
        order = env["sale.order"].create(
            {
                "partner_id": person.commercial_partner_id.id,
                "user_id": env.user.id,
                "date_order": self.moment,
                "order_line": [
                    Command.create(
                        {"product_id": env.ref(f"{MODULE}.product_{product}").id}
                    )
                ],
            }
        )
        self._confirm(order)
        self._bill(order, self._after(6))
        self._find_installation(key, person).version = version

    def _find_installation(self, key, person):
        env = self._as("manager")
        installation = env["support.installation"].search(
            [("commercial_partner_id", "=", person.commercial_partner_id.id)],
            order="id desc",
            limit=1,
        )
        installation.user_id = env.user
        self.installations[key] = installation.with_env(self.env)
        return installation

    def install(self, key, contact, product, day, version, stated=1):
        """Software that was sold before this system was there, entered by hand."""
        self.happens(day, "9:05", self._install, key, contact, product, version, stated)

    def _install(self, key, contact, product, version, stated):
        env = self._as("manager")
        person = env.ref(f"{MODULE}.contact_{contact}")
        today = self.company._support_day(self.moment)
        self.installations[key] = (
            env["support.installation"]
            .create(
                {
                    "product_id": env.ref(f"{MODULE}.product_{product}").id,
                    "partner_id": person.commercial_partner_id.id,
                    "company_id": self.company.id,
                    "sale_date": today - relativedelta(years=3),
                    "golive_date": today - relativedelta(years=3, days=-30),
                    "version": version,
                    "activations_stated": stated,
                    "user_id": env.user.id,
                }
            )
            .with_env(self.env)
        )

    def counted(self, key, day, number):
        """Count the activations of a contract that are really in use."""
        self.happens(day, "13:30", self._count, key, number)

    def _count(self, key, number):
        contract = self._contract("manager", key)
        contract.env["support.activation.count"].count_activations(
            [
                {
                    "contract": contract.name,
                    "number": number,
                    "day": self.company._support_day(self.moment).isoformat(),
                }
            ]
        )

    # ------------------------------------------------------------------
    # New versions
    # ------------------------------------------------------------------

    def release(self, key, product, version, kind, day, notes, published=True):
        self.happens(day, "16:05", self._release, key, product, version, kind, notes)
        if published:
            self.happens(day + timedelta(days=2), "9:15", self._publish, key)

    def _release(self, key, product, version, kind, notes):
        env = self._as("manager")
        template = env.ref(f"{MODULE}.product_{product}").product_tmpl_id
        self.releases[key] = (
            env["support.release"]
            .create(
                {
                    "product_tmpl_id": template.id,
                    "version": version,
                    "kind": kind,
                    "date": self.company._support_day(self.moment),
                    "notes": notes,
                }
            )
            .with_env(self.env)
        )

    def _publish(self, key):
        release = self.releases[key].with_env(self._as("manager"))
        release.action_publish()
        release.with_env(self._as_system())._queue_notices()
        notices = self._as_system()["support.release.notice"]
        notices.search([("release_id", "=", release.id)])._send()

    # ------------------------------------------------------------------
    # The end of terms
    # ------------------------------------------------------------------

    def decline(self, key, day, reason, note):
        self.happens(day, "11:15", self._decline, key, reason, note)

    def _decline(self, key, reason, note):
        contract = self._contract("manager", key)
        contract._decline_renewal(
            self.company._support_day(self.moment),
            note,
            contract.env.ref(f"{MODULE}.churn_reason_{reason}"),
        )

    def quote_renewal(self, key, day):
        self.happens(day, "10:10", self._quote_renewal, key)

    def _quote_renewal(self, key):
        order = self._contract("seller", key)._quote_renewal()
        order.date_order = self.moment
        order.action_quotation_sent()

    def _withdraw(self, kind):
        env = self._as("manager")
        env.ref(f"{MODULE}.type_{kind}").write(
            {
                "withdrawn": True,
                "successor_id": env.ref(f"{MODULE}.type_activation_12").id,
            }
        )


def warranty(p):
    """S8: a year of warranty, then a contract or help by the hour."""
    # the warranty ends in three weeks: the offer is out
    p.sell_software(
        "kertesz",
        "kertesz_eva",
        SHOP,
        p.today - relativedelta(years=1) + timedelta(days=21),
    )
    ask = p.ticket
    ask(
        "kertesz_eva",
        188,
        "8:40",
        "phone",
        "information",
        "How to book returned bottles",
        (0, 25),
        text="Our suppliers take the crates back. How do we book them?",
        answer="Crates are a product of their own: see the note on your order.",
    )
    ask("kertesz_eva", 64, "13:20", "remote", "fault", "Scanner reads nothing", (0, 40))
    # the year is over, a contract follows
    start = p.today - relativedelta(months=15)
    p.sell_software("dunai", "dunai_gabor", SHOP, start)
    p.contract(
        "dunai",
        "dunai_gabor",
        "follow_up",
        p.weekday(start) + relativedelta(years=1),
    )
    ask("dunai_gabor", 33, "9:30", "phone", "information", "Stocktaking", (0, 30))
    # ... and for this one nothing: help is by the hour
    p.sell_software(
        "alma", "alma_zsofia", SHOP, p.today - relativedelta(months=14), "4.1"
    )


def activations(p):
    """S9: maintenance per activation, with counts and an end."""

    def stated(number):
        def agreed(contract):
            contract.activation_count = number

        return agreed

    today = p.today
    for key, contact, kind, months, number in (
        ("marchetti", "marchetti_rosa", "activation_12", 7, 15),
        ("serra", "serra_luigi", "activation_call", 10, 4),
        ("lodi", "lodi_carlo", "activation_24", 14, 9),
    ):
        start = p.first_of(months)
        p.install(key, contact, OFFICE, start - timedelta(days=20), "7.0", number)
        p.contract(key, contact, kind, start, agreed=stated(number))
        p.counted(key, start - timedelta(days=6), number)
    # two more machines than the customer pays for
    p.counted("marchetti", today - timedelta(days=4), 17)
    p.ticket(
        "marchetti_rosa",
        20,
        "9:10",
        "phone",
        "fault",
        "Labels are printed twice",
        (0, 35),
    )
    p.quote_renewal("serra", today - timedelta(days=10))
    # to be signed in the portal, in steps: what is there, the type, both texts
    p.contract(
        "marchetti_stores",
        "marchetti_rosa",
        "activation_24",
        today + timedelta(days=5),
        upto="offered",
        agreed=stated(6),
    )
    # the old contract is not sold any more, and cannot be renewed
    p.contract("conti", "conti_piero", "old_maintenance", p.first_of(11))
    p.happens(today - timedelta(days=45), "18:05", p._withdraw, "old_maintenance")


def versions(p):
    """S5: new versions are installed by appointment; all who pay are told."""
    today = p.today
    before = p.first_of(10) - timedelta(days=20)
    p.install("radosz", "radosz_anna", OFFICE, before, "7.0", 6)
    p.release(
        "autumn",
        OFFICE,
        "7.1",
        "feature",
        today - timedelta(days=70),
        "<ul><li>Deliveries by week</li><li>Faster stocktaking</li></ul>",
    )
    p.release(
        "law",
        OFFICE,
        "7.1.2",
        "law",
        today - timedelta(days=12),
        "<p>The new layout of the VAT declaration, in force from next quarter.</p>",
    )
    p.release(
        "next",
        SHOP,
        "4.3",
        "fix",
        today - timedelta(days=3),
        "<p>Returned crates are booked with their deposit.</p>",
        published=False,
    )
