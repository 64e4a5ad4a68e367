# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..tools import fees
from .support_contract import OPEN_STATES

#: states in which stated and counted activations are compared
COMPARED_STATES = (*OPEN_STATES, "signed", "active", "suspended")


class SupportContract(models.Model):
    """Activations that the customer has stated, and those that are really in use: at
    activation, and as often as they are counted (S9: "the data will be compared with
    the number of licences really in use, and updated")."""

    _inherit = "support.contract"

    activation_count_ids = fields.One2many(
        comodel_name="support.activation.count",
        inverse_name="contract_id",
        string="Counts",
        readonly=True,
        groups="base.group_user",
    )
    activation_decision_ids = fields.One2many(
        comodel_name="support.activation.decision",
        inverse_name="contract_id",
        string="Decisions",
        readonly=True,
        groups="base.group_user",
    )
    activations_counted = fields.Integer(
        string="Counted",
        compute="_compute_activations_counted",
        store=True,
        recursive=True,
        groups="base.group_user",
        help="Activations really in use: the sum of the contract's installations, or "
        "the count of the whole contract, whichever is newer.",
    )
    activations_counted_on = fields.Date(
        string="Counted On",
        compute="_compute_activations_counted",
        store=True,
        recursive=True,
        groups="base.group_user",
    )
    activation_difference = fields.Integer(
        string="Difference",
        compute="_compute_activation_review",
        store=True,
        groups="base.group_user",
        help="Counted less stated activations.",
    )
    activation_review = fields.Selection(
        selection=[
            ("uncounted", "Not counted"),
            ("same", "As stated"),
            ("differs", "To be reviewed"),
            ("kept", "Stated number kept"),
        ],
        string="Comparison",
        compute="_compute_activation_review",
        store=True,
        index="btree_not_null",
        groups="base.group_user",
        help="How the stated activations compare with the counted ones. Empty where "
        "they do not matter.",
    )
    activation_notice = fields.Char(
        compute="_compute_activation_notice", groups="base.group_user"
    )
    activation_value = fields.Monetary(
        string="Value of the Difference",
        compute="_compute_activation_value",
        groups="support_contract.group_support_user",
        help="Untaxed fee of the activations that are not paid for, for the days left "
        "of the present fee period. Fewer activations count from the next one on.",
    )

    # ------------------------------------------------------------------
    # Comparison
    # ------------------------------------------------------------------

    @api.depends(
        "activation_count_ids",
        "activation_count_ids.installation_id.active",
        "activation_count_ids.installation_id.contract_id",
        "activation_count_ids.installation_id.counted_on",
        "activation_count_ids.installation_id.activations_counted",
        "installation_ids.active",
        "installation_ids.counted_on",
        "installation_ids.activations_counted",
        "renewal_of_id.activations_counted",
        "renewal_of_id.activations_counted_on",
    )
    def _compute_activations_counted(self):
        """A sum of installations counts only if all of them were counted; its day is
        that of the oldest count in it. A contract that takes the place of another one
        begins with what was counted there."""
        for contract in self:
            counts = contract.activation_count_ids
            whole = counts.filtered(lambda count: not count.installation_id).sorted(
                lambda count: (count.day, count.revision)
            )[-1:]
            number, day = whole.number, whole.day
            installations = contract._get_counted_installations()
            days = installations.mapped("counted_on")
            if days and all(days) and min(days) >= (day or min(days)):
                number = sum(installations.mapped("activations_counted"))
                day = min(days)
            if not day:
                number = contract.renewal_of_id.activations_counted
                day = contract.renewal_of_id.activations_counted_on
            contract.activations_counted = number
            contract.activations_counted_on = day

    def _get_counted_installations(self):
        """The installations whose activations the contract is for: those that it
        covers, and before it covers any those that were counted for it."""
        self.ensure_one()
        counted = self.activation_count_ids.installation_id.filtered(
            lambda installation: not installation.contract_id
        )
        return (self.installation_ids | counted).filtered("active")

    @api.depends(
        "activation_count",
        "activations_counted",
        "activations_counted_on",
        "activation_count_ids",
        "activation_decision_ids",
        "fee_basis",
        "compare_activations",
        "state",
    )
    def _compute_activation_review(self):
        for contract in self:
            contract.activation_difference = 0
            contract.activation_review = False
            if not contract._compares_activations():
                continue
            if not contract.activations_counted_on:
                contract.activation_review = "uncounted"
                continue
            difference = contract.activations_counted - contract.activation_count
            contract.activation_difference = difference
            if not difference:
                contract.activation_review = "same"
            elif contract._keeps_stated():
                contract.activation_review = "kept"
            else:
                contract.activation_review = "differs"

    @api.depends("activation_review", "activation_count", "activations_counted")
    @api.depends_context("lang")
    def _compute_activation_notice(self):
        for contract in self:
            contract.activation_notice = contract.activation_review == "differs" and (
                self.env._(
                    "The customer has stated %(stated)s activations, %(counted)s were "
                    "counted on %(day)s.",
                    stated=contract.activation_count,
                    counted=contract.activations_counted,
                    day=format_date(self.env, contract.activations_counted_on),
                )
            )

    def _compares_activations(self):
        self.ensure_one()
        return self.state in COMPARED_STATES and (
            self.fee_basis == "activation" or self.compare_activations
        )

    @api.model
    def _get_compared_domain(self):
        """Contracts for which the number of activations matters."""
        return Domain("fee_basis", "=", "activation") | Domain(
            "compare_activations", "=", True
        )

    def _keeps_stated(self):
        """Whether somebody has decided to keep the stated number, and nothing was
        counted or stated since."""
        self.ensure_one()
        last = self.activation_decision_ids.sorted("id")[-1:]
        return last.decision == "kept" and (
            last.stated,
            last.counted,
            last.counted_on,
            last.count_id,
        ) == (
            self.activation_count,
            self.activations_counted,
            self.activations_counted_on,
            self._get_last_count(),
        )

    def _get_last_count(self):
        """The count that was entered last, whatever its day."""
        self.ensure_one()
        return self.activation_count_ids.sorted("id")[-1:]

    @api.depends("activation_difference", "fee_amount", "date_end", "terminated_on")
    def _compute_activation_value(self):
        """What accepting today would charge."""
        more = self.filtered(
            lambda contract: (
                contract.activation_difference > 0
                and contract.fee_basis == "activation"
                and contract.fee_amount
            )
        )
        self.activation_value = 0.0
        periods = {contract: contract._get_present_period() for contract in more}
        charged = self.env["support.charge"]._read_group(
            [
                (
                    "key",
                    "in",
                    [
                        f"fee:{contract.id}:{period.first_day}"
                        for contract, period in periods.items()
                        if period
                    ],
                )
            ],
            ["contract_id"],
            ["quantity:sum"],
        )
        charged = {contract.id: quantity for contract, quantity in charged}
        for contract, period in periods.items():
            if period:
                contract.activation_value = contract._price_difference(
                    period, int(charged.get(contract.id, 0))
                )

    def _get_present_period(self):
        """The fee period of today; of a contract that has not begun, its first one.
        None if there is none."""
        self.ensure_one()
        rule, terms = self._get_fee_rule(), self._get_term_days()
        if not terms:
            terms = ((self.date_start, self.date_end),)
        today = max(self.company_id._support_day(), self.date_start)
        if self.terminated_on and self.terminated_on <= today:
            return None
        return fees.period_of(rule, terms, today, self.terminated_on)

    def _price_difference(self, period, charged):
        """The fee of what is counted and not paid for, from today to the end of
        ``period``; a contract that has not begun pays for it from its start.

        :param int charged: for how many activations the period has been charged
        """
        self.ensure_one()
        first_day = period.first_day
        if self.state in ("active", "suspended"):
            first_day = max(self.company_id._support_day(), first_day)
        changes = self.change_ids.filtered(
            lambda change: (
                change.state == "applied"
                and period.first_day < change.first_day <= first_day
            )
        )
        paid = max(
            self.activation_count,
            charged,
            *((change.values or {}).get("activation_count", 0) for change in changes),
            *((change.before or {}).get("activation_count", 0) for change in changes),
        )
        return self._prorate(
            self.fee_amount,
            (period.last_day - first_day).days + 1,
            period.full_days if self.fee_prorated else period.days,
            max(self.activations_counted - paid, 0),
        )

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {
            "activation_count_ids",
            "activation_decision_ids",
        }

    @api.model
    def _get_computed_fields(self):
        return super()._get_computed_fields() | {
            "activations_counted",
            "activations_counted_on",
            "activation_difference",
            "activation_review",
        }

    # ------------------------------------------------------------------
    # Counting
    # ------------------------------------------------------------------

    def _lock_activations(self):
        """Make counts and decisions of the same contract wait for each other. A lock
        alone would let a transaction with an older snapshot decide from what is no
        longer true; writing the row makes it fail and be tried again."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE support_contract SET write_date = write_date "
                "WHERE id IN (SELECT id FROM support_contract WHERE id = ANY(%s) "
                "ORDER BY id FOR NO KEY UPDATE)",
                self.ids,
            )
        )

    def _take_counts(self):
        """A draft that nobody was offered yet simply takes what was counted."""
        for contract in self:
            if (
                contract.state == "draft"
                and contract.activation_review == "differs"
                and contract.activations_counted >= 1
                and contract._has_fresh_count()
                and contract.has_access("write")
            ):
                contract._accept_counted(self.env._("Counted while it was a draft"))

    def _has_fresh_count(self):
        """Whether the count is recent enough to activate the contract with."""
        self.ensure_one()
        counted_on, company = self.activations_counted_on, self.company_id
        if not counted_on:
            return False
        days = company.support_count_days
        return not days or counted_on >= company._support_day() - timedelta(days=days)

    def action_enter_count(self):
        """Open the form for a count by hand."""
        self.ensure_one()
        self.env["support.activation.count"]._require_count_right()
        return self._open_wizard(
            "support.contract.count", self.env._("Enter Counted Activations")
        )

    # ------------------------------------------------------------------
    # Review
    # ------------------------------------------------------------------

    def action_review_activations(self):
        """Open the form that compares, with one or many contracts."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Review Activations"),
            "res_model": "support.activation.review",
            "view_mode": "form",
            "target": "new",
            "context": {"default_contract_ids": self.ids, "dialog_size": "large"},
        }

    def _accept_counted(self, reason=None):
        """Take the counted number of activations over: in a draft or an offer as it
        stands, afterwards by a dated change from today on (before the start: from the
        start on), which charges the days left for more of them. Fewer take effect at
        the next fee period.

        :param str reason: kept with the decision and the change
        :return: the ``support.contract.change``, empty for drafts
        :raise UserError: if nothing differs, nobody uses it any more, the contract is
            over, or the user may not change it
        """
        self.ensure_one()
        self._check_review()
        stated, counted = self.activation_count, self.activations_counted
        if counted < 1:
            raise UserError(
                self.env._(
                    "Contract %s: no activation is in use, and it needs one at least. "
                    "Keep the stated number, or terminate the contract.",
                    self.name,
                )
            )
        text = self.env._(
            "%(counted)s activations counted on %(day)s instead of %(stated)s",
            counted=counted,
            day=format_date(self.env, self.activations_counted_on),
            stated=stated,
        )
        reason = (reason or "").strip()
        reason = f"{text}: {reason}" if reason else text
        decision = self._prepare_decision_values("accepted", reason)
        change = self.env["support.contract.change"]
        if self.state in OPEN_STATES:
            self.activation_count = counted
            self.message_post(body=reason)
        else:
            today = self.company_id._support_day()
            first_day = today
            if self.state == "signed":
                # its first fee will be the new one
                first_day = min(today, self.date_start)
            # checked above; nobody has a right to write changes
            change = change.sudo().create(
                {
                    "contract_id": self.id,
                    "first_day": first_day,
                    "reason": reason,
                    "values": {"activation_count": counted},
                }
            )
            change._apply_due()
        # checked above; nobody has a right to write decisions
        self.env["support.activation.decision"].sudo().create(
            decision | {"change_id": change.id}
        )
        return change.sudo(False)

    def _keep_stated(self, reason):
        """Keep the stated number of activations until the next count.

        :param str reason: why, needed
        :raise UserError: without a reason, if nothing differs, or for everybody but
            contract managers
        """
        self.ensure_one()
        self._check_review()
        self._require_manager()
        if not (reason or "").strip():
            raise UserError(self.env._("Reason: say why the stated number is kept."))
        # checked above; nobody has a right to write decisions
        self.env["support.activation.decision"].sudo().create(
            self._prepare_decision_values("kept", reason.strip())
        )
        self.message_post(
            body=self.env._(
                "%(counted)s activations counted on %(day)s, the stated %(stated)s are "
                "kept: %(reason)s",
                counted=self.activations_counted,
                day=format_date(self.env, self.activations_counted_on),
                stated=self.activation_count,
                reason=reason.strip(),
            )
        )

    def _check_review(self):
        self._require_states(COMPARED_STATES, self.env._("reviewed"))
        if self.state in OPEN_STATES:
            self.check_access("write")
        else:
            self._require_manager()
        self._lock_activations()
        self.invalidate_recordset()
        if self.activation_review not in ("differs", "kept"):
            raise UserError(
                self.env._(
                    "Contract %s: the counted activations do not differ from the "
                    "stated ones.",
                    self.name,
                )
            )

    def _prepare_decision_values(self, decision, reason):
        return {
            "contract_id": self.id,
            "decision": decision,
            "stated": self.activation_count,
            "counted": self.activations_counted,
            "counted_on": self.activations_counted_on,
            "count_id": self._get_last_count().id,
            "day": self.company_id._support_day(),
            "reason": reason,
            "user_id": self.env.uid,
        }

    # ------------------------------------------------------------------
    # Activation of the contract
    # ------------------------------------------------------------------

    def _check_activation(self):
        """Where the terms ask for it, a contract starts only with activations that
        were counted lately and agree with the stated ones, or whose difference
        somebody has decided about."""
        result = super()._check_activation()
        # who activates need not be able to read counts
        contract = self.sudo()
        if not contract.compare_activations:
            return result
        if not contract.activations_counted_on:
            raise UserError(
                self.env._(
                    "Contract %s: its activations must be counted before it is "
                    "activated. Enter or import a count.",
                    self.name,
                )
            )
        if not contract._has_fresh_count():
            raise UserError(
                self.env._(
                    "Contract %(contract)s: its activations were last counted on "
                    "%(day)s, more than %(days)s days ago. Count again before it is "
                    "activated.",
                    contract=self.name,
                    day=format_date(self.env, contract.activations_counted_on),
                    days=contract.company_id.support_count_days,
                )
            )
        if contract.activation_review == "differs":
            raise UserError(
                self.env._(
                    "Contract %(contract)s: the customer has stated %(stated)s "
                    "activations, and %(counted)s were counted on %(day)s. Review the "
                    "difference before it is activated.",
                    contract=self.name,
                    stated=contract.activation_count,
                    counted=contract.activations_counted,
                    day=format_date(self.env, contract.activations_counted_on),
                )
            )
        return result

    def action_view_counts(self):
        """The counts of the contract."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_activation_count_action"
        )
        return action | {"domain": [("contract_id", "=", self.id)], "context": {}}
