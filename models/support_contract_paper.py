# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import signature as signatures


class SupportContract(models.Model):
    """The paper way: the customer prints the contract, signs it, and uploads the scan.
    It waits for a manager, who looks at it and records the signature, or sends it
    back."""

    _inherit = "support.contract"

    paper_scan = fields.Binary(
        string="Scan to Accept",
        attachment=True,
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    paper_filename = fields.Char(readonly=True, copy=False, groups="base.group_user")
    paper_on = fields.Datetime(
        string="Scan Received", readonly=True, copy=False, groups="base.group_user"
    )
    paper_signer = fields.Char(
        string="Scan Signed By",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Who signed, as the customer says.",
    )
    paper_returned = fields.Text(
        string="Why Sent Back",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Why the last scan was not accepted.",
    )

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | set(self._get_no_paper())

    @api.model
    def _get_no_paper(self):
        return {
            "paper_scan": False,
            "paper_filename": False,
            "paper_on": False,
            "paper_signer": False,
            "paper_returned": False,
        }

    def _upload_paper(self, data, signer, partner=None):
        """Keep the scan for a manager to look at; a new one replaces it.

        Called on a record with all rights; the caller has checked who signs.

        :param bytes data: the file
        :param str signer: who has signed
        :raise SignatureError: if it is no such file, or too large
        """
        self.ensure_one()
        signer = signatures.clean_name(signer)
        ending = signatures.read_scan_kind(data)
        self._lock_signing()
        name = self.name.replace("/", "-")
        self.write(
            {
                **self._get_no_paper(),
                "paper_scan": base64.b64encode(data),
                "paper_filename": f"{name}.{ending}",
                "paper_on": self.company_id._support_now(),
                "paper_signer": signer,
            }
        )
        self._note_signing(
            self.env._("%s has uploaded the signed contract as a scan.", signer),
            partner,
        )
        self._tell_signing(self.env._("A signed contract waits to be accepted"))

    def action_accept_paper(self):
        """Open the form that records the signature, with the scan in it.

        :raise UserError: for everybody but managers, or without a scan
        """
        self.ensure_one()
        self._require_manager()
        self._require_paper()
        return self.action_record_signature()

    def action_return_paper(self):
        """Open the form that sends the scan back.

        :raise UserError: for everybody but managers, or without a scan
        """
        self.ensure_one()
        self._require_manager()
        self._require_paper()
        return self._open_wizard(
            "support.contract.paper.return", self.env._("Send the Scan Back")
        )

    def _require_paper(self):
        if not self.paper_on:
            raise UserError(
                self.env._("Contract %s: no scan waits to be accepted.", self.name)
            )

    def _return_paper(self, reason):
        """The scan is not accepted: the customer is told why, and may try again.

        :raise UserError: for everybody but managers, or without a scan or a reason
        """
        self.ensure_one()
        self._require_manager()
        self._require_states(("offered",), self.env._("signed"))
        self._require_paper()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Reason: tell the customer what is missing."))
        # checked above: a manager, on a contract that is offered
        contract = self.sudo()
        contract.write({**self._get_no_paper(), "paper_returned": reason})
        partner = self.signatory_id or self.partner_id
        told = self.with_context(lang=partner.lang)
        self.message_post(
            body=Markup("<p>%s</p><p>%s</p><p><a href='%s'>%s</a></p>")
            % (
                told.env._(
                    "We cannot accept the signed contract that you have uploaded:"
                ),
                reason,
                f"{self.get_base_url()}{self.access_url}/sign",
                told.env._("Please upload it once more."),
            ),
            partner_ids=partner.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
