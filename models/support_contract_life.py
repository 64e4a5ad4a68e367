# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ..tools import periods
from .support_contract import OPEN_STATES


class SupportContract(models.Model):
    """The life of a contract: draft, offered, signed, active, suspended, expired,
    terminated. Every change is kept with its day."""

    _inherit = "support.contract"

    def _set_state(self, state, day=None, reason=None):
        """Enter ``state`` on ``day`` (default: today, in the company's zone). A day to
        come is kept for the nightly job.

        The caller checks who may do it; the history itself nobody may write."""
        rows = []
        for contract in self:
            today = contract.company_id._support_day()
            rows.append(
                {
                    "contract_id": contract.id,
                    "state": state,
                    "first_day": day or today,
                    "reason": reason,
                }
            )
        # nobody may write the history; the callers check who may change the state
        self.env["support.contract.status"].sudo().create(rows)
        self._sync_states()

    def _sync_states(self):
        """Set each contract's state to what its history says for today."""
        self.invalidate_recordset(["status_ids"])
        for contract in self:
            state = contract._get_state_on(contract.company_id._support_day())
            if state and state != contract.state:
                # the history decides, not what the user may write
                contract.sudo().state = state

    def _get_state_on(self, day):
        """The state on ``day`` as the history tells it today, False before it."""
        self.ensure_one()
        if self.terminated_on and self.terminated_on <= day:
            return "terminated"
        # everybody who may read a contract may know its state
        return (
            self.sudo().status_ids.filtered(lambda row: row.first_day <= day)[:1].state
        )

    def _require_states(self, states, action):
        for contract in self:
            if contract.state not in states:
                raise UserError(
                    self.env._(
                        "Contract %(name)s cannot be %(action)s: it is %(state)s.",
                        name=contract.name,
                        action=action,
                        state=dict(
                            self._fields["state"]._description_selection(self.env)
                        )[contract.state],
                    )
                )

    def _require_manager(self):
        if not (
            self.env.su
            or self.env.user.has_group("support_contract.group_support_manager")
        ):
            raise UserError(
                self.env._("Only a contract manager may change a running contract.")
            )
        self.check_access("write")

    def action_offer(self):
        """Open the mail to the customer with the offer; sending it marks the contract
        as offered."""
        self.ensure_one()
        self.check_access("write")
        self._require_states(OPEN_STATES, self.env._("offered"))
        template = self.env.ref(
            "support_contract.mail_template_contract_offer", raise_if_not_found=False
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send the Offer"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_template_id": template.id if template else False,
                "default_composition_mode": "comment",
                "default_email_layout_xmlid": "mail.mail_notification_light",
                "support_mark_offered": True,
                "force_email": True,
            },
        }

    def message_post(self, **kwargs):
        message = super().message_post(**kwargs)
        # a mark for convenience, not a guard: it only moves a draft to "offered",
        # which the user might do by hand as well
        if self.env.context.get("support_mark_offered"):
            drafts = self.filtered(lambda contract: contract.state == "draft")
            if drafts and drafts.has_access("write"):
                drafts._set_state("offered")
        return message

    def action_mark_offered(self):
        self.check_access("write")
        self._require_states(("draft",), self.env._("offered"))
        self._set_state("offered")

    def action_draft(self):
        """Take an offer back to change it."""
        self.check_access("write")
        self._require_states(("offered", "signed"), self.env._("set back to draft"))
        if any(contract.signed_on for contract in self):
            self._require_manager()  # a recorded signature is lost
        self.sudo().write(
            {
                "signed_on": False,
                "signed_by": False,
                "signature_scan": False,
                "signature_filename": False,
            }
        )
        self._set_state("draft")

    def action_record_signature(self):
        """Open the form for a signature on paper."""
        self.ensure_one()
        self._require_manager()
        self._require_states(OPEN_STATES, self.env._("signed"))
        return self._open_wizard("support.contract.sign", self.env._("Signed on Paper"))

    def _record_signature(self, day, name, scan=None, filename=None):
        """Record that the customer has signed on paper.

        :param date day: day of the signature
        :param str name: who signed
        :param bytes scan: the signed paper, base64
        """
        self.ensure_one()
        self._require_manager()
        self._require_states(OPEN_STATES, self.env._("signed"))
        if not (name or "").strip():
            raise UserError(self.env._("Name of the signatory: enter who signed."))
        if day > self.company_id._support_day():
            raise UserError(
                self.env._("Day of the signature: it cannot lie in the future.")
            )
        # checked above: a manager, on a contract that is open
        self.sudo().write(
            {
                "signed_on": day,
                "signed_by": name.strip(),
                "signature_scan": scan,
                "signature_filename": filename,
            }
        )
        self._set_state("signed")

    def action_activate(self):
        """Start the first term: ledgers are opened and what is due is granted.

        :raise UserError: if a signature is missing, the type is withdrawn, a package
            is not chosen, or the contract is not a draft, offered or signed
        """
        self.check_access("write")
        self._require_states((*OPEN_STATES, "signed"), self.env._("activated"))
        for contract in self:
            contract._check_activation()
        contracts = self.sudo()  # the terms and ledgers are the contract's own to make
        contracts._add_first_term()
        contracts._open_ledgers()
        for contract in contracts:
            today = contract.company_id._support_day()
            contract._set_state("active", min(contract.date_start, today))
        contracts._grant_due()
        contracts._sync_ended()

    def _check_activation(self):
        self.ensure_one()
        if self.signature_required and not self.signed_on:
            raise UserError(
                self.env._(
                    "Contract %s must be signed before it is activated: record the "
                    "signature first.",
                    self.name,
                )
            )
        if self.type_id.withdrawn:
            raise UserError(
                self.env._(
                    "Contract type %(type)s is withdrawn and cannot be sold any more."
                    " %(successor)s",
                    type=self.type_id.name,
                    successor=self.env._(
                        "Its successor is %s.", self.type_id.successor_id.name
                    )
                    if self.type_id.successor_id
                    else "",
                )
            )
        if self.has_packages and not (self.package_id or self.allotment_ids):
            raise UserError(
                self.env._("Contract %s: choose the package that is sold.", self.name)
            )

    def _add_first_term(self):
        self.env["support.contract.term"].create(
            [
                {
                    "contract_id": contract.id,
                    "number": 1,
                    "first_day": contract.date_start,
                    "last_day": periods.term_end(
                        contract.date_start, contract.first_term_months
                    ),
                }
                for contract in self
                if not contract.term_ids
            ]
        )

    def _take_over(self, first_day, last_day, reference):
        """Activate a contract that ran before this system did: its current term is
        given, what it granted so far comes as opening balances, and grants go on with
        the next period.

        :param str reference: its number in the older system
        """
        self.ensure_one()
        self._require_manager()
        today = self.company_id._support_day()
        self.env["support.contract.term"].sudo().create(
            {
                "contract_id": self.id,
                "number": 1,
                "first_day": first_day,
                "last_day": last_day,
            }
        )
        contract = self.sudo()  # checked above
        contract._open_ledgers()
        contract._set_state("active", min(first_day, today), reference)
        terms = ((first_day, last_day),)
        for allotment in contract.allotment_ids:
            if first_day <= today:
                allotment.next_grant_day = allotment._next_grant_day(terms, today)
                if allotment.next_cut_day:
                    allotment.next_cut_day = allotment._next_cut_day(today)
        contract._grant_due()
        contract._sync_ended()
        contract.message_post(
            body=self.env._("Taken over as %s from an older system.", reference)
        )

    def _open_ledgers(self):
        """Make the ledgers that the allotments fill, one per unit and set of work
        modes, and set the day of the first grant."""
        for contract in self:
            ledgers = {
                (ledger.unit, ledger.scope): ledger for ledger in contract.ledger_ids
            }
            for allotment in contract.allotment_ids:
                scope = allotment._get_scope()
                if scope not in ledgers:
                    ledgers[scope] = self.env["support.ledger"].create(
                        contract._prepare_ledger_values(allotment)
                    )
                allotment.write(
                    {
                        "ledger_id": ledgers[scope].id,
                        "next_grant_day": contract.date_start,
                        "next_cut_day": allotment._first_cut_day(contract.date_start),
                    }
                )

    def _prepare_ledger_values(self, allotment):
        self.ensure_one()
        return {
            "contract_id": self.id,
            "unit": allotment.unit,
            "currency_id": self.currency_id.id if allotment.unit == "money" else False,
            "work_mode_ids": [Command.set(allotment.work_mode_ids.ids)],
        }

    def action_suspend(self):
        """Open the form to suspend, with day and reason."""
        self.ensure_one()
        self._require_manager()
        self._require_states(("active",), self.env._("suspended"))
        return self._open_wizard(
            "support.contract.state.change",
            self.env._("Suspend the Contract"),
            default_state="suspended",
        )

    def action_change_terms(self):
        """Open the form for a dated change of the agreed terms."""
        self.ensure_one()
        self._require_manager()
        self._require_states(("signed", "active", "suspended"), self.env._("changed"))
        return self._open_wizard(
            "support.contract.change.terms", self.env._("Change the Terms")
        )

    def action_resume(self):
        """End a suspension today. On an active contract, take back a suspension or
        termination that is planned for a later day."""
        self._require_manager()
        self._require_states(("active", "suspended"), self.env._("resumed"))
        # checked above; a termination outlives the end of a suspension
        self.filtered(
            lambda contract: contract.state == "active"
        ).sudo()._take_back_termination()
        self._set_state("active")
        self._sync_ended()

    def _take_back_termination(self):
        """The customer stays, unless notice was given for the end of the term."""
        for contract in self.filtered("terminated_on"):
            contract.terminated_on = False
            if contract.renewal_state != "declined":
                contract.churn_reason_id = False

    def action_terminate(self):
        """Open the form to terminate, with day and reason."""
        self.ensure_one()
        self._require_manager()
        self._require_states(
            ("active", "suspended", "expired"), self.env._("terminated")
        )
        return self._open_wizard(
            "support.contract.state.change",
            self.env._("Terminate the Contract"),
            default_state="terminated",
        )

    def _change_state(self, state, day, reason, churn_reason=None):
        """Suspend or terminate from ``day`` on, for ``reason``.

        :param churn_reason: ``support.churn.reason`` of a termination, why the
            customer leaves; None: it is not known, or another contract follows
        :raise UserError: without a reason, or on a day before the start
        """
        self.ensure_one()
        self._require_manager()
        if state == "suspended":
            self._require_states(("active",), self.env._("suspended"))
        else:
            self._require_states(
                ("active", "suspended", "expired"), self.env._("terminated")
            )
        if not (reason or "").strip():
            raise UserError(self.env._("Reason: say why the contract changes."))
        if day < self.date_start:
            raise UserError(
                self.env._(
                    "Day: it cannot lie before the start of the contract on %s.",
                    format_date(self.env, self.date_start),
                )
            )
        if state == "terminated":
            # checked above: a manager
            self.sudo().terminated_on = day
            if churn_reason:
                self.sudo().churn_reason_id = churn_reason
        self._set_state(state, day, reason.strip())

    def _open_wizard(self, model, name, **context):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_contract_id": self.id} | context,
        }
