# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date, format_time
from odoo.tools.misc import get_lang

from ..tools import day_names


class SupportWeekPlan(models.Model):
    """The plan of one technician for one week, as it is printed and mailed. The unique
    key and the mark of what was sent stand behind the promise that each technician
    gets the plan of a week once by himself."""

    _name = "support.week.plan"
    _description = "Weekly Plan"
    _inherit = ["support.job.mixin"]
    _order = "first_day desc, user_id"

    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Technician",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    first_day = fields.Date(
        string="Week", required=True, readonly=True, help="Monday of the week."
    )
    sent_on = fields.Datetime(
        readonly=True, help="When the mail with the plan was handed over to be sent."
    )

    _week_unique = models.Constraint(
        "UNIQUE (user_id, company_id, first_day)",
        "A technician has one plan for each week.",
    )
    _monday = models.Constraint(
        "CHECK (EXTRACT(isodow FROM first_day) = 1)",
        "A weekly plan begins on a Monday.",
    )

    @api.depends("user_id.name", "first_day")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = f"{plan.user_id.name} {plan._format_week()}"

    # ------------------------------------------------------------------
    # Document
    # ------------------------------------------------------------------

    def _format_week(self):
        self.ensure_one()
        last_day = self.first_day + timedelta(days=6)
        days = [format_date(self.env, day) for day in (self.first_day, last_day)]
        return " – ".join(days)

    def _get_filename(self):
        self.ensure_one()
        name = self.env._(
            "Week %(week)s %(technician)s",
            week=self.first_day.strftime("%G-W%V"),
            technician=self.user_id.name,
        )
        return "".join(char if char not in '/\\:*?"<>|' else "-" for char in name)

    @api.model
    def _get_moments(self, company, monday):
        """Beginning and end of the local week, naive UTC: 167 or 169 hours when the
        clocks change."""
        zone = pytz.timezone(company.support_tz or "UTC")
        return tuple(
            zone.localize(datetime.combine(day, time.min))
            .astimezone(pytz.utc)
            .replace(tzinfo=None)
            for day in (monday, monday + timedelta(days=7))
        )

    @api.model
    def _get_planned_users(self, company, day):
        """Technicians with planned work in the week of ``day``."""
        monday = day - timedelta(days=day.weekday())
        start, end = self._get_moments(company, monday)
        groups = self.env["support.intervention"]._read_group(
            [
                ("company_id", "=", company.id),
                ("state", "in", ("planned", "progress")),
                ("planned_start", "<", end),
                ("planned_end", ">", start),
            ],
            ["user_id"],
        )
        return self.env["res.users"].union(*(user for [user] in groups))

    def _get_works(self):
        """The planned work of the week in its order, also what has been done of it."""
        self.ensure_one()
        start, end = self._get_moments(self.company_id, self.first_day)
        return self.env["support.intervention"].search(
            [
                ("user_id", "=", self.user_id.id),
                ("company_id", "=", self.company_id.id),
                ("state", "in", ("planned", "progress", "done")),
                ("planned_start", "<", end),
                ("planned_end", ">", start),
            ],
            order="planned_start, id",
        )

    def _get_days(self):
        """What is printed: the days from Monday to Friday, and those of the weekend
        on which something is planned, each with its work, in words of the reader and in
        the company's time zone."""
        self.ensure_one()
        self.check_access("read")
        tz = self.company_id.support_tz or "UTC"
        # the reader of the plan may know where the work is; nothing of the customer
        # but name, address and phone is printed
        works = self.sudo()._get_works()
        lang = get_lang(self.env).code
        days = []
        for offset in range(7):
            day = self.first_day + timedelta(days=offset)
            rows = [
                self._describe_work(work, tz)
                for work in works
                if self.company_id._support_day(work.planned_start) == day
                or (offset == 0 and self._began_before(work))
            ]
            if rows or offset < 5:
                days.append(
                    {
                        "label": day_names.format_weekday(day, lang),
                        "works": rows,
                    }
                )
        return days

    def _began_before(self, work):
        return self.company_id._support_day(work.planned_start) < self.first_day

    def _describe_work(self, work, tz):
        ticket = work.ticket_id
        contact = ticket.partner_id
        units = self.env["support.unit.mixin"]
        return {
            "from": format_time(
                self.env, work.planned_start, tz=tz, time_format="short"
            ),
            "until": format_time(
                self.env, work.planned_end, tz=tz, time_format="short"
            ),
            "name": work.name,
            "number": ticket.number,
            "topic": ticket.name,
            "customer": ticket.commercial_partner_id.name or contact.name or "",
            "contact": contact.name if contact != ticket.commercial_partner_id else "",
            "phone": ticket.support_phone or contact.phone or "",
            "address": ", ".join(
                line.strip()
                for line in contact._display_address(without_company=True).splitlines()
                if line.strip()
            ),
            "mode": work.work_mode_id.name,
            "estimate": units._format_in_unit(work.estimate_minutes, "time", None),
            "done": work.state == "done",
        }

    # ------------------------------------------------------------------
    # Asking for plans
    # ------------------------------------------------------------------

    @api.model
    def _get_or_create(self, users, company, first_day):
        """The plans of technicians for the week of ``first_day`` (any day of it).

        :raise AccessError: for a user who may not read plans
        """
        self.check_access("read")
        monday = first_day - timedelta(days=first_day.weekday())
        # nobody writes plans by hand; whose and when is all they say
        model = self.sudo()
        found = model.search(
            [
                ("user_id", "in", users.ids),
                ("company_id", "=", company.id),
                ("first_day", "=", monday),
            ]
        )
        found += model.create(
            [
                {"user_id": user.id, "company_id": company.id, "first_day": monday}
                for user in users - found.user_id
            ]
        )
        return found.sudo(self.env.su)

    def action_print(self):
        """Print the plans as they stand now."""
        self.check_access("read")
        document = self.env.ref("support_contract.report_week_plan_action")
        return document.report_action(self)

    # ------------------------------------------------------------------
    # The job
    # ------------------------------------------------------------------

    @api.model
    def _cron_send(self):
        """Mail the plans of the coming week that are due, one commit for each. What is
        due is read from what is planned and from what was sent."""
        plans = self.browse()
        companies = self.env["res.company"].search(
            [("support_plan_weekday", "not in", (False, "none"))]
        )
        for company in companies:
            monday = company._support_get_planned_week()
            if not monday:
                continue
            users = self._get_planned_users(company, monday).filtered("active")
            plans |= self._get_or_create(users, company, monday)
        plans.filtered(lambda plan: not plan.sent_on)._run_job("_send", batch_size=1)

    def _send(self):
        """Render the plans and hand their mails over. Mails go out with this
        transaction: a job that is killed has sent nothing, one that runs again finds
        nothing to do.

        :raise UserError: if the technician has no e-mail address
        """
        template = self.env.ref("support_contract.mail_template_week_plan")
        for plan in self.filtered(lambda plan: not plan.sent_on):
            if not plan.user_id.email:
                raise UserError(
                    self.env._(
                        "%s has no e-mail address to send the weekly plan to.",
                        plan.user_id.name,
                    )
                )
            report = self.env["ir.actions.report"].with_context(lang=plan.user_id.lang)
            content, _kind = report._render_qweb_pdf(
                "support_contract.report_week_plan", plan.ids
            )
            attachment = self.env["ir.attachment"].create(
                {
                    "name": f"{plan._get_filename()}.pdf",
                    "raw": content,
                    "mimetype": "application/pdf",
                    "res_model": plan._name,
                    "res_id": plan.id,
                }
            )
            template.send_mail(
                plan.id,
                email_values={"attachment_ids": [Command.link(attachment.id)]},
            )
            plan.sent_on = self.env["res.company"]._support_now()

    def _get_job_owner_record(self):
        return self.user_id.partner_id
