# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

#: the only things that may change: that it does not count any more, and what the job
#: has made of it
LATER_FIELDS = {"withdrawn_on", "withdrawn_reason", "document_sha256"}


class SupportContractSignature(models.Model):
    """One signature that a customer gave online, with what was shown to him, word for
    word. It is never changed nor deleted; a contract that goes back to draft withdraws
    it (``trust.md``, 8 and 13)."""

    _name = "support.contract.signature"
    _description = "Signature of a Contract"
    _order = "id desc"
    _rec_name = "signer"

    contract_id = fields.Many2one(
        comodel_name="support.contract",
        required=True,
        readonly=True,
        # an offer that somebody has signed is not deleted
        ondelete="restrict",
        index=True,
    )
    company_id = fields.Many2one(
        related="contract_id.company_id", store=True, index=True, precompute=True
    )
    part = fields.Selection(
        selection=[("contract", "Contract"), ("conditions", "General Conditions")],
        required=True,
        readonly=True,
    )
    conditions_id = fields.Many2one(
        comodel_name="support.conditions",
        string="Version of the Conditions",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    signer = fields.Char(
        string="Signed By",
        required=True,
        readonly=True,
        help="Name that the signer entered.",
    )
    role = fields.Char(readonly=True, help="What the signer is in the company.")
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Portal Signer",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="Who was logged in to the portal. Empty: signed through a link.",
    )
    signed_on = fields.Datetime(required=True, readonly=True)
    ip = fields.Char(string="Signed from", readonly=True)
    user_agent = fields.Char(
        string="Signed with", readonly=True, help="The browser as it names itself."
    )
    # no attachments: who may write the contract may write its attachments too
    drawing = fields.Binary(
        string="Signature", attachment=False, required=True, readonly=True
    )
    stamp = fields.Binary(attachment=False, readonly=True)
    lang = fields.Char(string="Language", required=True, readonly=True)
    content = fields.Text(
        required=True,
        readonly=True,
        export_string_translation=False,
        help="HTML that was shown to the signer.",
    )
    digest = fields.Char(
        string="SHA-256 of the Text",
        required=True,
        readonly=True,
        help="Fingerprint of the text that was shown and signed.",
    )
    document_sha256 = fields.Char(
        string="SHA-256 of the PDF",
        readonly=True,
        help="Fingerprint of the signed copy.",
    )
    withdrawn_on = fields.Datetime(
        readonly=True, help="From when it does not count any more."
    )
    withdrawn_reason = fields.Char(string="Why Withdrawn", readonly=True)

    _once = models.UniqueIndex(
        "(contract_id, part) WHERE withdrawn_on IS NULL",
        "This part of the contract is signed already.",
    )
    _withdrawn_as_a_whole = models.Constraint(
        "CHECK ((withdrawn_on IS NULL) = (withdrawn_reason IS NULL))",
        "A signature that is withdrawn says why.",
    )

    def write(self, vals):
        """Nobody changes what was signed, with whatever rights."""
        if set(vals) - LATER_FIELDS:
            raise UserError(self.env._("A signature is never changed."))
        if {"withdrawn_on", "withdrawn_reason"} & vals.keys() and any(
            self.mapped("withdrawn_on")
        ):
            raise UserError(self.env._("This signature is withdrawn already."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        raise UserError(self.env._("A signature is never deleted."))

    def _withdraw(self, reason):
        """They count no more. Called on records with all rights, by what changes the
        contract."""
        now = self.env["res.company"]._support_now()
        self.filtered(lambda item: not item.withdrawn_on).write(
            {"withdrawn_on": now, "withdrawn_reason": reason}
        )
        # another one may follow at once
        self.flush_recordset()

    # ------------------------------------------------------------------
    # In words
    # ------------------------------------------------------------------

    def _get_moment_text(self):
        """When it was signed, in the company's zone, which is named."""
        self.ensure_one()
        zone = self.company_id.support_tz
        moment = format_datetime(self.env, self.signed_on, tz=zone)
        return f"{moment} ({zone})"

    def _get_frozen_values(self):
        """What the signed copy prints, in the language of the environment."""
        self.ensure_one()
        parts = dict(self._fields["part"]._description_selection(self.env))

        def picture(data):
            # kept as PNG drawn anew by tools/signature.py
            return data and f"data:image/png;base64,{base64.b64encode(data).decode()}"

        return {
            "part": parts[self.part],
            # rendered by the server and stripped of whatever would be fetched
            "content": Markup(self.content),
            "conditions": self.conditions_id.display_name or "",
            "signer": self.signer,
            "role": self.role or "",
            "moment": self._get_moment_text(),
            "ip": self.ip or "",
            "user_agent": self.user_agent or "",
            "digest": self.digest,
            "drawing": picture(base64.b64decode(self.drawing)),
            "stamp": picture(self.stamp and base64.b64decode(self.stamp)),
            "by_link": not self.partner_id,
        }
