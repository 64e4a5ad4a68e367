# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A vendor in Rome whose phone is answered from Monday to Friday 10:00 to 12:30 and
15:00 to 17:00."""

from datetime import time

from freezegun import freeze_time

from odoo import Command

from .common import SupportCommon

#: a week without holidays; Rome is one hour ahead of UTC
MONDAY, TUESDAY, FRIDAY = "2026-03-02", "2026-03-03", "2026-03-06"


class PhoneCommon(SupportCommon):
    """``hours`` the phone hours, ``contract`` (hours for a year, phone covered) and
    ``other_contract`` of the customers, ``duty`` the operator on duty. It is Monday,
    11:00 in Rome."""

    now = (MONDAY, 11, 0)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.country_id = cls.env.ref("base.it")
        cls.company.resource_calendar_id = False
        cls.channel = cls.env["res.company"]._support_phone_channel()
        cls.hours = cls._create_hours()
        cls.duty = cls._create_user("duty", "helpdesk_mgmt.group_helpdesk_user")
        cls.company.support_duty_user_id = cls.duty
        cls.contact.phone = "+39 06 4567 8901"
        cls.contract = cls._create_phone_contract(cls.customer)
        cls.other_contract = cls._create_phone_contract(cls.other_customer)

    def setUp(self):
        super().setUp()
        self._go_to(*self.now)

    @classmethod
    def _create_hours(cls):
        return cls.env["resource.calendar"].create(
            {
                "name": "Phone hours",
                "company_id": cls.company.id,
                "tz": "Europe/Rome",
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": "Phone",
                                "dayofweek": str(day),
                                "hour_from": start,
                                "hour_to": end,
                            }
                        )
                        for day in range(5)
                        for start, end in ((10, 12.5), (15, 17))
                    ),
                ],
            }
        )

    @classmethod
    def _create_phone_contract(cls, partner, **vals):
        coverage = [
            Command.create({"channel_id": cls.channel.id, "calendar_id": cls.hours.id})
        ]
        return cls._create_contract(
            cls._create_time_type(),
            partner,
            date_start="2026-01-01",
            **{"coverage_ids": coverage, **vals},
        )

    @classmethod
    def _create_callback(cls, user=None, **vals):
        """A call-back for the customer's contact, asked for now."""
        values = {
            "topic": "The till does not start",
            "number": "06 4567 8901",
            "partner_id": cls.contact.id,
            "contract_id": cls.contract.id,
            "company_id": cls.company.id,
            **vals,
        }
        callbacks = cls.env["support.callback"].with_user(user or cls.technician)
        return callbacks.create(values).with_env(cls.env)

    # ------------------------------------------------------------------
    # Time
    # ------------------------------------------------------------------

    def _go_to(self, day, hour, minute=0):
        """It becomes this local time of the company, for the rest of the test."""
        freezer = freeze_time(self._at(day, hour, minute))
        freezer.start()
        self.addCleanup(freezer.stop)

    def _at(self, day, hour, minute=0):
        """The naive UTC moment of a local time of the company."""
        return self._moment(day, time(hour, minute))

    def _assert_due(self, callback, due_from, deadline):
        """``due_from`` and ``deadline``: local (day, hour, minute)."""
        self.assertEqual(
            (callback.due_from, callback.deadline),
            (self._at(*due_from), self._at(*deadline)),
        )
