# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
from datetime import timedelta

from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, consteq

from ..tools import signature as signatures


class SupportIntervention(models.Model):
    """The customer signs what was done: on the technician's phone or another device
    through a one-time link, or logged in to the portal. Never does an internal user
    sign for a customer (``trust.md``, 8 and 13).

    What was shown is kept as it was shown (``signed_values``), and from then on
    nothing that stands on the sheet can be changed; undoing the work takes the
    signature away.
    """

    _name = "support.intervention"
    _inherit = ["support.intervention", "support.job.mixin"]

    signed_on = fields.Datetime(string="Signed", readonly=True, copy=False)
    signed_by = fields.Char(
        readonly=True, copy=False, help="Name that the signer entered."
    )
    signed_partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Portal Signer",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        help="Who was logged in to the portal. Empty: signed through a link.",
    )
    signed_remark = fields.Text(
        string="Customer's Remark",
        readonly=True,
        copy=False,
        help="What the customer wrote when signing.",
    )
    # not an attachment: who may write the work may write its attachments too
    signature = fields.Binary(
        attachment=False, readonly=True, copy=False, groups="base.group_user"
    )
    signed_values = fields.Json(
        readonly=True,
        copy=False,
        groups="base.group_user",
        export_string_translation=False,
        help="The sheet as it was signed.",
    )
    signature_ip = fields.Char(
        string="Signed from", readonly=True, copy=False, groups="base.group_user"
    )
    signature_user_agent = fields.Char(
        string="Signed with",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The browser as it names itself.",
    )
    sign_token_hash = fields.Char(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        export_string_translation=False,
    )
    sign_expires = fields.Datetime(
        string="Link Valid Until", readonly=True, copy=False, groups="base.group_user"
    )
    sheet_due = fields.Boolean(
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The signed sheet has not been printed and sent yet.",
    )
    sheet_attachment_id = fields.Many2one(
        comodel_name="ir.attachment",
        string="Signed Sheet",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups="base.group_user",
    )

    _sheet_due_idx = models.Index("(id) WHERE sheet_due")
    _signed_as_a_whole = models.Constraint(
        "CHECK (signed_on IS NULL OR (signed_by IS NOT NULL AND signature IS NOT NULL "
        "AND signed_values IS NOT NULL AND state = 'done'))",
        "Only work that is done is signed, with a name and a drawing: a manager undoes "
        "it to take the signature away.",
    )

    # ------------------------------------------------------------------
    # What is signed stays
    # ------------------------------------------------------------------

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {
            "signed_on",
            "signed_by",
            "signed_partner_id",
            "signed_remark",
            "signature",
            "signed_values",
            "signature_ip",
            "signature_user_agent",
            "sign_token_hash",
            "sign_expires",
            "sheet_due",
            "sheet_attachment_id",
            "job_error",
            "job_error_method",
        }

    @api.model
    def _get_sheet_fields(self):
        """Fields that people write and the sheet prints."""
        return {
            "name",
            "description",
            "ticket_id",
            "work_mode_id",
            "user_id",
            "start",
            "end",
            "billable_by_hand",
            "manual_minutes",
            "travel_minutes",
        }

    def write(self, vals):
        if self._get_sheet_fields() & vals.keys():
            self._check_unsigned()
        return super().write(vals)

    def _check_unsigned(self):
        for work in self:
            if work.signed_on:
                raise UserError(
                    self.env._(
                        "“%(work)s” was signed by %(name)s: what the sheet says stays. "
                        "Only undoing the work takes the signature away.",
                        work=work.name,
                        name=work.signed_by,
                    )
                )

    def _draw(self):
        """Another cover is another sheet."""
        self._forget_signature()
        return super()._draw()

    def _undo(self, reason):
        """Work that is undone is not signed any more.

        :raise UserError: if it is signed and the user is no contract manager
        """
        manager = self.env.su or self.env.user.has_group(
            "support_contract.group_support_manager"
        )
        if not manager:
            for work in self.filtered("signed_on"):
                raise UserError(
                    self.env._(
                        "“%(work)s” was signed by %(name)s: only a contract manager "
                        "may undo it.",
                        work=work.name,
                        name=work.signed_by,
                    )
                )
        # locked as the rest of the way does, before the signature is looked at
        for work in self:
            work._lock()
            work._lock_signature()
            work._forget_signature()
        return super()._undo(reason)

    def _forget_signature(self):
        """Take away the signature and the links of work that changes, with a note."""
        # its callers have checked who may change the work
        for work in self.sudo():
            if work.sign_token_hash:
                work.write({"sign_token_hash": False, "sign_expires": False})
            if not work.signed_on:
                continue
            note = self.env._(
                "The signature of %(name)s of %(moment)s is no longer valid: the work "
                "was undone or its cover changed.",
                name=work.signed_by,
                moment=work._format_sheet_moment(work.signed_on),
            )
            work.write(
                {
                    "signed_on": False,
                    "signed_by": False,
                    "signed_partner_id": False,
                    "signed_remark": False,
                    "signature": False,
                    "signed_values": False,
                    "signature_ip": False,
                    "signature_user_agent": False,
                    "sheet_due": False,
                    # the file itself stays with the messages: it was sent
                    "sheet_attachment_id": False,
                }
            )
            work.message_post(body=note, subtype_xmlid="mail.mt_note")

    # ------------------------------------------------------------------
    # The link
    # ------------------------------------------------------------------

    def action_get_signature(self):
        """Make a link to sign, which kills the one before, and show it as QR code.

        :raise AccessError: without a right to write the work
        :raise UserError: if it is not done, or signed already
        """
        self.ensure_one()
        url = self._make_sign_link()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Get Signature"),
            "res_model": "support.intervention.sign",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_intervention_id": self.id,
                "default_url": url,
            },
        }

    def _make_sign_link(self):
        """A new link. Only the hash of its token is kept, so this is the only moment
        at which anybody sees it."""
        self.ensure_one()
        self.check_access("write")
        self._lock_signature()
        self._check_to_sign()
        token = signatures.new_token()
        hours = self.company_id.sudo().support_sign_hours  # a setting, no secret
        # checked above; nobody writes tokens by hand
        self.sudo().write(
            {
                "sign_token_hash": signatures.hash_token(token),
                "sign_expires": self.company_id._support_now() + timedelta(hours=hours),
            }
        )
        return f"{self.get_base_url()}/support/sign/{self.id}/{token}"

    def _check_to_sign(self):
        self.ensure_one()
        if self.state != "done":
            raise UserError(
                self.env._(
                    "“%s” is not done: only work that is done can be signed.", self.name
                )
            )
        self._check_unsigned()

    def _lock_signature(self):
        """One signature at a time: a transaction that is older than the other's end
        fails here and is tried again."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE support_intervention SET write_date = write_date "
                "WHERE id = ANY(%s)",
                self.ids,
            )
        )
        self.invalidate_recordset()

    @api.model
    def _find_by_sign_link(self, work_id, token):
        """The work that a link may sign, or none: one answer for whatever is wrong.

        :param int work_id: a possible id
        :param str token: as it stands in the link
        :return: the work as superuser; its caller shows what the sheet says
        """
        # the token is what is checked
        work = self.sudo().browse(work_id).exists()
        expected = work.sign_token_hash or ""
        # compared in any case, so that no answer comes earlier than another
        fits = consteq(signatures.hash_token(token), expected)
        if (
            not fits
            or work.state != "done"
            or work.signed_on
            or not work.sign_expires
            or work.sign_expires <= work.company_id._support_now()
        ):
            return self.browse()
        return work

    # ------------------------------------------------------------------
    # Signing
    # ------------------------------------------------------------------

    def _get_sheet_digest(self):
        """Tells whether the sheet is still the one that was shown. What is left on the
        contract may change at any moment and is not part of it."""
        _lang, values = self._get_sheet()
        return signatures.digest({**values, "left": None})

    def _sign_by_link(self, token, name, signature, **evidence):
        """Sign with the token of a link, which is used up.

        :param str name: of the signer
        :param str signature: PNG in base64
        :param evidence: ``remark``, ``ip``, ``user_agent``
        :raise SignatureError: if the name or the drawing is none
        :return: whether it is signed now; False if the link is dead
        """
        self.ensure_one()
        self._lock_signature()
        work = self._find_by_sign_link(self.id, token)
        if not work:
            return False
        work._sign(name, signature, **evidence)
        return True

    def _sign_by_portal(self, user, name, signature, **evidence):
        """Sign as ``user``, who is logged in to the portal.

        :raise AccessError: if he does not belong to the customer or is internal
        :raise UserError: if the work is not done or signed already
        :raise SignatureError: if the name or the drawing is none
        """
        self.ensure_one()
        partner = user.partner_id
        # whose work it is, to compare
        if not user._is_portal() or (
            partner.commercial_partner_id != self.sudo().commercial_partner_id
        ):
            raise AccessError(
                self.env._("Only the customer signs what was done for him.")
            )
        self.with_user(user).check_access("read")
        # checked above; a portal user has no right to write
        work = self.sudo()
        work._lock_signature()
        work._check_to_sign()
        work._sign(name, signature, partner=partner, **evidence)

    def _sign(self, name, signature, remark="", ip="", user_agent="", partner=None):
        """Keep the signature and what was signed; its callers have checked who signs
        and hold the lock."""
        self.ensure_one()
        name = signatures.clean_name(name)
        drawing = signatures.read_drawing(signature)
        remark = signatures.clean_lines(remark)[: signatures.REMARK_LENGTH]
        _lang, values = self._get_sheet()
        self.write(
            {
                "signed_on": self.company_id._support_now(),
                "signed_by": name,
                "signed_partner_id": partner.id if partner else False,
                "signed_remark": remark or False,
                "signature": base64.b64encode(drawing),
                "signed_values": values,
                "signature_ip": signatures.clean_text(ip)[:64] or False,
                "signature_user_agent": signatures.clean_text(user_agent)[:300]
                or False,
                "sign_token_hash": False,
                "sign_expires": False,
                "sheet_due": True,
            }
        )
        # in the technician's language, and not by the visitor's own account: public
        # users write no messages
        work = self.with_user(SUPERUSER_ID).with_context(lang=self.user_id.lang)
        body = work.env._("Signed by %s.", name)
        if remark:
            body = work.env._(
                "Signed by %(name)s, who wrote: %(remark)s", name=name, remark=remark
            )
        work.message_post(body=body, subtype_xmlid="mail.mt_note")
        # starts the job, nothing else
        self.env.ref("support_contract.ir_cron_intervention_sheets").sudo()._trigger()

    # ------------------------------------------------------------------
    # The signed sheet
    # ------------------------------------------------------------------

    @api.model
    def _cron_send_sheets(self):
        """Print what was signed, and send it where the company wants it, one commit
        for each: no page that a customer waits for prints (``trust.md``, 10)."""
        due = self.search([("sheet_due", "=", True)], order="id")
        due._run_job("_send_sheet", batch_size=1)

    def _send_sheet(self):
        """Keep the signed sheets and hand their mails over; both or nothing."""
        template = self.env.ref("support_contract.mail_template_intervention_sheet")
        for work in self.filtered("sheet_due"):
            content, _kind = self.env["ir.actions.report"]._render_qweb_pdf(
                "support_contract.report_intervention_sheet", work.ids
            )
            attachment = self.env["ir.attachment"].create(
                {
                    "name": f"{work._get_sheet_filename()}.pdf",
                    "raw": content,
                    "mimetype": "application/pdf",
                    "res_model": work._name,
                    "res_id": work.id,
                }
            )
            work.write({"sheet_due": False, "sheet_attachment_id": attachment.id})
            if not work.company_id.support_send_sheet:
                continue
            if work.partner_id.email:
                template.send_mail(
                    work.id,
                    email_values={"attachment_ids": [Command.link(attachment.id)]},
                )
                note = self.env._("Signed sheet sent to %s.", work.partner_id.name)
            else:
                note = self.env._(
                    "Signed sheet not sent: %s has no e-mail address.",
                    work.partner_id.name,
                )
            work.message_post(body=note, subtype_xmlid="mail.mt_note")

    def action_open_sheet(self):
        """The sheet as it was signed, once it is printed; until then print it."""
        self.ensure_one()
        self.check_access("read")
        if not self.sheet_attachment_id:
            return self.action_print_sheet()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.sheet_attachment_id.id}?download=true",
            "target": "self",
        }

    def _get_job_owner_record(self):
        """An error is told on the ticket, which has activities."""
        self.ensure_one()
        return self.ticket_id
