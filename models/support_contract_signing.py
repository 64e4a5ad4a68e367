# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import plaintext2html

from ..tools import signature as signatures
from .support_contract_stated import STATED_LIMIT

REASON_LENGTH = 1000

#: lines that a change of the type replaces
TERMS_LINES = (
    *("allotment_ids", "request_ids", "work_mode_terms_ids", "threshold_ids"),
    *("notice_ids", "reinstatement_ids", "coverage_ids"),
)


class SupportContract(models.Model):
    """The customer signs an offer online, step by step (S9): activations, type, the
    contract, the general conditions. Each of the two texts has a signature of its own,
    given for exactly what was shown; with the last one the contract is signed. Nobody
    internal ever signs (``trust.md``, 8 and 13).

    The methods that sign are called on records with all rights; their callers have
    checked who signs: the signatory in the portal, or who holds the link.
    """

    _inherit = "support.contract"

    signature_ids = fields.One2many(
        comodel_name="support.contract.signature",
        inverse_name="contract_id",
        string="Signatures",
        readonly=True,
        groups="support_contract.group_support_user",
    )
    sign_chosen_on = fields.Date(
        string="Type Chosen On",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="When the customer chose the type while signing.",
    )
    offered_type_id = fields.Many2one(
        comodel_name="support.contract.type",
        string="Type Offered",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups="base.group_user",
        help="What was offered, before the customer chose another type.",
    )
    refused_on = fields.Datetime(
        string="Refused", readonly=True, copy=False, groups="base.group_user"
    )
    refused_by = fields.Char(readonly=True, copy=False, groups="base.group_user")
    refused_reason = fields.Text(
        string="Why Refused", readonly=True, copy=False, groups="base.group_user"
    )

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {
            "signature_ids",
            *self._get_sign_progress_fields(),
        }

    @api.model
    def _get_sign_progress_fields(self):
        """What starts again when the contract goes back to draft."""
        return {
            "activations_stated_on",
            "sign_chosen_on",
            "offered_type_id",
            "refused_on",
            "refused_by",
            "refused_reason",
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed_online(self):
        # whoever deletes need not be able to read signatures
        for contract in self.sudo():
            if contract.signature_ids:
                raise UserError(
                    self.env._(
                        "Contract %s was signed online, and signatures are kept: "
                        "archive it instead.",
                        contract.name,
                    )
                )

    # ------------------------------------------------------------------
    # Where the signer is
    # ------------------------------------------------------------------

    def _get_sign_parts(self):
        """The texts that are signed, in this order."""
        self.ensure_one()
        return ["contract", "conditions"] if self.conditions_id else ["contract"]

    def _get_live_signatures(self):
        """The signatures that count, by part, of what is still as it was signed."""
        self.ensure_one()
        return {
            item.part: item
            for item in self.signature_ids
            if not item.withdrawn_on and self._is_sign_text_same(item)
        }

    def _is_sign_text_same(self, item):
        contract = self.with_context(lang=item.lang)
        text = contract._get_sign_text(item.part)
        return contract._get_sign_digest(text) == item.digest

    def _get_sign_choices(self):
        """The types that the customer may choose from; only the present one if nothing
        is to choose. What an order or a package has sold is not exchanged, nor terms
        that were agreed for this customer: another type would wipe them out."""
        self.ensure_one()
        offered = self.offered_type_id or self.type_id
        company = self.company_id
        others = offered.alternative_ids.filtered(
            lambda item: (
                not item.withdrawn
                and item.active
                and item.company_id in (company, company.browse())
                and not item.package_ids
            )
        )
        if self.package_id or self._is_sold_by_order() or not self._has_list_terms():
            return self.type_id
        return (offered | others | self.type_id).sorted()

    def _has_list_terms(self):
        """Whether the offer says what its type says, price and lines included."""
        self.ensure_one()
        listed = self._prepare_terms_values(
            self.type_id, self.package_id, self.currency_id, self.company_id
        )
        for name, value in listed.items():
            field = self._fields[name]
            if name in TERMS_LINES:
                own = [line._prepare_copy_values() for line in self[name]]
                if sorted(map(repr, own)) != sorted(
                    repr(values) for _command, _id, values in value
                ):
                    return False
            # an offer has a copy of its own of the promises
            elif name == "sla_policy_id":
                continue
            elif field.convert_to_write(self[name], self) != value:
                return False
        return True

    def _is_sold_by_order(self):
        """Whether an order sold this contract, and says what it costs."""
        self.ensure_one()
        return bool(
            self.env["support.topup"].search_count(
                [("contract_id", "=", self.id), ("kind", "=", "contract")], limit=1
            )
        )

    def _get_sign_steps(self, live):
        """The steps of this contract with whether they are done.

        :param dict live: as :meth:`_get_live_signatures` gives it
        :return: list of pairs
        """
        self.ensure_one()
        steps = []
        if self._compares_activations():
            steps.append(("activations", bool(self.activations_stated_on)))
        if len(self._get_sign_choices()) > 1:
            steps.append(("type", bool(self.sign_chosen_on)))
        steps += [(part, part in live) for part in self._get_sign_parts()]
        return steps

    def _get_portal_todos(self, partner):
        todos = super()._get_portal_todos(partner)
        # the page has checked that its reader may read the contracts
        for contract in self.sudo():
            if (
                contract.state == "offered"
                and contract._may_sign(partner)
                and not contract.refused_on
                and not contract.paper_on
            ):
                todos[contract.id].append(
                    {
                        "kind": "sign",
                        "text": self.env._("Sign contract %s.", contract.name),
                        "url": f"{contract.access_url}/sign",
                    }
                )
        return todos

    def _get_portal_actions(self, partner):
        actions = super()._get_portal_actions(partner)
        if self.state == "offered":
            may_sign = self._may_sign(partner)
            text = self.env._("Read and Sign") if may_sign else self.env._("Read")
            actions.append(
                {
                    "text": text,
                    "url": f"{self.access_url}/sign",
                    "primary": may_sign,
                }
            )
        return actions

    # ------------------------------------------------------------------
    # Steps before the signatures
    # ------------------------------------------------------------------

    def _lock_signing(self):
        """One step at a time: a transaction that is older than another's end fails
        here, is tried again, and sees what the other has done.

        :raise UserError: if the contract is not to be signed any more
        """
        self._lock_activations()
        self.invalidate_recordset()
        if self.state != "offered":
            raise UserError(
                self.env._("Contract %s is not to be signed any more.", self.name)
            )

    def _drop_stale_signatures(self):
        """Signatures of what has changed since count no more."""
        live = self._get_live_signatures()
        stale = self.signature_ids.filtered(
            lambda item: not item.withdrawn_on and item not in live.values()
        )
        stale._withdraw(self.env._("The text has changed since."))
        return live

    def _sign_activations(self, numbers, signer):
        """Take over the activations that the customer states. They are compared with
        those really in use later, by the vendor.

        :param dict numbers: by installation's id; of a contract without any, by 0
        :param str signer: who states them, to be told
        :raise UserError: for a number that cannot be, or one that is missing
        """
        self.ensure_one()
        self._lock_signing()
        installations = self.installation_ids
        expected = set(installations.ids) or {0}
        if set(numbers) != expected or not all(
            1 <= (number or 0) <= STATED_LIMIT for number in numbers.values()
        ):
            raise UserError(
                self.env._(
                    "Activations: enter a whole number from 1 to %s.", STATED_LIMIT
                )
            )
        for installation in installations:
            installation.activations_stated = numbers[installation.id]
        total = sum(numbers.values())
        before = self.activation_count
        self.activations_stated_on = self.company_id._support_day()
        if total != before:
            self._note_signing(
                self.env._(
                    "%(person)s states %(number)s activations (before: %(before)s).",
                    person=signer,
                    number=total,
                    before=before,
                )
            )
            # what an order has sold costs what was ordered
            if self._is_sold_by_order():
                self._tell_signing(
                    self.env._(
                        "The customer states %(stated)s activations, %(sold)s are sold",
                        stated=total,
                        sold=before,
                    )
                )
            else:
                self.activation_count = total
        self._drop_stale_signatures()

    def _sign_choose_type(self, contract_type, signer):
        """The customer chooses one of the types that the vendor lets him choose; the
        terms of the offer become those of that type.

        :raise UserError: for any other type
        """
        self.ensure_one()
        self._lock_signing()
        if contract_type not in self._get_sign_choices():
            raise UserError(self.env._("Choose one of the types that are offered."))
        self.sign_chosen_on = self.company_id._support_day()
        if contract_type != self.type_id:
            before = self.type_id
            values = self._prepare_terms_values(
                contract_type, self.package_id, self.currency_id, self.company_id
            )
            for name in TERMS_LINES:
                values[name] = [Command.clear()] + values[name]
            self.write(
                {
                    **values,
                    "type_id": contract_type.id,
                    "offered_type_id": (self.offered_type_id or before).id,
                }
            )
            self._note_signing(
                self.env._(
                    "%(person)s chose %(new)s instead of %(old)s.",
                    person=signer,
                    new=contract_type.name,
                    old=before.name,
                )
            )
        self._drop_stale_signatures()

    # ------------------------------------------------------------------
    # Signing
    # ------------------------------------------------------------------

    def _sign_part(self, part, digest, signer, role, drawing, **evidence):
        """Sign one of the texts. With the last of them the contract is signed.

        :param str part: ``contract`` or ``conditions``
        :param str digest: of the text that was shown
        :param str drawing: PNG in base64
        :param evidence: ``stamp`` (bytes of a picture), ``partner`` (who is logged in
            to the portal), ``ip``, ``user_agent``
        :raise SignatureError: if name, drawing or stamp is none
        :raise UserError: if the text is another one by now, or a step is missing
        :return: whether the contract is signed now
        """
        self.ensure_one()
        self._lock_signing()
        live = self._drop_stale_signatures()
        if part in live:
            return False  # sent twice
        self._check_sign_order(part, live)
        text = self._get_sign_text(part)
        if digest != self._get_sign_digest(text):
            raise UserError(
                self.env._(
                    "The text has been changed since you opened it: please read it "
                    "again."
                )
            )
        partner = evidence.get("partner")
        stamp = evidence.get("stamp")
        role = signatures.clean_text(role)[: signatures.NAME_LENGTHS[1]]
        signer = signatures.clean_name(signer)
        if not any(char.isalpha() for char in role):
            raise signatures.SignatureError("role")
        stamp = signatures.read_stamp(stamp) if stamp else None
        live[part] = self.env["support.contract.signature"].create(
            {
                "contract_id": self.id,
                "part": part,
                "conditions_id": self.conditions_id.id
                if part == "conditions"
                else False,
                "signer": signer,
                "role": role,
                "partner_id": partner.id if partner else False,
                "signed_on": self.company_id._support_now(),
                "ip": signatures.clean_text(evidence.get("ip"))[:64] or False,
                "user_agent": signatures.clean_text(evidence.get("user_agent"))[:300]
                or False,
                "drawing": base64.b64encode(signatures.read_drawing(drawing)),
                "stamp": stamp and base64.b64encode(stamp),
                "lang": self.env.lang or "en_US",
                "content": text,
                "digest": digest,
            }
        )
        if any(name not in live for name in self._get_sign_parts()):
            return False
        self._complete_signing(live, partner)
        return True

    def _check_sign_order(self, part, live):
        """:raise UserError: if a step before ``part`` is missing, or it is none"""
        for step, done in self._get_sign_steps(live):
            if step == part:
                return
            if not done:
                break
        raise UserError(self.env._("Please go through the steps one after another."))

    def _complete_signing(self, live, partner):
        """Everything is signed: so is the contract."""
        last = live[self._get_sign_parts()[-1]]
        first = live["contract"]
        self.write(
            {
                "signed_on": self.company_id._support_day(),
                "signed_by": first.signer,
                "refused_on": False,
                "refused_by": False,
                "refused_reason": False,
                **self._get_no_link(),
                **self._get_no_paper(),
            }
        )
        self._set_state("signed")
        self._note_signing(
            self.env._(
                "Signed online by %(person)s (%(role)s) on %(moment)s.",
                person=first.signer,
                role=first.role,
                moment=last._get_moment_text(),
            ),
            partner,
        )
        self._tell_signing(self.env._("Signed online: ready to be activated"))
        signed = self.env["support.contract.signature"].union(*live.values())
        self._ask_signed_copy(signed, partner or self.signatory_id)

    def _ask_signed_copy(self, signed, partner):
        """The job prints what was signed and sends it to the signer."""
        self.env["support.document"]._ask(
            "signed:" + ",".join(str(number) for number in sorted(signed.ids)),
            {
                "name": self.env._("%s signed", self.name.replace("/", "-")),
                "kind": "signed",
                "company_id": self.company_id.id,
                "commercial_partner_id": self.commercial_partner_id.id,
                "contract_id": self.id,
                "lang": signed[0].lang,
                "signature_ids": [Command.set(signed.ids)],
            },
            partner,
        )

    def _sign_refuse(self, reason, signer, partner=None):
        """The customer does not sign, and says why. The offer stands: he may still
        change his mind, or the vendor the offer.

        :raise UserError: without a reason
        """
        self.ensure_one()
        reason = signatures.clean_lines(reason)[:REASON_LENGTH]
        if not any(char.isalpha() for char in reason):
            raise UserError(self.env._("Please tell us why you do not sign."))
        self._lock_signing()
        self._get_unwithdrawn()._withdraw(self.env._("Refused."))
        self.write(
            {
                "refused_on": self.company_id._support_now(),
                "refused_by": signer,
                "refused_reason": reason,
            }
        )
        self._note_signing(
            self.env._(
                "%(person)s refused to sign: %(reason)s", person=signer, reason=reason
            ),
            partner,
        )
        self._tell_signing(self.env._("The customer refused to sign"), reason)

    # ------------------------------------------------------------------
    # What ends it
    # ------------------------------------------------------------------

    def _get_unwithdrawn(self):
        return self.signature_ids.filtered(lambda item: not item.withdrawn_on)

    def action_draft(self):
        """Signatures of what is changed now count no more; they are kept."""
        result = super().action_draft()
        # checked by what sets it back
        for contract in self.sudo():
            contract._get_unwithdrawn()._withdraw(self.env._("Set back to draft."))
            contract.write(
                dict.fromkeys(self._get_sign_progress_fields(), False)
                | self._get_no_link()
                | self._get_no_paper()
            )
        return result

    def _record_signature(self, day, name, scan=None, filename=None):
        result = super()._record_signature(day, name, scan, filename)
        # checked above: a manager, on a contract that is open
        contract = self.sudo()
        contract._get_unwithdrawn()._withdraw(self.env._("Signed on paper."))
        contract.write(
            {
                "refused_on": False,
                "refused_by": False,
                "refused_reason": False,
                **self._get_no_link(),
                **self._get_no_paper(),
            }
        )
        return result

    # ------------------------------------------------------------------
    # Telling the vendor
    # ------------------------------------------------------------------

    def _note_signing(self, body, partner=None):
        values = {"author_id": partner.id} if partner else {}
        self._get_owners_env().message_post(
            body=body, subtype_xmlid="mail.mt_note", **values
        )

    def _tell_signing(self, summary, note=None):
        """An activity for the owner, once as long as it is open."""
        contract = self._get_owners_env()
        if summary in contract.activity_ids.mapped("summary"):
            return
        contract.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=self.company_id._support_day(),
            summary=summary,
            # what customers write is text
            note=note and plaintext2html(note),
            user_id=self.user_id.id or SUPERUSER_ID,
        )
