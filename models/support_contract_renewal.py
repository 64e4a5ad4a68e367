# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ..tools import fees, renewal
from ..tools.periods import ONE_DAY

#: by how many days a month may be shorter than another one
MONTH_END_DAYS = 3

#: states in which the term may be followed by another one
RENEWABLE = ("active", "suspended", "expired")


class NewTerm(NamedTuple):
    """A term to add: both days inclusive, ``sale_line`` the order line that charges
    its first fee (may be empty)."""

    contract: models.Model
    first_day: object
    last_day: object
    sale_line: models.Model


class SupportContract(models.Model):
    """What comes after a term: another one, or nothing (``edge_cases.md``,
    "Renewal")."""

    _inherit = "support.contract"

    installation_ids = fields.One2many(
        comodel_name="support.installation",
        inverse_name="contract_id",
        string="Installations",
        groups="base.group_user",
    )
    renewal_state = fields.Selection(
        selection=[
            ("open", "Open"),
            ("quoted", "Quoted"),
            ("agreed", "Followed by another contract"),
            ("declined", "Will not renew"),
        ],
        string="Renewal Status",
        required=True,
        readonly=True,
        copy=False,
        default="open",
        tracking=True,
        groups="base.group_user",
        help="What has become of the renewal at the end of the current term.",
    )
    renewal_of_id = fields.Many2one(
        comodel_name="support.contract",
        string="Follows",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        groups="base.group_user",
        help="The contract that this one takes the place of.",
    )
    renewed_by_ids = fields.One2many(
        comodel_name="support.contract",
        inverse_name="renewal_of_id",
        string="Followed by",
        readonly=True,
        groups="base.group_user",
    )
    churn_reason_id = fields.Many2one(
        comodel_name="support.churn.reason",
        string="Reason for Leaving",
        readonly=True,
        copy=False,
        ondelete="restrict",
        tracking=True,
        groups="base.group_user",
    )
    notice_deadline = fields.Date(
        string="Notice until",
        compute="_compute_notice_deadline",
        groups="base.group_user",
        help="Last day on which notice may be given for the end of the term.",
    )

    _renewal_idx = models.Index(
        "(date_end) WHERE state IN ('active', 'suspended', 'expired')"
    )

    @api.depends("date_end", "cancellation_days")
    def _compute_notice_deadline(self):
        for contract in self:
            contract.notice_deadline = contract.date_end and renewal.notice_deadline(
                contract.date_end, contract.cancellation_days
            )

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {
            "renewal_state",
            "renewal_of_id",
            "renewed_by_ids",
            "churn_reason_id",
        }

    @api.model
    def _get_initial_values(self):
        return super()._get_initial_values() | {"renewal_state": "open"}

    # ------------------------------------------------------------------
    # The next term
    # ------------------------------------------------------------------

    def _check_renewable(self):
        """:raise UserError: with the reason, if no term may follow the present one:
        renewed twice, renewed after cancellation, withdrawn type (``edge_cases.md``)
        """
        for contract in self:
            reason = contract._get_renewal_bar()
            if reason:
                raise UserError(reason)

    def _get_renewal_bar(self):
        """Why no term may follow the present one, as a sentence; empty if one may."""
        self.ensure_one()
        today = self.company_id._support_day()
        if self.terminated_on:
            return self.env._(
                "Contract %(name)s was terminated from %(day)s and cannot be renewed: "
                "take the termination back first, or make a new contract.",
                name=self.name,
                day=format_date(self.env, self.terminated_on),
            )
        if self.state == "lapsed":
            return self.env._(
                "Contract %s has lapsed and cannot be renewed: reinstate it.", self.name
            )
        if self.state not in RENEWABLE:
            return self.env._(
                "Contract %(name)s cannot be renewed: it is %(state)s.",
                name=self.name,
                state=dict(self._fields["state"]._description_selection(self.env))[
                    self.state
                ],
            )
        if self.sudo().renewal_state == "declined":  # only whether
            return self.env._(
                "Notice was given for contract %(name)s, which ends on %(day)s: it "
                "cannot be renewed unless the notice is taken back.",
                name=self.name,
                day=format_date(self.env, self.date_end),
            )
        if follower := self._get_followers():
            return self.env._(
                "Contract %(name)s is followed by %(other)s already.",
                name=self.name,
                other=", ".join(follower.mapped("name")),
            )
        if max(self.term_ids.mapped("first_day"), default=today) > today:
            return self.env._(
                "Contract %(name)s has been renewed already, until %(day)s.",
                name=self.name,
                day=format_date(self.env, self.date_end),
            )
        return self._get_type_bar()

    def _get_followers(self):
        """The contracts that take, or have taken, the place of this one: only their
        numbers are shown."""
        return self.sudo().renewed_by_ids.filtered(  # see above
            lambda item: item.state not in ("draft", "offered", "terminated")
        )

    def _is_followed(self):
        """Whether another contract takes, or has taken, the place of this one."""
        self.ensure_one()
        return bool(self._get_followers())

    def _get_type_bar(self):
        """Why the type may not be renewed, as a sentence; empty if it may."""
        contract_type = self.sudo().type_id  # its name, and whether it is sold
        if not contract_type.withdrawn:
            return ""
        if contract_type.successor_id:
            return self.env._(
                "Contract type %(type)s is withdrawn and cannot be renewed: offer its "
                "successor %(successor)s.",
                type=contract_type.name,
                successor=contract_type.successor_id.name,
            )
        return self.env._(
            "Contract type %s is withdrawn and cannot be renewed: offer another type.",
            contract_type.name,
        )

    def _lock_rows(self):
        """Wait for whoever changes these contracts just now; one that was changed
        since this transaction began makes it fail and be tried again."""
        self.env.flush_all()
        if self:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE support_contract SET write_date = write_date
                     WHERE id IN (SELECT id FROM support_contract WHERE id = ANY(%s)
                                   ORDER BY id FOR NO KEY UPDATE)
                    """,
                    self.ids,
                )
            )
            self.invalidate_recordset()

    def _renew(self, months=0, fee=None, count=None, sale_line=None, after=None):
        """Let another term follow the present one. It starts on the day after the old
        end, also when the contract is renewed in its days of grace.

        The caller has checked who may do it.

        :param int months: its length, 0: that of later terms
        :param fee: fee from its first day on, untaxed, in the contract's currency;
            None: what is agreed, with the price index
        :param int count: activations from its first day on; None: as they are
        :param sale_line: ``sale.order.line`` that charges its first fee, if any
        :param date after: the end that the renewal was agreed for
        :raise UserError: with the reason, see :meth:`_check_renewable`; if the
            contract does not end on ``after`` (any more)
        """
        self.ensure_one()
        contract = self.sudo()  # see above
        contract._lock_rows()
        contract._sync_ended()  # a late night decides nothing
        contract._check_renewable()
        if after and contract.date_end != after:
            raise UserError(
                self.env._(
                    "Contract %(name)s has been renewed in the meantime, until "
                    "%(day)s: quote what comes after it.",
                    name=contract.name,
                    day=format_date(self.env, contract.date_end),
                )
            )
        first_day, last_day = renewal.next_term(
            contract.date_end, months or contract.later_term_months
        )
        contract._add_terms(
            [NewTerm(contract, first_day, last_day, sale_line or self._no_line())]
        )
        contract._agree_from(first_day, fee, count)

    @api.model
    def _no_line(self):
        return self.env["sale.order.line"]

    def _agree_from(self, day, fee, count):
        """What was agreed with the renewal counts from the first day of its term. An
        agreed fee takes the place of the price index of that day."""
        self.ensure_one()
        values = {}
        if fee is not None:
            values["fee_amount"] = fee
        if count is not None and count != self._get_planned("activation_count", day):
            values["activation_count"] = count
        if values:
            self.env["support.contract.change"].create(
                {
                    "contract_id": self.id,
                    "first_day": day,
                    "reason": self.env._("Agreed with the renewal"),
                    "values": values,
                    "allotment_quantities": {},
                    "is_renewal": True,
                }
            )._apply_due()

    def _get_planned(self, name, day):
        """A term as it will stand on ``day``, planned changes included."""
        self.ensure_one()
        value = self._get_terms_on(day)[name]
        planned = self.change_ids.filtered(
            lambda change: change.state == "planned" and change.first_day <= day
        )
        for change in planned.sorted(lambda item: (item.first_day, item.id)):
            value = (change.values or {}).get(name, value)
        return value

    def _add_terms(self, rows, reinstated=False):
        """Add terms, and set when each contract has something due next.

        :param rows: list of :class:`NewTerm`, one for each contract
        :param bool reinstated: the contracts had lapsed
        """
        self.env["support.contract.term"].create(
            [
                {
                    "contract_id": row.contract.id,
                    "number": max(row.contract.term_ids.mapped("number"), default=0)
                    + 1,
                    "first_day": row.first_day,
                    "last_day": row.last_day,
                    "sale_line_id": row.sale_line.id,
                }
                for row in rows
            ]
        )
        for row in rows:
            row.contract._resume_from(row, reinstated)
        self.env["support.contract"].union(
            *(row.contract for row in rows)
        )._message_log_batch(
            bodies={
                row.contract.id: (
                    self.env._(
                        "Reinstated from %(first)s to %(last)s.",
                        first=format_date(self.env, row.first_day),
                        last=format_date(self.env, row.last_day),
                    )
                    if reinstated
                    else self.env._(
                        "Renewed from %(first)s to %(last)s.",
                        first=format_date(self.env, row.first_day),
                        last=format_date(self.env, row.last_day),
                    )
                )
                for row in rows
            }
        )

    def _get_first_fee_day(self, term):
        """The day on which the first fee of ``term`` is due."""
        self.ensure_one()
        days = [
            fee.due
            for fee in fees.due_fees(
                self._get_fee_rule(),
                ((term.first_day, term.last_day),),
                fees.date.min,
                fees.FOREVER,
            )
        ]
        return min(days, default=False)

    def _resume_from(self, term, reinstated=False):
        """Grants, limits, fees and the price index go on with ``term``."""
        self.ensure_one()
        for allotment in self.allotment_ids:
            values = {}
            if not allotment.next_grant_day:
                values["next_grant_day"] = term.first_day
            if allotment.rollover == "quantity" and not allotment.next_cut_day:
                values["next_cut_day"] = term.first_day
            if values:
                allotment.write(values)
        values = {"renewal_state": "open"}
        due = self._get_first_fee_day(term)
        if due and not (self.next_fee_day and self.next_fee_day <= due):
            values["next_fee_day"] = due
        if not self.next_index_day or (
            # no anniversary of days without a contract
            self.next_index_day < term.first_day
            and not self._has_index_day(self.next_index_day)
        ):
            values["next_index_day"] = self._get_anniversary(term.first_day)
        index_day = values.get("next_index_day") or self.next_index_day
        if 0 < (index_day - term.first_day).days <= MONTH_END_DAYS:
            # a term of 29 February or the 31st that begins on a shorter month's end
            values["next_index_day"] = term.first_day
        self.write(values)
        if self.state in ("expired", "lapsed"):
            self._set_state(
                "active",
                term.first_day,
                self.env._("Reinstated") if reinstated else self.env._("Renewed"),
            )

    # ------------------------------------------------------------------
    # By itself
    # ------------------------------------------------------------------

    @api.model
    def _cron_renew(self):
        """Send the reminders that are due and renew what renews by itself, in
        committed batches. Nights that were missed are caught up."""
        # the latest local date that any company may already have
        tomorrow = fields.Date.add(fields.Date.today(), days=1)
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT contract.id
                  FROM support_contract contract
                 WHERE contract.state IN ('active', 'expired')
                   AND contract.terminated_on IS NULL
                   AND contract.renewal_state IN ('open', 'quoted')
                   AND (contract.renewal = 'automatic'
                        AND contract.date_end - contract.cancellation_days
                            < %(tomorrow)s
                        AND contract.not_renewed_told
                            IS DISTINCT FROM contract.date_end
                        OR contract.date_end >= %(today)s
                        AND EXISTS (
                            SELECT FROM support_contract_notice notice
                             WHERE notice.contract_id = contract.id
                               AND contract.date_end - notice.days <= %(tomorrow)s
                               AND NOT EXISTS (
                                   SELECT FROM support_renewal_notice sent
                                    WHERE sent.contract_id = contract.id
                                      AND sent.term_last_day = contract.date_end
                                      AND sent.days = notice.days)))
                 ORDER BY contract.id
                """,
                today=fields.Date.subtract(tomorrow, days=2),
                tomorrow=tomorrow,
            )
        )
        self.browse([contract_id for [contract_id] in rows])._run_job("_follow_end")

    def _follow_end(self):
        """Remind of the end, then renew."""
        self._send_notices()
        self._renew_due()

    def _renew_due(self, today=None):
        """Renew what renews by itself, all terms that were missed, oldest first.

        :param date today: for tests and simulations; default: each company's today
        """
        contracts = self.sudo().filtered(  # a job: does what is agreed
            lambda contract: contract._is_renewal_due(today)
        )
        if not contracts:
            return
        contracts._lock_rows()
        renewed = contracts.browse()
        while due := contracts.filtered(lambda item: item._is_renewal_due(today)):
            due._tell_unreminded(today)
            due._add_terms(
                [
                    NewTerm(
                        contract,
                        *renewal.next_term(
                            contract.date_end, contract._get_next_months()
                        ),
                        contract._no_line(),
                    )
                    for contract in due
                ]
            )
            renewed |= due
        renewed._mail_renewed()

    def _get_next_months(self):
        """The length of the next term, under the terms of its first day."""
        self.ensure_one()
        return self._get_terms_on(self.date_end + ONE_DAY)["later_term_months"]

    def _is_renewal_due(self, today=None):
        self.ensure_one()
        today = today or self.company_id._support_day()
        return (
            self.renewal == "automatic"
            and self.state in ("active", "expired")
            and not self.terminated_on
            and self.renewal_state in ("open", "quoted")
            and self._get_renewal_day() <= today
            and not self.type_id.withdrawn
            and not self._is_followed()
        )

    def _get_renewal_day(self):
        """The day on which the contract renews by itself."""
        self.ensure_one()
        return renewal.renewal_day(self.date_end, self.cancellation_days)

    def _tell_unreminded(self, today=None):
        """A tacit renewal is announced at least 30 days before (``edge_cases.md``).
        Where no job could, the contract goes on, and its owner asks the customer."""
        reminded = {
            (notice.contract_id, notice.term_last_day)
            for notice in self.env["support.renewal.notice"].search(
                [
                    ("contract_id", "in", self.ids),
                    ("to_customer", "=", True),
                    ("overtaken", "=", False),
                ]
            )
            if renewal.reminds_in_time(
                (notice.term_last_day - notice.day).days,
                notice.contract_id.cancellation_days,
            )
        }
        for contract in self:
            if (contract, contract.date_end) not in reminded:
                contract._tell_renewal(
                    self.env._("Renewed without a reminder in time"),
                    self.env._(
                        "The contract renews by itself after %s, and its customer was "
                        "not reminded at least 30 days before: ask whether this is "
                        "right.",
                        format_date(self.env, contract.date_end),
                    ),
                )

    def _mail_renewed(self):
        template = self.env.ref(
            "support_contract.mail_template_contract_renewed", raise_if_not_found=False
        )
        if template and self:
            template.send_mail_batch(self.ids)

    def _tell_renewal(self, summary, note, day=None):
        """An activity for the owner, once as long as it is open."""
        self.ensure_one()
        if summary not in self.activity_ids.mapped("summary"):
            self.activity_schedule(
                "support_contract.mail_activity_type_renewal",
                date_deadline=day or self.company_id._support_day(),
                summary=summary,
                note=note,
                user_id=self.user_id.id or self.env.uid,
            )

    # ------------------------------------------------------------------
    # Not renewed
    # ------------------------------------------------------------------

    def action_renew(self):
        """Open the form to renew, by a quotation or at once."""
        self.ensure_one()
        self.check_access("read")
        return self._open_wizard(
            "support.contract.renew", self.env._("Renew the Contract")
        )

    def action_decline_renewal(self):
        """Open the form to record that the contract will not be renewed."""
        self.ensure_one()
        self._require_manager()
        self._require_states(
            ("active", "suspended", "expired"), self.env._("left to end")
        )
        return self._open_wizard(
            "support.contract.decline", self.env._("Will Not Renew")
        )

    def _decline_renewal(self, day, reason, churn_reason):
        """Record that notice was given on ``day``: the contract ends with its term.

        :param churn_reason: ``support.churn.reason``
        :raise UserError: after the notice deadline of a contract that renews by
            itself, without a reason, or if it was renewed already
        """
        self.ensure_one()
        self._require_manager()
        contract = self.sudo()  # checked above
        contract._lock_rows()
        contract._sync_ended()  # a late night decides nothing
        contract._require_states(
            ("active", "suspended", "expired"), self.env._("left to end")
        )
        if contract.renewal_state in ("declined", "agreed"):
            raise UserError(
                self.env._("The renewal of contract %s is decided already.", self.name)
            )
        if not (reason or "").strip():
            raise UserError(self.env._("Note: say how notice was given."))
        if not churn_reason:
            raise UserError(self.env._("Reason for Leaving: choose one."))
        today = contract.company_id._support_day()
        if day > today:
            raise UserError(
                self.env._("Day of the notice: it cannot lie in the future.")
            )
        # a term that began after the notice was renewed in spite of it
        begun = [first for first, _last in contract._get_term_days() if first > day]
        if begun:
            raise UserError(
                self.env._(
                    "Contract %(name)s has been renewed already, until %(day)s: "
                    "terminate it instead.",
                    name=self.name,
                    day=format_date(self.env, contract.date_end),
                )
            )
        contract.write(
            {"renewal_state": "declined", "churn_reason_id": churn_reason.id}
        )
        contract.activity_unlink(["support_contract.mail_activity_type_renewal"])
        contract.message_post(
            body=self.env._(
                "Will not be renewed after %(end)s. Notice of %(day)s: %(reason)s",
                end=format_date(self.env, contract.date_end),
                day=format_date(self.env, day),
                reason=reason.strip(),
            )
        )

    def action_reopen_renewal(self):
        """Take a notice back: the contract may be renewed again."""
        self._require_manager()
        for contract in self:
            if contract.renewal_state != "declined":
                raise UserError(
                    self.env._("No notice was given for contract %s.", contract.name)
                )
        # checked above
        self.sudo().write({"renewal_state": "open", "churn_reason_id": False})
        for contract in self:
            contract.message_post(body=self.env._("The notice is taken back."))
