# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models

from odoo.addons.base.models.res_partner import _tz_get

from ..tools.moment import Moment


class ResCompany(models.Model):
    _inherit = "res.company"

    support_tz = fields.Selection(
        selection=_tz_get,
        string="Support Time Zone",
        compute="_compute_support_tz",
        precompute=True,
        store=True,
        readonly=False,
        required=True,
        help="Every date of a contract, a ledger or a day of work is decided in this "
        "time zone, whoever looks at it and wherever a job runs.",
    )
    support_grace_days = fields.Integer(
        string="Days of Grace for Logging Work",
        default=5,
        help="Unused hours, amounts and tickets expire in the ledger this many days "
        "after their last day, so that work done in time and logged later still "
        "finds them.",
    )
    support_on_call = fields.Boolean(
        string="On-Call Help",
        help="Help customers whom no contract covers, at the on-call tariff.",
    )
    support_on_call_pricelist_id = fields.Many2one(
        comodel_name="product.pricelist",
        string="On-Call Tariff",
        check_company=True,
        help="Prices of an hour of work without a contract, usually the dearest. "
        "Empty: the products' own sales prices.",
    )
    support_work_mode_id = fields.Many2one(
        comodel_name="support.work.mode",
        string="Usual Work Mode",
        check_company=True,
        help="Asked for on new tickets that name no work mode.",
    )
    support_ticket_sequence_id = fields.Many2one(
        comodel_name="ir.sequence",
        string="Ticket Codes",
        check_company=True,
        help="Sequence of the ticket numbers of this company, for example TK130512. "
        "Empty: the helpdesk's own numbers.",
    )

    _support_grace_days_positive = models.Constraint(
        "CHECK (support_grace_days >= 0)",
        "The days of grace cannot be negative: enter 0 or more.",
    )

    @api.depends("resource_calendar_id")
    def _compute_support_tz(self):
        for company in self:
            # who edits a company need not read calendars; only the zone is taken
            company.support_tz = (
                company.support_tz
                or company.sudo().resource_calendar_id.tz
                or company.partner_id.tz
                or self.env.user.tz
                or "UTC"
            )

    def write(self, vals):
        result = super().write(vals)
        if "resource_calendar_id" in vals:
            # measured by the system, whoever changes the company
            self.env["support.sla.clock"].sudo().search(
                [("ticket_id.company_id", "in", self.ids), ("since", "!=", False)]
            ).ticket_id._support_redecide_hours()
        return result

    def _support_day(self, moment=None):
        """The local date of ``moment`` (naive UTC datetime, default: now) in the
        company's support time zone. The one place where an instant turns into a day
        (``design.md``, "Days").

        The context may hold another :class:`Moment` to take for now, so that the
        demo data can play through months with the very methods that people use."""
        self.ensure_one()
        moment = moment or self._support_now()
        if not isinstance(moment, datetime):
            return moment
        zone = pytz.timezone(self.support_tz or "UTC")
        return pytz.utc.localize(moment).astimezone(zone).date()

    def _support_get_day_end(self, day):
        """The moment at which ``day`` is over in the company's support time zone, as
        naive UTC."""
        self.ensure_one()
        zone = pytz.timezone(self.support_tz or "UTC")
        midnight = datetime.combine(day + timedelta(days=1), time())
        return zone.localize(midnight).astimezone(pytz.utc).replace(tzinfo=None)

    @api.model
    def _support_now(self):
        """Now, as naive UTC in whole seconds: what everything that measures takes.
        The context may hold a :class:`Moment` instead, see :meth:`_support_day`."""
        moment = self.env.context.get("support_moment")
        if isinstance(moment, Moment):
            return moment.replace(microsecond=0)
        return fields.Datetime.now()
