# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A vendor with hours, policies and contracts that promise times."""

from datetime import datetime
from email.message import EmailMessage

import pytz
from freezegun import freeze_time

from odoo import Command, fields
from odoo.tools import mute_logger

from .common import SupportCommon

WEEK, EVERY_DAY = range(5), range(7)


def parse(text, zone="Europe/Rome"):
    """The naive UTC moment of a local ``Mon 2 Mar 16:30`` or ``... 16:30:01`` of
    2026."""
    form = "%Y %a %d %b %H:%M:%S" if text.count(":") == 2 else "%Y %a %d %b %H:%M"
    local = datetime.strptime(f"2026 {text}", form)
    if f"{local:%a}" != text[:3]:
        raise ValueError(f"{text}: it is a {local:%A}")
    moment = pytz.timezone(zone).localize(local, is_dst=None)
    return moment.astimezone(pytz.utc).replace(tzinfo=None)


def tell(moment, zone="Europe/Rome"):
    """A naive UTC moment as :func:`parse` reads it."""
    local = pytz.utc.localize(moment).astimezone(pytz.timezone(zone))
    seconds = f":{local:%S}" if local.second else ""
    return f"{local:%a} {local.day} {local:%b} {local:%H:%M}{seconds}"


class SlaCommon(SupportCommon):
    """Calendar ``office`` (Rome, Monday to Friday 9:00-13:00 and 14:00-18:00), stages
    ``new``, ``in_progress``, ``awaiting``, ``done`` and ``cancelled``, and ``leader``,
    who leads the ``team`` of the technician. Local times are of Rome in 2026."""

    @classmethod
    def default_env_context(cls):
        # mails and tracking are what this is about
        return {"no_reset_password": True}

    @classmethod
    def setUpClass(cls):
        cls.startClassPatcher(freeze_time("2026-01-07 08:00:00"))
        super().setUpClass()
        # rows are dated with the frozen time too
        cls.classPatch(cls.env.cr, "now", lambda: datetime.now())
        for name in ("new", "in_progress", "awaiting", "done", "cancelled"):
            stage = cls.env.ref(f"helpdesk_mgmt.helpdesk_ticket_stage_{name}")
            setattr(cls, name, stage)
        cls.office = cls._create_hours([(9, 13), (14, 18)])
        cls.leader = cls._create_user("leader", "helpdesk_mgmt.group_helpdesk_manager")
        cls.team = cls.env["helpdesk.ticket.team"].create(
            {
                "name": "Office",
                "company_id": cls.company.id,
                "user_id": cls.leader.id,
                "user_ids": [Command.set((cls.technician + cls.leader).ids)],
            }
        )

    # ------------------------------------------------------------------
    # What is promised
    # ------------------------------------------------------------------

    @classmethod
    def _create_hours(cls, lines, days=WEEK, zone="Europe/Rome", closed=(), **vals):
        """A calendar.

        :param lines: (from, to) in hours
        :param closed: (from, to) as :func:`parse` reads them
        """
        calendar = cls.env["resource.calendar"].create(
            {
                "name": "Hours",
                "company_id": cls.company.id,
                "tz": zone,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": "Open",
                                "dayofweek": str(day),
                                "hour_from": first,
                                "hour_to": last,
                                "day_period": "morning",
                            }
                        )
                        for day in days
                        for first, last in lines
                    ),
                ],
                **vals,
            }
        )
        for first, last in closed:
            cls._close(calendar, first, last)
        cls.env.cr.precommit.run()
        return calendar

    @classmethod
    def _close(cls, calendar, first, last):
        return cls.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": calendar.id,
                "date_from": parse(first, calendar.tz),
                "date_to": parse(last, calendar.tz),
            }
        )

    def _change_hours(self, change):
        """Call ``change`` and let the clocks follow the new hours."""
        self.env.cr.precommit.run()
        change()
        # clocks follow before the change is committed
        self.env.cr.precommit.run()
        self.env.invalidate_all()

    @classmethod
    def _create_policy(cls, *targets, **vals):
        """A policy to choose from. Each target is a dict; ``stages`` are dicts too."""
        targets = [dict(target) for target in targets]
        for target in targets:
            stages = target.pop("stages", [])
            target["stage_ids"] = [Command.create(stage) for stage in stages]
        return cls.env["support.sla.policy"].create(
            {
                "name": "Promise",
                "company_id": cls.company.id,
                "target_ids": [Command.create(target) for target in targets],
                **vals,
            }
        )

    @classmethod
    def _promise(cls, policy, calendar=None, partner=None, activate=True, **vals):
        """A running contract with many hours and the promises of ``policy``, in the
        hours of ``calendar``."""
        coverage = [Command.create({"calendar_id": calendar.id})] if calendar else []
        contract_type = cls._create_time_type(
            60000, sla_policy_id=policy and policy.id, coverage_ids=coverage
        )
        return cls._create_contract(
            contract_type, partner, activate, date_start="2026-01-01", **vals
        )

    @classmethod
    def _promise_hours(cls, hours, kind="response", calendar=None, **vals):
        """A contract that promises one target within ``hours`` of coverage (default:
        of the office)."""
        stages = vals.pop("stages", [])
        target = {"kind": kind, "minutes": round(hours * 60), "stages": stages}
        return cls._promise(
            cls._create_policy({**target, **vals}), calendar or cls.office
        )

    # ------------------------------------------------------------------
    # What people do
    # ------------------------------------------------------------------

    @staticmethod
    def _at(text, zone="Europe/Rome"):
        """Freeze the time at a local moment."""
        return freeze_time(parse(text, zone))

    def _open(self, text=None, **vals):
        """A ticket of the customer's contact, opened at ``text``."""
        if text:
            with self._at(text):
                return self._open(**vals)
        ticket = self._create_ticket(**vals)
        # Odoo writes down what has changed before it commits
        self.env.cr.precommit.run()
        return ticket

    def _move(self, ticket, stage, text=None):
        """The technician moves the ticket, at ``text``."""
        if text:
            with self._at(text):
                return self._move(ticket, stage)
        ticket.with_user(self.technician).stage_id = stage
        self.env.cr.precommit.run()
        self.env.invalidate_all()

    def _answer(self, ticket, text=None, user=None, **options):
        """The technician writes to the customer."""
        if text:
            with self._at(text):
                return self._answer(ticket, user=user, **options)
        options = {
            "body": "Please try again",
            "message_type": "comment",
            "subtype_xmlid": "mail.mt_comment",
            "partner_ids": ticket.partner_id.ids,
            **options,
        }
        message = ticket.with_user(user or self.technician).message_post(**options)
        self.env.invalidate_all()
        return message

    def _reply(self, ticket, text=None, user=None):
        """The customer writes in the reserved area."""
        if text:
            with self._at(text):
                return self._reply(ticket, user=user)
        ticket.with_user(user or self.portal_user).message_post(
            body="Here it is", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.env.cr.precommit.run()
        self.env.invalidate_all()

    def _receive(self, ticket, email_from):
        """A mail that answers the last message which people outside could read."""
        comment = self.env.ref("mail.mt_comment")
        sent = ticket.message_ids.filtered(lambda item: item.subtype_id == comment)
        mail = EmailMessage()
        mail["From"] = email_from
        mail["To"] = "help@vendor.example.com"
        mail["Subject"] = "Re: help"
        mail["Message-Id"] = f"<{email_from}>"
        mail["References"] = sent[:1].message_id
        mail.set_content("It is like this")
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process("helpdesk.ticket", mail.as_string())
        self.env.cr.precommit.run()
        self.env.invalidate_all()
        bodies = ticket.message_ids.mapped("body")
        self.assertIn("It is like this", " ".join(bodies))

    def _call(self, ticket):
        """The technician has called the customer and says so."""
        activity = ticket.with_user(self.technician).activity_schedule(
            "mail.mail_activity_data_call", user_id=self.technician.id
        )
        activity.action_feedback(feedback="Called")
        self.env.invalidate_all()

    def _fire(self, text=None):
        """What the job does, without its commits."""
        if text:
            with self._at(text):
                return self._fire()
        clocks = self.env["support.sla.clock"].search(
            [("next_due", "<=", fields.Datetime.now())], order="next_due, id"
        )
        clocks._fire_due()
        self.env.flush_all()
        self.env.invalidate_all()
        return clocks

    # ------------------------------------------------------------------
    # What they see
    # ------------------------------------------------------------------

    def _clock(self, ticket, kind=None):
        self.env.flush_all()
        self.env.invalidate_all()
        clocks = ticket.support_clock_ids
        return clocks.filtered(lambda clock: kind in (None, clock.kind))

    def _deadline(self, ticket, kind=None, zone="Europe/Rome"):
        """The deadline of the only clock, in words; False if it has none."""
        clock = self._clock(ticket, kind)
        clock.ensure_one()
        return clock.deadline and tell(clock.deadline, zone)

    def _tell(self, clock, zone="Europe/Rome"):
        """A clock in words: its deadline while it runs, ``missed`` with the deadline,
        else its state."""
        self.env.flush_all()
        self.env.invalidate_all()
        clock.ensure_one()
        if clock.state == "running":
            return clock.deadline and tell(clock.deadline, zone)
        if clock.state == "missed":
            return f"missed {tell(clock.missed_on, zone)}"
        return clock.state

    def _notes(self, ticket):
        """Who was told by the stages: (people notified, text) of the notes."""
        messages = ticket.message_ids.filtered(
            lambda message: "promised by" in (message.body or "")
        )
        return [
            (message.partner_ids, message.body) for message in messages.sorted("id")
        ]

    def _assert_explained(self, clocks):
        """Segments without gaps tell what was counted, and until when it can be
        kept."""
        self.env.flush_all()
        self.env.invalidate_all()
        to_moment = fields.Datetime.to_datetime
        for clock in clocks:
            at, seconds = clock.started_on, {}
            for kind, start, end in clock.segments or []:
                self.assertEqual(to_moment(start), at)
                at = to_moment(end)
                length = int((at - to_moment(start)).total_seconds())
                self.assertGreater(length, 0)
                seconds[kind] = seconds.get(kind, 0) + length
            self.assertEqual(at, clock.since or clock.ended_on)
            self.assertEqual(clock.used, seconds.get("counted", 0))
            self.assertEqual(clock.waited, seconds.get("waiting", 0))
            self.assertEqual(clock.outside, seconds.get("outside", 0))
            self.assertEqual(clock._rebuild(), (clock.used, clock.deadline or None))
