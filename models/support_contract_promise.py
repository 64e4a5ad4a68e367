# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import time

from babel.dates import get_day_names
from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import babel_locale_parse, format_list, format_time
from odoo.tools.misc import get_lang

from ..tools.weekly_hours import DAY, group_days, is_always


class SupportSlaTarget(models.Model):
    """A target in words, as an offer prints it."""

    _inherit = "support.sla.target"

    def _get_promise_sentence(self):
        self.ensure_one()
        duration = self._get_duration_words()
        response = self.kind == "response"
        if self.measure == "elapsed":
            sentence = (
                self.env._(
                    "First answer no later than %s after you ask, day and night.",
                    duration,
                )
                if response
                else self.env._(
                    "Solution no later than %s after you ask, day and night.", duration
                )
            )
        else:
            hours = (
                self.env["support.coverage.mixin"]._describe_hours(self.calendar_id)
                if self.calendar_id
                else self.env._("in our hours")
            )
            sentence = (
                self.env._(
                    "First answer within %(time)s, counted %(hours)s.",
                    time=duration,
                    hours=hours,
                )
                if response
                else self.env._(
                    "Solution within %(time)s, counted %(hours)s.",
                    time=duration,
                    hours=hours,
                )
            )
        if not self.priority:
            return sentence
        priorities = dict(self._fields["priority"]._description_selection(self.env))
        return self.env._(
            "Priority “%(priority)s”: %(sentence)s",
            priority=priorities[self.priority],
            sentence=sentence,
        )

    def _get_duration_words(self):
        """Eight hours are "8 hours", not "8:00 h"."""
        hours, minutes = divmod(self.minutes, 60)
        if hours and minutes:
            return self.env["support.unit.mixin"]._format_in_unit(
                self.minutes, "time", None
            )
        if minutes:
            return (
                self.env._("1 minute")
                if minutes == 1
                else self.env._("%s minutes", minutes)
            )
        return self.env._("1 hour") if hours == 1 else self.env._("%s hours", hours)


class SupportCoverageMixin(models.AbstractModel):
    """Coverage hours in words."""

    _inherit = "support.coverage.mixin"

    @api.model
    def _describe_hours(self, calendar):
        """The week of ``calendar`` in words: "Monday to Friday 10:00–12:30 and
        15:00–17:00 (Europe/Rome)"."""
        calendar = calendar.sudo()  # the hours are printed for customers
        texts = [self._describe_week(week) for week in self._get_weeks(calendar)]
        text = texts[0]
        if len(set(texts)) > 1:
            text = self.env._(
                "%(one)s, every other week %(other)s", one=texts[0], other=texts[1]
            )
        if calendar._support_has_closings():
            text = self.env._("%s, public holidays excepted", text)
        return f"{text} ({calendar.tz})"

    @api.model
    def _get_weeks(self, calendar):
        """The hours of each week of ``calendar``, as of ``weekly_hours.group_days``:
        one, or two where the weeks alternate."""
        attendances = calendar.attendance_ids.filtered(
            lambda line: line.day_period != "lunch" and not line.display_type
        )
        weeks = [attendances]
        if calendar.two_weeks_calendar:
            weeks = [
                attendances.filtered(lambda line, week=week: line.week_type == week)
                for week in ("0", "1")
            ]
        return [
            group_days(
                (
                    int(line.dayofweek),
                    round(line.hour_from * 60),
                    round(line.hour_to * 60),
                )
                for line in week
            )
            for week in weeks
        ]

    @api.model
    def _describe_week(self, groups):
        if is_always(groups):
            return self.env._("day and night, every day")
        if not groups:
            return self.env._("never")
        locale = babel_locale_parse(get_lang(self.env).code)
        names = get_day_names("wide", locale=locale)

        def days(first, last):
            if first == last:
                return names[first]
            return self.env._(
                "%(first)s to %(last)s", first=names[first], last=names[last]
            )

        return "; ".join(
            "%s %s"
            % (
                format_list(self.env, [days(*run) for run in runs]),
                format_list(
                    self.env, [self._describe_interval(*pair) for pair in hours]
                ),
            )
            for runs, hours in groups
        )

    @api.model
    def _describe_interval(self, first, last):
        def moment(minute):
            if minute >= DAY:
                return self.env._("midnight")
            return format_time(self.env, time(*divmod(minute, 60)), time_format="short")

        if (first, last) == (0, DAY):
            return self.env._("all day")
        return f"{moment(first)}–{moment(last)}"


