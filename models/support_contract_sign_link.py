# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import consteq

from ..tools import signature as signatures

#: how long a link to sign an offer is good
LINK_DAYS = 30


class SupportContract(models.Model):
    """A link with which a signatory without a login signs an offer. Its secret is sent
    to him alone, in a mail that is kept nowhere: not in the chatter, where colleagues
    of both sides would find it. It is dead once the contract is signed, a newer one is
    sent, or its days are over (``trust.md``, 8)."""

    _inherit = "support.contract"

    sign_token_hash = fields.Char(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        export_string_translation=False,
    )
    sign_expires = fields.Datetime(
        string="Link Valid Until", readonly=True, copy=False, groups="base.group_user"
    )

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | set(self._get_no_link())

    @api.model
    def _get_initial_values(self):
        """Without the secret: nobody may name it at all, not even as empty."""
        values = super()._get_initial_values()
        values.pop("sign_token_hash")
        return values

    @api.model
    def _get_no_link(self):
        return {"sign_token_hash": False, "sign_expires": False}

    def write(self, vals):
        """A link signs for whom it was sent to, and for nobody who takes his place."""
        names = {"signatory_id", "partner_id"} & vals.keys()
        others = self.filtered(
            lambda contract: any(contract[name].id != vals[name] for name in names)
        )
        result = super().write(vals)
        if others:
            # secrets are written by nobody; the contract was written just above
            others.sudo().write(self._get_no_link())
        return result

    def action_send_sign_link(self):
        """Send the signatory a link to sign, which kills the one before.

        :raise UserError: if the contract is not offered, or there is nobody to send
            it to
        """
        for contract in self:
            contract.check_access("write")
            contract._require_states(("offered",), self.env._("signed"))
            if not contract.signatory_id.email:
                raise UserError(
                    self.env._(
                        "Contract %s: enter a signatory with an e-mail address.",
                        contract.name,
                    )
                )
            contract._send_sign_link()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The link to sign is on its way."),
            },
        }

    def _send_sign_link(self):
        """Make a link and mail it; its caller has checked who may offer."""
        self.ensure_one()
        template = self.env.ref("support_contract.mail_template_contract_sign_link")
        url = self._make_sign_link()
        # checked by the caller; whoever offers need not be able to see the secret
        template.sudo().with_context(sign_url=url).send_mail(
            self.id,
            email_values={
                # a mail of no record: it shows up in no chatter
                "model": False,
                "res_id": False,
                "recipient_ids": [(4, self.signatory_id.id)],
                "auto_delete": True,
                "is_internal": True,
            },
        )
        self._note_signing(
            self.env._("Link to sign sent to %s.", self.signatory_id.display_name)
        )

    def _make_sign_link(self):
        """Only the hash of the secret is kept: this is the only moment at which
        anybody sees it."""
        self.ensure_one()
        token = signatures.new_token()
        # the callers have checked who may offer; nobody writes secrets by hand
        self.sudo().write(
            {
                "sign_token_hash": signatures.hash_token(token),
                "sign_expires": self.company_id._support_now()
                + timedelta(days=LINK_DAYS),
            }
        )
        return f"{self.get_base_url()}/support/contracts/{self.id}/sign/{token}"

    @api.model
    def _find_by_sign_link(self, contract_id, token):
        """The contract that a link may sign, or none: one answer for whatever is
        wrong.

        :param int contract_id: a possible id
        :param str token: as it stands in the link
        :return: the contract as superuser
        """
        # the secret is what is checked
        contract = self.sudo().browse(contract_id).exists()
        expected = contract.sign_token_hash or ""
        # compared in any case, so that no answer comes earlier than another
        fits = consteq(signatures.hash_token(token), expected)
        if (
            not fits
            or contract.state != "offered"
            or not contract.active
            or not contract.sign_expires
            or contract.sign_expires <= contract.company_id._support_now()
        ):
            return self.browse()
        return contract

    def _get_link_holder(self):
        """Who is taken for the signer where nobody is logged in."""
        self.ensure_one()
        return self.signatory_id.name or self.partner_id.name

    def message_post(self, **kwargs):
        """Who gets an offer and has no login to sign it gets a link of his own."""
        message = super().message_post(**kwargs)
        # a mark for convenience, not a guard: whoever may write might send the link
        # by hand as well
        if self.env.context.get("support_mark_offered"):
            contracts = self.with_context(support_mark_offered=False)
            for contract in contracts:
                if contract._needs_sign_link() and contract.has_access("write"):
                    contract._send_sign_link()
        return message

    def _needs_sign_link(self):
        self.ensure_one()
        # whether there is a login, whoever asks
        signatory = self.sudo().signatory_id
        return bool(
            self.state == "offered"
            and self.signature_required
            and signatory.email
            and not signatory.user_ids
        )
