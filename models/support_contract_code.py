# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, split_every

from ..tools.support_code import format_code, make_code


class SupportContract(models.Model):
    """The support code: callers give it on the phone, and the operator knows who they
    are and what they are entitled to (S4). It is a secret: nobody reads it but by
    "Support Code" on the contract, which leaves a note."""

    _inherit = "support.contract"

    support_code = fields.Char(
        copy=False,
        readonly=True,
        groups=fields.NO_ACCESS,
        export_string_translation=False,
        help="Nine digits, the last one a check digit.",
    )

    _support_code_unique = models.UniqueIndex(
        "(support_code) WHERE support_code IS NOT NULL",
        "Each contract has a support code of its own.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        contracts = super().create(vals_list)
        contracts._make_support_codes()
        return contracts

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {"support_code"}

    @api.model
    def _get_initial_values(self):
        """Without the code: nobody may name it at all, not even as empty. Each new
        contract gets one anyway."""
        values = super()._get_initial_values()
        values.pop("support_code")
        return values

    def _make_support_codes(self):
        """Give each contract a new code; the old one is dead at once."""
        for ids in split_every(1000, self.ids):
            # a secret that no user may write; the callers check who may renew it
            contracts = self.sudo().browse(ids)
            codes = self._get_free_support_codes(len(contracts))
            for contract, code in zip(contracts, codes, strict=True):
                contract.support_code = code

    @api.model
    def _get_free_support_codes(self, count):
        """``count`` different codes that no contract has."""
        self.env.flush_all()
        codes = set()
        while len(codes) < count:
            codes |= {make_code() for _ in range(count - len(codes))}
            taken = self.env.execute_query(
                SQL(
                    "SELECT support_code FROM support_contract "
                    "WHERE support_code = ANY(%s)",
                    list(codes),
                )
            )
            codes -= {code for (code,) in taken}
        return list(codes)

    def _has_phone_support(self):
        """Whether help by phone belongs to the contract: its coverage names the phone,
        or all channels, or it has no coverage of its own and the company's hours
        count."""
        self.ensure_one()
        # portal users do not read the lines; only yes or no is told
        lines = self.sudo().coverage_ids
        channel = self.env["res.company"]._support_phone_channel()
        return not lines or bool(lines._get_calendar(channel))

    # ------------------------------------------------------------------
    # Who sees it
    # ------------------------------------------------------------------

    def _require_code_right(self, group):
        if not (self.env.su or self.env.user.has_group(f"support_contract.{group}")):
            raise AccessError(
                self.env._(
                    "Support Code: contract users may see it, contract managers may "
                    "renew it."
                )
            )
        self.check_access("read")

    def action_show_support_code(self):
        """Show the code to a contract user, who tells it to the customer. A note says
        who saw it, never the code.

        :raise AccessError: for anybody else
        """
        self.ensure_one()
        self._require_code_right("group_support_user")
        self._log_support_code(
            self.env._("%s looked at the support code.", self.env.user.name)
        )
        return self._open_support_code()

    def action_renew_support_code(self):
        """Replace the code, for managers. The old one is dead at once, and so are the
        windows that showed it.

        :raise AccessError: for anybody else
        """
        self.ensure_one()
        self._require_code_right("group_support_manager")
        self._renew_support_code(self.env.user.name)
        return self._open_support_code()

    def _renew_support_code(self, person):
        """Replace the code. The caller has checked who may.

        :param str person: who does it, for the note
        """
        self.ensure_one()
        # windows of colleagues: nobody looks at the new code without a note
        windows = self.env["support.contract.code"].sudo()
        windows.search([("contract_id", "=", self.id)]).unlink()
        self._make_support_codes()
        told = self._get_owners_env()
        self._log_support_code(
            told.env._(
                "%s renewed the support code; the old one is not valid any more.",
                person,
            )
        )

    def _log_support_code(self, text):
        # contract users may not write running contracts, but what they saw is noted
        self.sudo().message_post(body=text, subtype_xmlid="mail.mt_note")

    def _open_support_code(self):
        # made by the system alone: whoever could make one could read any code
        window = self.env["support.contract.code"].sudo()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Support Code"),
            "res_model": "support.contract.code",
            "res_id": window.create({"contract_id": self.id}).id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "medium"},
        }

    def _get_offer_support_code(self):
        """The code as the offer prints it: for those who may see it, on contracts that
        include the phone."""
        self.ensure_one()
        allowed = self.env.su or self.env.user.has_group(
            "support_contract.group_support_user"
        )
        if not (allowed and self._has_phone_support()):
            return ""
        # a contract user sends the offer to its customer, whose code it is
        return format_code(self.sudo().support_code)