class SupportTermsMixin(models.AbstractModel):
    """What is promised, in words: the same on the type, the contract and the offer."""

    _inherit = "support.terms.mixin"

    promises = fields.Html(
        string="What We Promise",
        compute="_compute_promises",
        sanitize=False,
        groups="base.group_user",
        help="As it is printed on the offer.",
    )

    @api.depends(
        "callback_out_of_hours",
        "reopen_free_days",
        "sla_policy_id.target_ids.calendar_id",
        "sla_policy_id.target_ids.kind",
        "sla_policy_id.target_ids.measure",
        "sla_policy_id.target_ids.minutes",
        "sla_policy_id.target_ids.priority",
    )
    @api.depends_context("lang")
    def _compute_promises(self):
        for record in self:
            record.promises = Markup("<ul class='mb-0 ps-3'>%s</ul>") % Markup().join(
                Markup("<li>%s</li>") % line for line in record._get_offer_promises()
            )

    def _get_offer_promises(self, hours_apart=False):
        """What is promised: one sentence each, in the language of the environment.

        :param bool hours_apart: without the coverage hours, which stand in a table
        """
        self.ensure_one()
        targets = self.sla_policy_id.target_ids.sorted(
            lambda target: (
                target.kind != "response",
                not target.priority,
                target.priority or "",
            )
        )
        lines = [target._get_promise_sentence() for target in targets]
        if not lines:
            lines = [self.env._("No guaranteed time.")]
        if not hours_apart:
            lines += self._get_offer_hours()
        if self.callback_out_of_hours:
            lines.append(
                self.env._(
                    "A call-back that you ask for while the phone is closed is made at "
                    "once, by the operator on duty."
                )
            )
        if self.reopen_free_days and self._sells_tickets():
            lines.append(
                self.env._(
                    "A closed ticket that is reopened within a day costs no new one."
                )
                if self.reopen_free_days == 1
                else self.env._(
                    "A closed ticket that is reopened within %s days costs no new one.",
                    self.reopen_free_days,
                )
            )
        return lines

    def _get_offer_hours(self):
        """In which hours help is given, in sentences."""
        sentences = []
        for channel, calendar in self._get_hours_lines():
            hours = self.env["support.coverage.mixin"]._describe_hours(calendar)
            if channel:
                sentence = self.env._(
                    "%(channel)s: %(hours)s.", channel=channel, hours=hours
                )
            elif sentences:
                sentence = self.env._("All other channels: %s.", hours)
            else:
                sentence = self.env._("Our hours: %s.", hours)
            sentences.append(sentence)
        return sentences

    def _get_hours_lines(self):
        """In which hours help is given, and promises without hours of their own are
        counted.

        :return: list of ``(name of the channel, calendar)``, the one of all other
            channels last, without a name
        """
        coverages = self._get_coverages()
        lines = [
            # of the channel its name alone: helpdesk_mgmt puts the channels into the
            # first company
            (line.channel_id.sudo().name, line.calendar_id)
            for line in coverages.filtered("channel_id")
        ]
        calendar = coverages.filtered(lambda line: not line.channel_id).calendar_id
        counted = self.sla_policy_id.target_ids.filtered(
            lambda target: target.measure == "coverage" and not target.calendar_id
        )
        if not calendar and counted:
            # the company's hours are no secret: they are printed
            company = self.company_id or self.env.company
            calendar = company.sudo().resource_calendar_id
        if calendar:
            lines.append(("", calendar))
        return lines

    def _get_coverages(self):
        """The coverage lines that go with these terms."""
        return self.env["support.contract.coverage"]

    def _sells_tickets(self):
        """Whether a ticket costs one of a balance of tickets."""
        return False


class SupportContractType(models.Model):
    _inherit = "support.contract.type"

    @api.depends(
        "allotment_ids.unit", "coverage_ids.calendar_id", "coverage_ids.channel_id"
    )
    def _compute_promises(self):
        return super()._compute_promises()

    def _get_coverages(self):
        return self.coverage_ids

    def _sells_tickets(self):
        units = {*self.allotment_ids.mapped("unit")}
        return "ticket" in units | {*self.package_ids.mapped("support_unit")}


class SupportContract(models.Model):
    _inherit = "support.contract"

    @api.depends(
        "allotment_ids.unit", "coverage_ids.calendar_id", "coverage_ids.channel_id"
    )
    def _compute_promises(self):
        return super()._compute_promises()

    def _get_coverages(self):
        return self.coverage_ids

    def _sells_tickets(self):
        return "ticket" in self.allotment_ids.mapped("unit")
