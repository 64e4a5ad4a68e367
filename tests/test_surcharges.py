# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What work outside the hours takes from balances, and what it costs."""

from datetime import date, time

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .common import SupportCommon


class HoursCase(SupportCommon):
    """Coverage hours from Monday to Friday, 9:00 to 17:00 in Rome. The remote hour
    costs 80, the one on site 120. It is Friday 20 March 2026, late in the evening."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-03-20 22:00:00"))
        cls.hours = cls._create_hours("Office", 9, 17)
        cls.company.resource_calendar_id = cls.hours

    @classmethod
    def _create_hours(cls, name, first, last, **vals):
        return cls.env["resource.calendar"].create(
            {
                "name": name,
                "company_id": cls.company.id,
                "tz": "Europe/Rome",
                "support_coverage": True,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": str(weekday),
                                "dayofweek": str(weekday),
                                "hour_from": first,
                                "hour_to": last,
                            }
                        )
                        for weekday in range(5)
                    ),
                ],
                **vals,
            }
        )

    def _work_at(self, ticket, clock, minutes, day="2026-03-20", **vals):
        """Work that begins at a local time."""
        return self._log_work(ticket, minutes, self._moment(day, time(*clock)), **vals)

    def _parts(self, work):
        """(kind, when, minutes, percent, drawn, charged, amount) of each part"""
        return [
            (
                part.kind,
                part.when,
                part.minutes,
                part.percent,
                part.drawn_minutes,
                part.charged_minutes,
                part.amount,
            )
            for part in work.part_ids
        ]

    def _balances(self, contract):
        return self._flushed(contract.ledger_ids).mapped("balance")


@tagged("post_install", "-at_install")
class TestSurcharges(HoursCase):
    def _contract(self, minutes=600, **vals):
        return self._create_contract(
            self._create_time_type(minutes, **{"outside_surcharge": 50, **vals}),
            date_start="2026-03-01",
        )

    def test_an_intervention_crosses_17_00(self):
        """Row "an intervention crosses 17:00": split at the boundary in the calendar's
        zone; surcharge only on the part outside. On a balance of hours a surcharge
        does not count unless the contract says so."""
        contract = self._contract(45, overage="charge")
        work = self._work_at(self._create_ticket(), (16, 30), 90)
        self.assertEqual(
            self._parts(work),
            [
                ("work", "inside", 30, 100, 30, 0, 0),
                # 15 minutes were left: 45 minutes at 120 an hour
                ("work", "outside", 60, 150, 15, 45, 90),
            ],
        )
        self.assertEqual(
            (work.overage_minutes, work.overage_amount, work.hourly_price),
            (45, 90, 80),
        )
        self.assertEqual(work.part_ids.mapped("hourly_price"), [0, 120])
        self.assertEqual(self._balances(contract), [0])
        self.assertEqual(work.charge_ids.amount, 90)
        self._assert_sound()

    def test_surcharge_on_time(self):
        """... on a time ledger a surcharge multiplies minutes only if the type says
        so"""
        contract = self._contract(120, surcharge_on_time=True, overage="charge")
        work = self._work_at(self._create_ticket(), (16, 30), 90)
        self.assertEqual(self._balances(contract), [0])
        self.assertEqual([-e.quantity for e in work.entry_ids.sorted("id")], [30, 90])
        self.assertFalse(work.overage_minutes or work.charge_ids)
        # half an hour of the next evening needs 45 minutes; none are left
        after = self._work_at(self._create_ticket(), (18, 0), 30)
        self.assertEqual((after.overage_minutes, after.overage_amount), (30, 60))

    def test_surcharge_on_time_that_is_half_covered(self):
        contract = self._contract(46, surcharge_on_time=True, overage="charge")
        work = self._work_at(self._create_ticket(), (18, 0), 60)
        self.assertEqual(self._balances(contract), [0])
        # 90 were needed, 44 are missing: 29.3 minutes of work, begun ones count
        self.assertEqual(self._parts(work), [("work", "outside", 60, 150, 30, 30, 60)])

    def test_wallet(self):
        """a wallet pays the surcharge; what it cannot pay is charged"""
        contract = self._create_contract(
            self._create_type(
                allotments=[{"unit": "money", "quantity": 100}],
                outside_surcharge=50,
                overage="charge",
            ),
            date_start="2026-03-01",
        )
        work = self._work_at(self._create_ticket(), (16, 30), 60)
        self.assertEqual(
            self._parts(work),
            [
                ("work", "inside", 30, 100, 30, 0, 0),
                ("work", "outside", 30, 150, 30, 0, 0),
            ],
        )
        self.assertEqual(self._balances(contract), [0])  # 40 and 60
        self.assertFalse(work.charge_ids)
        self._assert_sound()

    def test_rounding(self):
        """Row "rounding": minimum and step on the whole intervention, the excess to
        its cheapest part"""
        self.remote.write({"minimum_minutes": 60, "step_minutes": 60})
        self._contract(1, overage="charge")
        work = self._work_at(self._create_ticket(), (16, 50), 15)
        self.assertEqual(
            [(part.when, part.minutes) for part in work.part_ids],
            [("inside", 55), ("outside", 5)],
        )
        # 54 minutes at 80 and 5 at 120
        self.assertEqual(work.part_ids.mapped("amount"), [72, 10])
        self.assertEqual(work.overage_amount, 82)

    def test_the_greater_one_counts(self):
        """... multipliers never multiply each other, the greater one counts: Sunday"""
        self._contract(1, day_off_surcharge=100, overage="charge")
        work = self._work_at(self._create_ticket(), (10, 0), 60, "2026-03-15")
        self.assertEqual(
            self._parts(work), [("work", "day_off", 60, 200, 1, 59, 157.33)]
        )

    def test_a_public_holiday_is_a_day_off(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.hours.id,
                "company_id": self.company.id,
                "date_from": self._moment("2026-03-19", time(0)),
                "date_to": self._moment("2026-03-19", time(23, 59, 59)),
            }
        )
        self._contract(day_off_surcharge=100)
        work = self._work_at(self._create_ticket(), (10, 0), 60, "2026-03-19")
        self.assertEqual(work.part_ids.mapped("when"), ["day_off"])

    def test_hours_of_the_channel(self):
        """the work mode names the channel whose hours count, else the ticket's"""
        channel, other = self.env["helpdesk.ticket.channel"].create(
            [{"name": "Phone"}, {"name": "Web"}]
        )
        evening = self._create_hours("Evening", 17, 22)
        self._create_contract(
            self._create_time_type(
                600,
                outside_surcharge=50,
                coverage_ids=[
                    Command.create(
                        {"channel_id": channel.id, "calendar_id": evening.id}
                    ),
                    Command.create({"calendar_id": self.hours.id}),
                ],
            ),
            date_start="2026-03-01",
        )
        ticket = self._create_ticket(channel_id=channel.id)
        work = self._work_at(ticket, (16, 30), 60)
        self.assertEqual(work.part_ids.mapped("when"), ["outside", "inside"])
        self.remote.channel_id = other
        work = self._work_at(ticket, (16, 30), 60)
        self.assertEqual(work.part_ids.mapped("when"), ["inside", "outside"])

    def test_hours_of_the_team(self):
        """without hours of the contract"""
        self.company.resource_calendar_id = self._create_hours("Evening", 17, 22)
        team = self.env["helpdesk.ticket.team"].create(
            {
                "name": "Team",
                "company_id": self.company.id,
                "support_calendar_id": self.hours.id,
            }
        )
        self._contract()
        work = self._work_at(self._create_ticket(team_id=team.id), (16, 30), 60)
        self.assertEqual(work.part_ids.mapped("when"), ["inside", "outside"])
        work = self._work_at(self._create_ticket(), (16, 30), 60)
        self.assertEqual(work.part_ids.mapped("when"), ["outside", "inside"])

    def test_without_surcharges_nothing_is_split(self):
        contract = self._contract(outside_surcharge=0)
        work = self._work_at(self._create_ticket(), (16, 30), 90)
        self.assertEqual(self._parts(work), [("work", "inside", 90, 100, 90, 0, 0)])
        self.assertEqual(self._balances(contract), [510])

    def test_surcharge_of_the_day_of_the_work(self):
        """a change counts from its day on"""
        contract = self._contract(1, overage="charge")
        change = self.env["support.contract.change"].create(
            {
                "contract_id": contract.id,
                "first_day": date(2026, 3, 10),
                "values": {"outside_surcharge": 100},
                "reason": "agreed",
            }
        )
        change._apply_due()
        before = self._work_at(self._create_ticket(), (18, 0), 61, "2026-03-09")
        after = self._work_at(self._create_ticket(), (18, 0), 60, "2026-03-10")
        self.assertEqual((before.overage_amount, after.overage_amount), (120, 160))

    def test_on_call(self):
        """the company's own surcharges, in the company's hours"""
        self.company.write({"support_on_call": True, "support_outside_surcharge": 25})
        work = self._work_at(self._create_ticket(), (16, 0), 120)
        self.assertEqual(
            self._parts(work),
            [
                ("work", "inside", 60, 100, 0, 60, 80),
                ("work", "outside", 60, 125, 0, 60, 100),
            ],
        )
        self.assertEqual((work.overage_minutes, work.overage_amount), (120, 180))

    def test_undone(self):
        contract = self._contract(45, overage="charge")
        work = self._work_at(self._create_ticket(), (16, 30), 90)
        work._undo("wrong")
        self.assertFalse(work.part_ids or work.overage_amount or work.hourly_price)
        self.assertEqual(self._balances(contract), [45])
        self.assertEqual(work.charge_ids.state, "cancelled")
        self._assert_sound()
