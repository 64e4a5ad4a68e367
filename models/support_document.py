# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError
from odoo.fields import Command


class SupportDocument(models.Model):
    """A document for a customer as PDF, rendered by a job and kept.

    No PDF is made inside a request of the portal: parallel ones freeze a whole server,
    and what the printing program fetches is not under control (``trust.md``, rules 10
    and 11). Who asks for one sees that it is being prepared, and gets a mail with the
    link. What was made once is shown again: ``key`` says what is printed, for whom and
    in which language.

    A kind of document is a room that adds to ``kind`` and, under the kind's name, the
    methods ``_get_<kind>_report``, ``_get_<kind>_key`` and ``_get_<kind>_back_url``.
    """

    _name = "support.document"
    _description = "Document for Customers"
    _inherit = ["support.job.mixin"]
    _order = "id desc"

    name = fields.Char(
        required=True, readonly=True, help="Name of the file, without extension."
    )
    kind = fields.Selection(
        selection=[("contract", "Contract")],
        required=True,
        readonly=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    commercial_partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: for every customer, like a sample.",
    )
    contract_id = fields.Many2one(
        comodel_name="support.contract",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
    )
    lang = fields.Char(
        string="Language", required=True, readonly=True, help="Code of the language."
    )
    key = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        groups="base.group_user",
        export_string_translation=False,
        help="What is printed: the same document is made once.",
    )
    state = fields.Selection(
        selection=[("waiting", "Being prepared"), ("ready", "Ready")],
        required=True,
        readonly=True,
        default="waiting",
    )
    partner_ids = fields.Many2many(
        comodel_name="res.partner",
        string="Tell",
        readonly=True,
        groups="base.group_user",
        help="Who asked for it, and gets a mail with the link when it is ready.",
    )
    attachment_id = fields.Many2one(
        comodel_name="ir.attachment",
        string="File",
        readonly=True,
        groups="base.group_user",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
        compute="_compute_user_id",
        groups="base.group_user",
    )

    _key_unique = models.UniqueIndex("(key)", "This document is there already.")
    _waiting_idx = models.Index("(id) WHERE state = 'waiting'")

    @api.depends("contract_id.user_id")
    def _compute_user_id(self):
        for document in self:
            document.user_id = document.contract_id.user_id

    # ------------------------------------------------------------------
    # Asking for a document
    # ------------------------------------------------------------------

    @api.model
    def _ask(self, key, values, partner=None):
        """The document of ``key``, made if it is not there.

        The caller has checked that ``partner`` may have it.

        :param str key: what is printed: kind, record, language and version of what it
            says, as :meth:`_get_key` gives it as well
        :param dict values: ``name``, ``kind``, ``company_id``, ``lang`` and the record
        :param partner: who gets a mail when it is ready; nobody if empty
        """
        # nobody writes documents by hand; the caller has checked who asks
        model = self.sudo()
        document = model.search([("key", "=", key)], limit=1)
        if not document:
            try:
                with self.env.cr.savepoint():
                    document = model.create(values | {"key": key})
                    model.flush_model()
            except UniqueViolation as violation:
                # asked for by somebody else a moment earlier; repeated, this finds it
                raise ConcurrencyError("Document asked for twice") from violation
        if document.state == "waiting":
            if partner:
                document.write({"partner_ids": [Command.link(partner.id)]})
            # starts the job, nothing else
            self.env.ref("support_contract.ir_cron_documents").sudo()._trigger()
        return document

    def _get_portal_url(self):
        self.ensure_one()
        return f"/my/support/documents/{self.id}"

    def _get_portal_back_url(self):
        """The page on which the document was asked for."""
        self.ensure_one()
        return self._call_for_kind("back_url")

    def _get_contract_back_url(self):
        return self.contract_id.access_url or "/my/support"

    def _call_for_kind(self, name):
        """What the room of its kind says."""
        return getattr(self, f"_get_{self.kind}_{name}")()

    # ------------------------------------------------------------------
    # What it says
    # ------------------------------------------------------------------

    def _get_report(self):
        """The report that prints it, and the records that it prints.

        :return: ``(external id, recordset)``
        """
        self.ensure_one()
        return self._call_for_kind("report")

    def _get_contract_report(self):
        return "support_contract.report_support_contract_offer", self.contract_id

    def _get_key(self):
        """The key of what it would say now, in its own language."""
        self.ensure_one()
        return self._call_for_kind("key")

    def _get_contract_key(self):
        return self.contract_id._get_document_key()

    def _follow_changes(self):
        """Terms may have changed since the document was asked for: it says what is true
        when it is printed, and is found again under the key of that."""
        self.ensure_one()
        key = self._get_key()
        if key == self.key:
            return
        # whoever waits gets this one; if there is another that says the same, that
        # one is found again
        taken = self.search_count([("key", "=", key)], limit=1)
        self.key = f"{key}:{self.id}" if taken else key

    def action_retry(self):
        """Have the job try again what failed, at once.

        :raise AccessError: for anybody but contract managers
        """
        self.check_access("read")
        if not self.env.user.has_group("support_contract.group_support_manager"):
            raise AccessError(
                self.env._("Documents are tried again by contract managers.")
            )
        # starts the job, nothing else
        self.env.ref("support_contract.ir_cron_documents").sudo()._trigger()

    # ------------------------------------------------------------------
    # The job
    # ------------------------------------------------------------------

    @api.model
    def _cron_render(self):
        """Make what is asked for, one commit for each."""
        waiting = self.search([("state", "=", "waiting")], order="id")
        waiting._run_job("_render", batch_size=1)

    def _render(self):
        """Print, keep and tell. Mails go out with this transaction: a job that is
        killed has made and sent nothing, one that runs again finds nothing to do."""
        for document in self.filtered(lambda document: document.state == "waiting"):
            document = document.with_company(document.company_id).with_context(
                lang=document.lang
            )
            document._follow_changes()
            report, records = document._get_report()
            content, _kind = document.env["ir.actions.report"]._render_qweb_pdf(
                # the reader's language and not the one of the contract's signatory;
                # all of the customer may read it
                report,
                records.ids,
                data={"document_lang": document.lang},
            )
            attachment = self.env["ir.attachment"].create(
                {
                    "name": f"{document.name}.pdf",
                    "raw": content,
                    "mimetype": "application/pdf",
                    "res_model": document._name,
                    "res_id": document.id,
                }
            )
            document.write({"state": "ready", "attachment_id": attachment.id})
            document._tell_ready()

    def _tell_ready(self):
        template = self.env.ref("support_contract.mail_template_document_ready")
        for partner in self.partner_ids.filtered("email"):
            template.send_mail(
                self.id, email_values={"recipient_ids": [Command.link(partner.id)]}
            )

    def _get_job_owner_record(self):
        return self.contract_id
