# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..tools import renewal


class SupportContract(models.Model):
    """Reminders before the end of a term: several, once each, sent to the customer and
    recorded (``edge_cases.md``, "Renewal")."""

    _inherit = "support.contract"

    notice_ids = fields.One2many(
        comodel_name="support.contract.notice",
        inverse_name="contract_id",
        string="Reminders",
        copy=True,
        groups="base.group_user",
    )
    renewal_notice_ids = fields.One2many(
        comodel_name="support.renewal.notice",
        inverse_name="contract_id",
        string="Reminders Sent",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {"renewal_notice_ids"}

    def _check_activation(self):
        result = super()._check_activation()
        self._check_reminded()
        return result

    def _check_reminded(self):
        """:raise UserError: if the contract renews by itself without a reminder in
        time"""
        for contract in self:
            if contract.renewal == "automatic" and not any(
                notice.to_customer
                and renewal.reminds_in_time(notice.days, contract.cancellation_days)
                for notice in contract.notice_ids
            ):
                raise UserError(
                    self.env._(
                        "Contract %(name)s renews by itself, so its customer must be "
                        "reminded in time: add a reminder at least %(days)s days "
                        "before the end.",
                        name=contract.name,
                        days=max(renewal.REMINDER_DAYS, contract.cancellation_days + 1),
                    )
                )

    def _send_notices(self, today=None):
        """Send the reminders that are due, once each; of several that are due at once
        the last one only.

        :param date today: for tests and simulations; default: each company's today
        """
        contracts = self.sudo().filtered(  # a job: does what is agreed
            lambda contract: (
                contract.state == "active"
                and not contract.terminated_on
                and contract.renewal_state in ("open", "quoted")
                and contract.notice_ids
                and not contract._is_followed()
            )
        )
        known = {}
        for contract, last_day, days in self.env["support.renewal.notice"]._read_group(
            [("contract_id", "in", contracts.ids)],
            ["contract_id", "term_last_day:day", "days"],
        ):
            known.setdefault((contract.id, last_day), set()).add(days)
        rows, told = [], []
        for contract in contracts:
            day = today or contract.company_id._support_day()
            lines = {notice.days: notice for notice in contract.notice_ids}
            reached = renewal.reached_notices(
                contract.date_end,
                lines,
                known.get((contract.id, contract.date_end), ()),
                day,
            )
            for days in (*reached.overtaken, reached.told):
                if days is None:
                    continue
                rows.append(
                    {
                        "contract_id": contract.id,
                        "term_last_day": contract.date_end,
                        "days": days,
                        "day": day,
                        "to_customer": lines[days].to_customer,
                        "to_owner": lines[days].to_owner,
                        "overtaken": days != reached.told,
                    }
                )
            if reached.told is not None:
                told.append((contract, lines[reached.told]))
        self.env["support.renewal.notice"].sudo().create(rows)  # as above
        customers = contracts.browse(
            [contract.id for contract, notice in told if notice.to_customer]
        )
        template = self.env.ref(
            "support_contract.mail_template_renewal_notice", raise_if_not_found=False
        )
        if template and customers:
            template.send_mail_batch(customers.ids)
        for contract, notice in told:
            if notice.to_owner:
                contract._tell_end()

    def _get_fee_period_label(self):
        """For the mail: how often the fee is due, in the reader's language."""
        self.ensure_one()
        labels = dict(self._fields["fee_period"]._description_selection(self.env))
        return labels[self.fee_period].lower()

    def _tell_end(self):
        """Tell the owner that the term ends, once for each end."""
        self.ensure_one()
        end = format_date(self.env, self.date_end)
        if self.type_id.withdrawn:
            note = self._get_type_bar()
        elif self.renewal == "automatic":
            note = self.env._(
                "It renews by itself unless notice is given by %s.",
                format_date(self.env, self.notice_deadline),
            )
        elif self.renewal == "manual":
            note = self.env._("Send the customer a quotation for the next term.")
        else:
            note = self.env._("It ends: offer the customer what comes after it.")
        self._tell_renewal(self.env._("Term ends on %s", end), note, self.date_end)
