# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools.misc import get_lang

from ..tools import day_names, periods


class SupportServiceReport(models.Model):
    """The service report of one contract for one month, and whether it was sent.

    It is rendered and mailed by a job, whoever asks for it: many documents would make
    people wait, and a document can fail. What was sent is kept as an attachment. The
    unique key stands behind the promise that the monthly job sends each report once.
    """

    _name = "support.service.report"
    _description = "Service Report"
    _inherit = ["support.job.mixin"]
    _order = "first_day desc, id desc"

    contract_id = fields.Many2one(
        comodel_name="support.contract",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True)
    commercial_partner_id = fields.Many2one(
        related="contract_id.commercial_partner_id", string="Customer", store=True
    )
    user_id = fields.Many2one(related="contract_id.user_id", string="Owner")
    first_day = fields.Date(
        required=True, readonly=True, help="First day of the month."
    )
    month = fields.Char(compute="_compute_month", help="The month in words.")
    state = fields.Selection(
        selection=[
            ("draft", "Printed only"),
            ("queued", "To be sent"),
            ("sent", "Sent"),
        ],
        required=True,
        readonly=True,
        default="draft",
        index=True,
    )
    sent_on = fields.Datetime(
        readonly=True, help="When the mail with the report was handed over to be sent."
    )
    attachment_id = fields.Many2one(
        comodel_name="ir.attachment",
        string="Document",
        readonly=True,
        help="The report as it was sent.",
    )

    _month_unique = models.Constraint(
        "UNIQUE (contract_id, first_day)",
        "A contract has one service report for each month.",
    )
    _whole_month = models.Constraint(
        "CHECK (EXTRACT(day FROM first_day) = 1)",
        "A service report is about a whole month: name its first day.",
    )
    _queued_idx = models.Index("(id) WHERE state = 'queued'")

    @api.depends("first_day")
    @api.depends_context("lang")
    def _compute_month(self):
        for report in self:
            report.month = report.first_day and report._format_month()

    @api.depends("contract_id.name", "month")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for report in self:
            report.display_name = f"{report.contract_id.name} {report.month}"

    # ------------------------------------------------------------------
    # Document
    # ------------------------------------------------------------------

    def _format_month(self):
        self.ensure_one()
        return day_names.format_month(self.first_day, get_lang(self.env).code)

    def _get_last_day(self):
        self.ensure_one()
        return periods.term_end(self.first_day, 1)

    def _get_filename(self):
        """Customer, contract and month, without the extension; as the recipient reads
        them, and so that files sort by month."""
        self.ensure_one()
        # who may read the report may know whom it is for
        contract = self.sudo().contract_id
        report = self.with_context(lang=contract._get_report_lang())
        name = report.env._(
            "Service report %(month)s %(customer)s %(contract)s",
            month=self.first_day.strftime("%Y-%m"),
            customer=contract.commercial_partner_id.name,
            contract=contract.name,
        )
        return "".join(char if char not in '/\\:*?"<>|' else "-" for char in name)

    def _get_documents(self):
        """What is printed: ``{report: (language, values)}``, with as many queries for
        a hundred reports of a month and language as for one."""
        self.check_access("read")
        reports = self.sudo()  # checked above; the document is the customer's
        documents = {}
        for (first_day, lang), group in reports.grouped(
            lambda report: (report.first_day, report.contract_id._get_report_lang())
        ).items():
            contracts = group.contract_id.with_context(lang=lang)
            values = contracts._get_service_report_values(
                first_day, group[:1]._get_last_day()
            )
            documents |= {
                report: (lang, values[report.contract_id]) for report in group
            }
        return documents

    # ------------------------------------------------------------------
    # Asking for reports
    # ------------------------------------------------------------------

    @api.model
    def _get_or_create(self, contracts, first_day):
        """The reports of ``contracts`` for a month.

        :raise UserError: for a contract that is not agreed, or a month that has not
            begun
        """
        contracts.check_access("read")
        for contract in contracts:
            if contract.state in ("draft", "offered", "signed"):
                raise UserError(
                    self.env._(
                        "Contract %s is not active yet: there is nothing to report.",
                        contract.name,
                    )
                )
            if first_day > contract.company_id._support_day():
                raise UserError(
                    self.env._("Month: choose one that has begun, at the latest this.")
                )
        # nobody writes reports by hand; the contracts were checked above
        model = self.sudo()
        found = model.search(
            [("contract_id", "in", contracts.ids), ("first_day", "=", first_day)]
        )
        found += model.create(
            [
                {"contract_id": contract.id, "first_day": first_day}
                for contract in contracts - found.contract_id
            ]
        )
        return found.sudo(self.env.su)

    def _queue(self):
        """Let the job send the reports, also those that were sent before.

        :raise UserError: if nobody who gets one has an e-mail address
        """
        self.check_access("read")
        reports = self.sudo()  # checked above; nobody writes reports by hand
        for report in reports:
            report._check_recipients()
        reports.filtered(lambda report: report.state != "queued").state = "queued"
        # starts the job, nothing else
        self.env.ref("support_contract.ir_cron_service_reports").sudo()._trigger()

    def _check_recipients(self):
        self.ensure_one()
        recipients = self.contract_id._get_report_recipients()
        if not any(recipients.mapped("email")):
            raise UserError(
                self.env._(
                    "Contract %(contract)s: %(people)s have no e-mail address to send "
                    "the service report to.",
                    contract=self.contract_id.name,
                    people=", ".join(recipients.mapped("display_name")),
                )
            )

    # ------------------------------------------------------------------
    # The job
    # ------------------------------------------------------------------

    @api.model
    def _cron_send(self):
        """Ask for the monthly reports that are due, and send what is asked for, one
        commit for each."""
        self.env["support.contract"]._cron_queue_monthly_reports()
        self.search([("state", "=", "queued")], order="id")._run_job(
            "_send", batch_size=1
        )

    def _send(self):
        """Render the reports, keep them and hand their mails over. Mails go out with
        this transaction: a job that is killed has sent nothing, one that runs again
        finds nothing to do."""
        template = self.env.ref("support_contract.mail_template_service_report")
        for report in self.filtered(lambda report: report.state == "queued"):
            report._check_recipients()
            content, _kind = self.env["ir.actions.report"]._render_qweb_pdf(
                "support_contract.report_service_report", report.ids
            )
            attachment = self.env["ir.attachment"].create(
                {
                    "name": f"{report._get_filename()}.pdf",
                    "raw": content,
                    "mimetype": "application/pdf",
                    "res_model": report._name,
                    "res_id": report.id,
                }
            )
            template.send_mail(
                report.id,
                email_values={"attachment_ids": [Command.link(attachment.id)]},
            )
            report.write(
                {
                    "state": "sent",
                    "sent_on": self.env["res.company"]._support_now(),
                    "attachment_id": attachment.id,
                }
            )
            report.contract_id.message_post(
                body=self.env._(
                    "Service report of %(month)s sent to %(people)s.",
                    month=report._format_month(),
                    people=", ".join(
                        report.contract_id._get_report_recipients().mapped(
                            "display_name"
                        )
                    ),
                ),
                subtype_xmlid="mail.mt_note",
            )

    def _get_job_owner_record(self):
        return self.contract_id

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_print(self):
        """Print as it stands now.

        :raise AccessError: without a right to the reports
        """
        self.check_access("read")
        document = self.env.ref("support_contract.report_service_report_action")
        return document.report_action(self)

    def action_open(self):
        """The document as it was sent."""
        self.ensure_one()
        self.check_access("read")
        if not self.attachment_id:
            return self.action_print()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}?download=true",
            "target": "self",
        }
