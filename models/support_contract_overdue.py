# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

#: the contract goes on as long as its invoices are one of these
UNPAID = ("not_paid", "partial")


class SupportContract(models.Model):
    """A contract whose invoices are not paid is suspended after the agreed days, and
    goes on when they are. The customer is told before, and both times.

    A night that was missed never suspends anybody unannounced: the day that was
    announced counts, at least ``overdue_notice_days`` after the message.
    """

    _inherit = "support.contract"

    overdue_told_on = fields.Date(
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="When the customer was told that the contract will be suspended.",
    )
    overdue_suspend_on = fields.Date(
        string="Suspended Unless Paid",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The day of suspension that the customer was told.",
    )
    overdue_since = fields.Date(
        string="Suspended for Overdue Invoices",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Suspended by the job on this day; it is resumed when all is paid.",
    )

    _overdue_idx = models.Index("(id) WHERE overdue_since IS NOT NULL")

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {
            "overdue_told_on",
            "overdue_suspend_on",
            "overdue_since",
        }

    def action_resume(self):
        """A manager who resumes a contract gives its customer a new notice."""
        result = super().action_resume()
        self._forget_overdue()
        return result

    def _forget_overdue(self):
        told = self.sudo().filtered(  # the job's own marks, which nobody writes
            lambda contract: contract.overdue_suspend_on or contract.overdue_since
        )
        told.write(
            {
                "overdue_told_on": False,
                "overdue_suspend_on": False,
                "overdue_since": False,
            }
        )

    # ------------------------------------------------------------------
    # What is due
    # ------------------------------------------------------------------

    def _get_unpaid_invoices(self):
        """``{contract: posted invoices past their due date and not paid, oldest
        first}``."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH lines AS (
                    SELECT line.move_id, line.support_contract_id AS contract_id
                      FROM account_move_line line
                     WHERE line.support_contract_id = ANY(%(contracts)s)
                     UNION
                    SELECT line.move_id, charge.contract_id
                      FROM support_charge charge
                      JOIN account_move_line line ON line.support_charge_id = charge.id
                     WHERE charge.contract_id = ANY(%(contracts)s)
                     UNION
                    SELECT line.move_id, topup.contract_id
                      FROM support_topup topup
                      JOIN sale_order_line_invoice_rel rel
                        ON rel.order_line_id = topup.sale_line_id
                      JOIN account_move_line line ON line.id = rel.invoice_line_id
                     WHERE topup.kind = 'contract'
                       AND topup.contract_id = ANY(%(contracts)s)
                )
                SELECT lines.contract_id, move.id
                  FROM lines
                  JOIN account_move move ON move.id = lines.move_id
                  JOIN support_contract contract ON contract.id = lines.contract_id
                  JOIN unnest(%(companies)s, %(days)s) AS today(company_id, day)
                    ON today.company_id = contract.company_id
                 WHERE move.state = 'posted'
                   AND move.move_type IN ('out_invoice', 'out_receipt')
                   AND move.payment_state = ANY(%(unpaid)s)
                   AND move.amount_residual > 0
                   AND move.invoice_date_due < today.day
                 ORDER BY move.invoice_date_due, move.id
                """,
                contracts=self.ids,
                companies=self.company_id.ids,
                days=[company._support_day() for company in self.company_id],
                unpaid=list(UNPAID),
            )
        )
        moves = self.env["account.move"]
        result = {contract: moves for contract in self}
        for contract_id, move_id in rows:
            result[self.browse(contract_id)] |= moves.browse(move_id)
        return result

    # ------------------------------------------------------------------
    # The job
    # ------------------------------------------------------------------

    @api.model
    def _cron_overdue(self):
        """Announce, suspend and resume, in committed batches."""
        contracts = self.search(
            Domain("state", "=", "active") & Domain("overdue_days", ">", 0)
            | Domain("overdue_since", "!=", False)
            | Domain("overdue_suspend_on", "!=", False),
            order="id",
        )
        contracts._run_job("_follow_overdue")

    def _follow_overdue(self):
        contracts = self.sudo()  # a job; does what the contracts say
        unpaid = contracts._get_unpaid_invoices()
        for contract in contracts:
            contract._follow_overdue_invoices(unpaid[contract])

    def _follow_overdue_invoices(self, invoices):
        self.ensure_one()
        if self.overdue_since:
            if not invoices or self.state != "suspended":
                self._resume_overdue()
            return
        if not invoices or not self.overdue_days or self.state != "active":
            self._forget_overdue()
            return
        today = self.company_id._support_day()
        oldest = invoices[0].invoice_date_due
        suspend_on = fields.Date.add(oldest, days=self.overdue_days)
        if self.overdue_suspend_on and suspend_on > self.overdue_suspend_on:
            # what was announced is paid; a younger invoice has its own notice
            self._forget_overdue()
        if not self.overdue_suspend_on:
            notice = self.overdue_notice_days
            if fields.Date.subtract(suspend_on, days=notice) <= today:
                self._announce_overdue(
                    max(suspend_on, fields.Date.add(today, days=notice)), invoices
                )
        if self.overdue_suspend_on and self.overdue_suspend_on <= today:
            if self.overdue_told_on < today or not self.overdue_notice_days:
                self._suspend_overdue(oldest)

    def _announce_overdue(self, day, invoices):
        self.write(
            {
                "overdue_told_on": self.company_id._support_day(),
                "overdue_suspend_on": day,
            }
        )
        self._mail_overdue("mail_template_overdue_notice")

    def _suspend_overdue(self, oldest):
        """Suspend, marked as done by the job: a suspension by a person is another
        matter, and never resumed by the job."""
        self._set_state(
            "suspended",
            None,
            self.env._("Invoice overdue since %s", format_date(self.env, oldest)),
        )
        self.status_ids[:1].overdue = True
        self.overdue_since = self.company_id._support_day()
        self._mail_overdue("mail_template_overdue_suspended")

    def _resume_paid(self):
        """Resume at once what was suspended for invoices that are paid now.

        Who registers a payment need not know about contracts."""
        contracts = self.sudo().filtered("overdue_since")  # see above
        if contracts:
            unpaid = contracts._get_unpaid_invoices()
            for contract in contracts:
                if not unpaid[contract]:
                    contract._resume_overdue()

    def _resume_overdue(self):
        """End the job's own suspension. What people decided in the meantime holds:
        the state is the one of the history without the job's suspension."""
        self.ensure_one()
        today = self.company_id._support_day()
        history = self.status_ids.filtered(lambda row: not row.overdue)
        decided = history.filtered(lambda row: row.first_day <= today)[:1].state
        planned = history.filtered(lambda row: row.first_day > today)
        resumes = self.state == "suspended" and decided == "active"
        self._forget_overdue()
        if not resumes:
            return
        self._set_state("active", None, self.env._("All invoices are paid"))
        for row in planned.sorted("id"):
            # the latest decision counts: what is planned stays planned
            self._set_state(row.state, row.first_day, row.reason)
        self._sync_ended()
        self._mail_overdue("mail_template_overdue_resumed")

    def _mail_overdue(self, template_name):
        template = self.env.ref(
            f"support_contract.{template_name}", raise_if_not_found=False
        )
        if template:
            template.send_mail(self.id)

    def _get_overdue_invoices(self):
        """For the mail: the invoices that are due, oldest first."""
        self.ensure_one()
        contract = self.sudo()  # the customer's own invoices
        return contract._get_unpaid_invoices()[contract]
