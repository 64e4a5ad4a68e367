# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import hashlib

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class SupportContract(models.Model):
    """The signed copy at hand."""

    _inherit = "support.contract"

    signed_document_id = fields.Many2one(
        comodel_name="support.document",
        string="Signed Copy",
        compute="_compute_signed_document_id",
        groups="support_contract.group_support_user",
    )

    def _compute_signed_document_id(self):
        """The latest of the contract as it is signed now, once it is printed."""
        found = dict(
            self.env["support.document"]._read_group(
                [
                    ("contract_id", "in", self.ids),
                    ("kind", "=", "signed"),
                    ("state", "=", "ready"),
                    ("signature_ids.withdrawn_on", "=", False),
                ],
                ["contract_id"],
                ["id:max"],
            )
        )
        for contract in self:
            contract.signed_document_id = found.get(contract)

    def action_open_signed_copy(self):
        """The PDF as it was kept.

        :raise UserError: if it is not printed yet
        """
        self.ensure_one()
        self.check_access("read")
        document = self.signed_document_id
        if not document:
            raise UserError(
                self.env._("The signed copy of %s is not there yet.", self.name)
            )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{document.attachment_id.id}?download=true",
            "target": "self",
        }


class SupportDocument(models.Model):
    """The signed copy of a contract: what was shown and signed, printed once and never
    again, so that later changes of company or contract do not change it."""

    _inherit = "support.document"

    kind = fields.Selection(
        selection_add=[("signed", "Signed Contract")], ondelete={"signed": "cascade"}
    )
    signature_ids = fields.Many2many(
        comodel_name="support.contract.signature",
        relation="support_document_signature_rel",
        column1="document_id",
        column2="signature_id",
        string="Signatures",
        readonly=True,
        groups="base.group_user",
    )

    def _get_signed_report(self):
        return "support_contract.report_signed_contract", self

    def _get_signed_key(self):
        """What was signed never changes."""
        return self.key

    def _get_signed_back_url(self):
        return self._get_contract_back_url()

    def _get_frozen_parts(self):
        """What was signed, the contract first: list of dicts to print."""
        self.ensure_one()
        signatures = self.signature_ids.sorted(lambda item: (item.signed_on, item.id))
        return [signature._get_frozen_values() for signature in signatures]

    def _render(self):
        """The fingerprint of the file is kept with the signatures."""
        result = super()._render()
        for document in self:
            if document.kind == "signed" and document.attachment_id:
                content = document.attachment_id.raw
                document.signature_ids.write(
                    {"document_sha256": hashlib.sha256(content).hexdigest()}
                )
        return result

    def _tell_ready(self):
        """Whoever has signed gets the copy itself: he may have no login."""
        signed = self.filtered(lambda document: document.kind == "signed")
        # set back to draft before the job came: nobody has signed
        live = signed.filtered(
            lambda document: not all(document.signature_ids.mapped("withdrawn_on"))
        )
        template = self.env.ref("support_contract.mail_template_contract_signed")
        for document in live:
            for partner in document.partner_ids.filtered("email"):
                template.send_mail(
                    document.id,
                    email_values={
                        "recipient_ids": [Command.link(partner.id)],
                        "attachment_ids": [Command.link(document.attachment_id.id)],
                    },
                )
        return super(SupportDocument, self - signed)._tell_ready()
