# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.tools import format_datetime, format_time
from odoo.tools.misc import get_lang

from ..tools import day_names

#: longest telephone number that is taken, with what people put between the digits
PHONE_LENGTH = 32


class ResCompany(models.Model):
    """Help by phone: whose hours count, who calls back, in which time."""

    _inherit = "res.company"

    support_callback_minutes = fields.Integer(
        string="Call Back Within",
        default=60,
        help="Minutes in which a call-back is promised, from the moment it is due. "
        "They count in the phone hours; out of hours they simply elapse.",
    )
    support_callback_retry_minutes = fields.Integer(
        string="Try Again After",
        default=30,
        help="Minutes after which a call-back is due again if nobody answered.",
    )
    support_duty_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Operator on Duty",
        domain="[('share', '=', False)]",
        help="Calls back while the phone is closed, for contracts that promise it.",
    )

    _support_callback_minutes_positive = models.Constraint(
        "CHECK (support_callback_minutes > 0 AND support_callback_retry_minutes > 0)",
        "Calling back and trying again take at least one minute: enter 1 or more.",
    )

    @api.model
    def _support_phone_channel(self):
        """The helpdesk's channel for calls; empty if somebody has deleted it."""
        # not env.ref(), which asks the database each time
        channel_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "helpdesk_mgmt.helpdesk_ticket_channel_phone", raise_if_not_found=False
        )
        return self.env["helpdesk.ticket.channel"].browse(channel_id or [])

    def _support_phone_work_mode(self):
        """The work mode of help by phone, else the company's usual one."""
        self.ensure_one()
        mode = self.env.ref(
            "support_contract.work_mode_phone", raise_if_not_found=False
        )
        # which work mode a ticket gets does not depend on who opens it
        mode = mode and mode.sudo()
        if mode and mode.active and mode.company_id in (self, mode.company_id.browse()):
            return mode.sudo(self.env.su)
        return self.sudo().support_work_mode_id.sudo(self.env.su)

    def _support_format_phone(self, number, country=None, force_format="INTERNATIONAL"):
        """A telephone number in its international form.

        :param country: of a number without prefix; default: the company's
        :param str force_format: ``E164`` for the form that numbers are compared in
        :return: False if it is no valid number
        """
        self.ensure_one()
        number = str(number or "").strip()
        if not number or len(number) > PHONE_LENGTH:
            return False
        return self.env["res.partner"]._phone_format(
            number=number,
            country=country or self.country_id,
            force_format=force_format,
        )

    # ------------------------------------------------------------------
    # Phone hours
    # ------------------------------------------------------------------

    def _support_get_phone_calendar(self, contract=None):
        """The hours in which the phone is answered: the contract's, else the
        company's."""
        self.ensure_one()
        # promised to the customer, whoever asks what they are
        lines = (contract or self.env["support.contract"]).sudo().coverage_ids
        calendar = lines._get_calendar(self._support_phone_channel())
        return calendar or self.sudo().resource_calendar_id

    def _support_get_phone_hours(self, contract=None):
        """The working time in which the phone is answered; None if there is none, and
        the phone is always open."""
        calendar = self._support_get_phone_calendar(contract)
        if not calendar or calendar.schedule_type == "flexible":
            return None
        return calendar._support_working_time()

    def _support_describe_phone_hours(self, contract=None, moment=None):
        """Whether the phone is open, and in words until when it stays so or when it
        opens, in the company's zone.

        :param datetime moment: naive UTC, default: now
        :return: dict with ``open`` and ``text``
        """
        moment = moment or self._support_now()
        hours = self._support_get_phone_hours(contract)
        if not hours:
            return {"open": True, "text": self.env._("Phone always open")}
        if hours.is_covered(moment):
            closing = hours.closing(moment)
            if not closing:
                return {"open": True, "text": self.env._("Phone open")}
            return {
                "open": True,
                "text": self.env._(
                    "Phone open until %s",
                    self._support_describe_moment(closing, moment),
                ),
            }
        opening = hours.next_opening(moment)
        if not opening:
            return {"open": False, "text": self.env._("Phone closed")}
        return {
            "open": False,
            "text": self.env._(
                "Phone closed, opens %s",
                self._support_describe_moment(opening, moment),
            ),
        }

    def _support_describe_moment(self, moment, now=None):
        """A moment (naive UTC) as one says it on the phone, in the company's zone:
        "12:30" today, "Monday 10:00" within a week, else with the date."""
        zone = self.support_tz or "UTC"
        time = format_time(self.env, moment, tz=zone, time_format="short")
        day = self._support_day(moment)
        days = (day - self._support_day(now)).days
        if days == 0:
            return time
        if 0 < days < 7:
            weekday = format_datetime(self.env, moment, tz=zone, dt_format="EEEE")
        else:
            weekday = day_names.format_weekday(day, get_lang(self.env).code)
        return self.env._("%(day)s %(time)s", day=weekday, time=time)
