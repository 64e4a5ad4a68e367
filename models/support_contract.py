# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ..tools import periods
from .support_contract_status import STATES
from .support_terms_mixin import TERMS_TO_CHANGE

#: states in which the terms may still be changed freely
OPEN_STATES = ("draft", "offered")


class SupportContract(models.Model):
    """One customer's agreement of a type, with its own copies of all terms. Jobs and
    decisions read only these copies. They change freely until the contract is signed
    or active."""

    _name = "support.contract"
    _description = "Support Contract"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "portal.mixin",
        "support.terms.mixin",
        "support.job.mixin",
    ]
    _order = "name desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        string="Number", required=True, readonly=True, copy=False, default="/"
    )
    active = fields.Boolean(default=True)
    type_id = fields.Many2one(
        comodel_name="support.contract.type",
        string="Contract Type",
        required=True,
        check_company=True,
        ondelete="restrict",
        tracking=True,
        index=True,
        domain="[('withdrawn', '=', False)]",
    )
    package_id = fields.Many2one(
        comodel_name="product.product",
        string="Package",
        check_company=True,
        ondelete="restrict",
        domain="[('support_contract_type_id', '=', type_id), "
        "('support_sells', '=', 'package')]",
        help="The package sold, for contract types that sell packages.",
    )
    has_packages = fields.Boolean(compute="_compute_has_packages")
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
        tracking=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        help="Answers for the contract: gets the activities and warnings.",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        check_company=True,
        tracking=True,
        ondelete="restrict",
        index=True,
    )
    commercial_partner_id = fields.Many2one(
        comodel_name="res.partner",
        compute="_compute_commercial_partner_id",
        store=True,
        index=True,
    )
    signatory_id = fields.Many2one(
        comodel_name="res.partner",
        string="Signatory",
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
        help="Signs the contract for the customer.",
    )
    orderer_ids = fields.Many2many(
        comodel_name="res.partner",
        relation="support_contract_orderer_rel",
        string="May Order and Pay",
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
    )
    caller_ids = fields.Many2many(
        comodel_name="res.partner",
        relation="support_contract_caller_rel",
        string="May Ask for Help",
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
        help="Empty: everybody of the customer.",
    )
    state = fields.Selection(
        selection=STATES,
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        tracking=True,
        index=True,
    )
    status_ids = fields.One2many(
        comodel_name="support.contract.status",
        inverse_name="contract_id",
        string="History",
        readonly=True,
    )
    change_ids = fields.One2many(
        comodel_name="support.contract.change",
        inverse_name="contract_id",
        string="Changes of Terms",
        readonly=True,
    )
    date_start = fields.Date(
        string="Start",
        required=True,
        default=lambda self: self.env.company._support_day(),
        tracking=True,
        help="First day of the first term.",
    )
    date_end = fields.Date(
        string="End",
        compute="_compute_date_end",
        store=True,
        help="Last day of the last term, inclusive.",
    )
    terminated_on = fields.Date(
        readonly=True, copy=False, help="First day without the contract."
    )
    term_ids = fields.One2many(
        comodel_name="support.contract.term",
        inverse_name="contract_id",
        string="Terms",
        readonly=True,
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        string="Fee",
        check_company=True,
        ondelete="restrict",
        domain="[('type', '=', 'service')]",
    )
    fee_amount = fields.Monetary(
        tracking=True,
        groups="support_contract.group_support_user,base.group_portal",
        help="Untaxed fee for each fee period, per contract or per activation.",
    )
    activation_count = fields.Integer(
        string="Activations",
        default=1,
        help="Machines or activations that the fee is due for.",
    )
    fee_total = fields.Monetary(
        string="Fee per Period",
        compute="_compute_fee_total",
        store=True,
        groups="support_contract.group_support_user,base.group_portal",
    )
    allotment_ids = fields.One2many(
        comodel_name="support.contract.allotment",
        inverse_name="contract_id",
        string="Allotments",
        copy=True,
    )
    request_ids = fields.One2many(
        comodel_name="support.contract.request",
        inverse_name="contract_id",
        string="Request Types",
        copy=True,
    )
    work_mode_terms_ids = fields.One2many(
        comodel_name="support.contract.work.mode",
        inverse_name="contract_id",
        string="Minimum and Step",
        copy=True,
    )
    threshold_ids = fields.One2many(
        comodel_name="support.contract.threshold",
        inverse_name="contract_id",
        string="Low Balance Warnings",
        copy=True,
    )
    coverage_ids = fields.One2many(
        comodel_name="support.contract.coverage",
        inverse_name="contract_id",
        string="Coverage Hours",
        copy=True,
    )
    sla_policy_id = fields.Many2one(
        domain="[('contract_id', 'in', (False, id))]",
    )
    sla_policy_ids = fields.One2many(
        comodel_name="support.sla.policy",
        inverse_name="contract_id",
        string="SLA Policies of Its Own",
        readonly=True,
        groups="base.group_user",
    )
    ledger_ids = fields.One2many(
        comodel_name="support.ledger",
        inverse_name="contract_id",
        string="Ledgers",
        readonly=True,
    )
    analytic_account_id = fields.Many2one(
        comodel_name="account.analytic.account",
        check_company=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        groups="support_contract.group_support_user",
        help="Cost of the hours worked for the contract, and its revenue. Made with "
        "the first of them if empty.",
    )
    charge_ids = fields.One2many(
        comodel_name="support.charge",
        inverse_name="contract_id",
        string="Charges",
        readonly=True,
        groups="support_contract.group_support_user",
    )
    signed_on = fields.Date(readonly=True, copy=False, tracking=True)
    signed_by = fields.Char(readonly=True, copy=False)
    signature_scan = fields.Binary(
        attachment=True, readonly=True, copy=False, groups="base.group_user"
    )
    signature_filename = fields.Char(
        readonly=True, copy=False, groups="base.group_user"
    )
    internal_note = fields.Html(groups="base.group_user")
    ticket_ids = fields.One2many(
        comodel_name="helpdesk.ticket",
        inverse_name="support_contract_id",
        string="Tickets",
        readonly=True,
    )
    ticket_count = fields.Integer(compute="_compute_counts", compute_sudo=False)
    intervention_count = fields.Integer(compute="_compute_counts", compute_sudo=False)
    entry_count = fields.Integer(compute="_compute_counts", compute_sudo=False)

    _name_unique = models.Constraint(
        "UNIQUE (company_id, name)",
        "The number of a contract must be unique in its company.",
    )
    _change_hours_positive = models.Constraint(
        "CHECK (portal_change_hours >= 0)",
        "Customers change dates some hours before the start, or not at all: enter 0 "
        "or more hours.",
    )
    _numbers_positive = models.Constraint(
        "CHECK (first_term_months >= 1 AND later_term_months >= 1 "
        "AND gate_minutes >= 0 AND activation_count >= 1 AND fee_amount >= 0 "
        "AND reopen_free_days >= 0 AND notice_hours >= 0 AND overdue_days >= 0 "
        "AND overdue_notice_days >= 0 "
        "AND cancellation_days >= 0 AND grace_days >= 0)",
        "Terms last at least one month, there is at least one activation, and neither "
        "the fee, the minimum cover, the notice nor any number of days can be "
        "negative.",
    )
    _surcharges_limit = models.Constraint(
        "CHECK (outside_surcharge >= 0 AND outside_surcharge <= 900 "
        "AND day_off_surcharge >= 0 AND day_off_surcharge <= 900 "
        "AND travel_percent >= 0 AND travel_percent <= 900 "
        "AND fee_index_percent > -100 AND fee_index_percent <= 900 "
        "AND fee_index_amount > -1e12 AND fee_index_amount < 1e12)",
        "Surcharges and the travel rate are percentages from 0 to 900, the price index "
        "is one from -100 to 900.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("name", "type_id.name")
    def _compute_display_name(self):
        for contract in self:
            contract.display_name = f"{contract.name} {contract.type_id.name or ''}"

    @api.depends("partner_id")
    def _compute_commercial_partner_id(self):
        """Not a related field: a contact who changes employer does not take the
        contract along."""
        for contract in self:
            contract.commercial_partner_id = contract.partner_id.commercial_partner_id

    @api.depends("type_id")
    def _compute_has_packages(self):
        counts = dict(
            self.env["product.template"]._read_group(
                [
                    ("support_contract_type_id", "in", self.type_id.ids),
                    ("support_sells", "=", "package"),
                ],
                ["support_contract_type_id"],
                ["__count"],
            )
        )
        for contract in self:
            contract.has_packages = bool(counts.get(contract.type_id))

    @api.depends("date_start", "first_term_months", "term_ids.last_day")
    def _compute_date_end(self):
        for contract in self:
            last_days = contract.term_ids.mapped("last_day")
            if last_days:
                contract.date_end = max(last_days)
            elif contract.date_start and contract.first_term_months >= 1:
                contract.date_end = periods.term_end(
                    contract.date_start, contract.first_term_months
                )
            else:
                contract.date_end = False

    @api.depends("fee_amount", "fee_basis", "activation_count")
    def _compute_fee_total(self):
        for contract in self:
            count = (
                contract.activation_count if contract.fee_basis == "activation" else 1
            )
            contract.fee_total = contract.fee_amount * count

    def _compute_counts(self):
        def counts(model):
            field = "support_contract_id" if model == "helpdesk.ticket" else None
            field = field or "contract_id"
            return {
                contract.id: count
                for contract, count in self.env[model]._read_group(
                    [(field, "in", self.ids)], [field], ["__count"]
                )
            }

        tickets = counts("helpdesk.ticket")
        interventions = counts("support.intervention")
        entries = counts("support.ledger.entry")
        for contract in self:
            contract.ticket_count = tickets.get(contract.id, 0)
            contract.intervention_count = interventions.get(contract.id, 0)
            contract.entry_count = entries.get(contract.id, 0)

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for contract in self:
            contract.access_url = f"/my/support-contracts/{contract.id}"
        return result

    # ------------------------------------------------------------------
    # Constraints and onchanges
    # ------------------------------------------------------------------

    @api.constrains("partner_id", "signatory_id", "orderer_ids", "caller_ids")
    def _check_contacts(self):
        for contract in self:
            people = contract.signatory_id | contract.orderer_ids | contract.caller_ids
            strangers = people.filtered(
                lambda partner, customer=contract.commercial_partner_id: (
                    partner.commercial_partner_id != customer
                )
            )
            if strangers:
                raise ValidationError(
                    self.env._(
                        "%(people)s do not belong to the customer %(customer)s: "
                        "choose contacts of that customer.",
                        people=", ".join(strangers.mapped("display_name")),
                        customer=contract.commercial_partner_id.name,
                    )
                )

    @api.constrains("type_id", "package_id")
    def _check_package(self):
        for contract in self.filtered("package_id"):
            if contract.package_id.support_contract_type_id != contract.type_id:
                raise ValidationError(
                    self.env._(
                        "Package %(package)s is not one of contract type %(type)s.",
                        package=contract.package_id.display_name,
                        type=contract.type_id.name,
                    )
                )

    @api.onchange("type_id")
    def _onchange_type_id(self):
        if self.package_id.support_contract_type_id != self.type_id:
            self.package_id = False
        self._apply_terms()

    @api.onchange("package_id")
    def _onchange_package_id(self):
        self._apply_terms()

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        people = self.signatory_id | self.orderer_ids._origin | self.caller_ids._origin
        if people.commercial_partner_id - self.partner_id.commercial_partner_id:
            self.signatory_id = False
            self.orderer_ids = False
            self.caller_ids = False

    def _apply_terms(self):
        """In a form: take over the terms of the type just chosen."""
        if not self.type_id:
            return
        values = self._prepare_terms_values(
            self.type_id, self.package_id, self.currency_id, self.company_id
        )
        for name in [
            "allotment_ids",
            "request_ids",
            "work_mode_terms_ids",
            "threshold_ids",
            "notice_ids",
            "reinstatement_ids",
            "coverage_ids",
        ]:
            values[name] = [Command.clear()] + values[name]
        self.update(values)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def _prepare_terms_values(self, contract_type, package, currency, company):
        """Values of a contract's own copy of the terms of ``contract_type`` (and of
        the ``package`` sold under it, which may be empty)."""
        values = {
            name: contract_type._fields[name].convert_to_write(
                contract_type[name], contract_type
            )
            for name in contract_type._get_terms_fields()
        }
        product = package or contract_type.product_id
        allotments = [
            allotment._prepare_copy_values()
            for allotment in contract_type.allotment_ids
        ]
        if package:
            values["first_term_months"] = package.support_validity_months
            values["fee_period"] = "term"
            allotments.append(
                {
                    "unit": package.support_unit,
                    "quantity": company.currency_id._convert(
                        package.support_quantity,
                        currency,
                        company,
                        company._support_day(),
                    )
                    if package.support_unit == "money"
                    else package.support_quantity,
                    "recurrence": "once",
                    "end_policy": "forfeited",
                }
            )
        values |= {
            "product_id": product.id,
            "fee_amount": product
            and contract_type.pricelist_id._get_product_price(
                product.with_company(company), 1.0, currency=currency
            )
            or 0.0,
            "allotment_ids": [Command.create(line) for line in allotments],
            "request_ids": [
                Command.create(line._prepare_copy_values())
                for line in contract_type.request_ids
            ],
            "work_mode_terms_ids": [
                Command.create(line._prepare_copy_values())
                for line in contract_type.work_mode_terms_ids
            ],
            "threshold_ids": [
                Command.create(line._prepare_copy_values())
                for line in contract_type.threshold_ids
            ],
            "notice_ids": [
                Command.create(line._prepare_copy_values())
                for line in contract_type.notice_ids
            ],
            "reinstatement_ids": [
                Command.create(line._prepare_copy_values())
                for line in contract_type.reinstatement_ids
            ],
            "coverage_ids": [
                Command.create(line._prepare_copy_values())
                for line in contract_type.coverage_ids
            ],
        }
        return values

    @api.model_create_multi
    def create(self, vals_list):
        prepared = []
        for vals in vals_list:
            company = self.env["res.company"].browse(
                vals.get("company_id") or self.env.company.id
            )
            if not self.env.su:
                self._check_protected(vals)
                vals = vals | self._get_initial_values()
            contract_type = self.env["support.contract.type"].browse(
                vals.get("type_id")
            )
            required = contract_type.signature_required
            if bool(vals.get("signature_required", required)) != required:
                self._require_signature_right()
            terms = {}
            if contract_type:
                currency = (
                    self.env["res.currency"].browse(vals.get("currency_id"))
                    or company.currency_id
                )
                terms = self._prepare_terms_values(
                    contract_type,
                    self.env["product.product"].browse(vals.get("package_id")),
                    currency,
                    company,
                )
                terms["currency_id"] = currency.id
            values = terms | vals
            if values.get("name", "/") == "/":
                values["name"] = (
                    self.env["ir.sequence"]
                    .with_company(company)
                    .next_by_code("support.contract")
                    or "/"
                )
            prepared.append(values)
        contracts = super().create(prepared)
        for name in self._get_computed_fields():
            self.env.add_to_compute(self._fields[name], contracts)
        # the history starts with the draft; nobody may write it, so it is superuser's
        self.env["support.contract.status"].sudo().create(
            [
                {
                    "contract_id": contract.id,
                    "state": contract.state,
                    "first_day": contract.company_id._support_day(),
                }
                for contract in contracts
            ]
        )
        contracts._own_sla_policy()
        return contracts

    def write(self, vals):
        if not self.env.su:
            self._check_protected(vals)
        if self._get_agreed_fields() & vals.keys():
            self._check_terms_open()
        if "active" in vals and not vals["active"]:
            self._check_archivable()
        retyped = self._check_signature_required(vals)
        result = super().write(vals)
        for contract in retyped:
            contract._write_agreed(
                {"signature_required": contract.type_id.signature_required}
            )
        if "sla_policy_id" in vals:
            self._own_sla_policy()
        return result

    def copy_data(self, default=None):
        values_list = super().copy_data(default=default)
        if "sla_policy_id" not in (default or {}):
            for values in values_list:
                # another contract's own: copy() makes one for the twin
                values["sla_policy_id"] = False
        return values_list

    def copy(self, default=None):
        """A twin promises what its original does, in a policy of its own."""
        twins = super().copy(default=default)
        if "sla_policy_id" not in (default or {}):
            # copies what the user has copied
            twins._give_sla_policies(
                [
                    (contract.sla_policy_id, twin)
                    for contract, twin in zip(self.sudo(), twins.sudo(), strict=True)
                    if contract.sla_policy_id
                ]
            )
        return twins

    def _own_sla_policy(self):
        """Give each contract its own copy of the policy that was chosen for it, and
        drop copies that it does not use any more and never agreed."""
        # copies what the user chose; nobody writes an agreed policy
        contracts = self.sudo()
        chosen = contracts.filtered(
            lambda contract: (
                contract.sla_policy_id
                and contract.sla_policy_id.contract_id != contract
            )
        )
        chosen.sla_policy_id._check_catalogue()
        self._give_sla_policies([(item.sla_policy_id, item) for item in chosen])
        opened = contracts.filtered(lambda contract: contract.state in OPEN_STATES)
        (opened.sla_policy_ids - opened.sla_policy_id).unlink()

    @api.model
    def _give_sla_policies(self, pairs):
        """``[(policy, contract), ...]``: each contract gets its own copy."""
        # what the callers have checked: a user has no right to agreed policies
        copies = self.env["support.sla.policy"].sudo()._give_copies(pairs)
        for policy, (_original, contract) in zip(copies, pairs, strict=True):
            contract._write_agreed({"sla_policy_id": policy.id})

    def _write_agreed(self, vals):
        """Write agreed terms: only for a dated change, which has checked them."""
        return super().write(vals)

    def _fee_pays(self, work_mode):
        """Whether the fee alone pays for help in ``work_mode``: nothing is allotted,
        and the contract names this work mode or none."""
        self.ensure_one()
        modes = self.fee_work_mode_ids
        return (
            self.fee_pays_help
            and not self.allotment_ids
            and (not modes or work_mode in modes)
        )

    def _get_stored_value(self, name):
        """A field as it is stored: the id of a record, else the value."""
        self.ensure_one()
        value = self[name]
        return value.id if self._fields[name].type == "many2one" else value

    def _get_terms_on(self, day):
        """The terms that decide about work on ``day``, by name of the field: what a
        later change replaced counts for the days before it."""
        self.ensure_one()
        terms = {name: self._get_stored_value(name) for name in TERMS_TO_CHANGE}
        changes = self.change_ids.filtered(
            lambda change: change.state == "applied" and change.first_day > day
        )
        for change in changes.sorted(lambda item: (item.first_day, item.id))[::-1]:
            terms |= change.before or {}
        return terms

    @api.ondelete(at_uninstall=False)
    def _unlink_except_agreed(self):
        for contract in self:
            if contract.state not in OPEN_STATES:
                raise UserError(
                    self.env._(
                        "Contract %s is not a draft any more: terminate it instead of "
                        "deleting it.",
                        contract.name,
                    )
                )

    @api.model
    def _get_protected_fields(self):
        """Fields that only the contract's own methods set, never a form or RPC."""
        return {
            "name",
            "state",
            "status_ids",
            "change_ids",
            "term_ids",
            "ledger_ids",
            *self._get_computed_fields(),
            "terminated_on",
            "signed_on",
            "signed_by",
            "signature_scan",
            "signature_filename",
            "access_token",
            "job_error",
            "job_error_method",
        }

    @api.model
    def _get_initial_values(self):
        """What the protected fields start with, named so that no default of the
        caller's context or own takes effect."""
        names = self._get_protected_fields() - self._get_computed_fields()
        return {
            name: [] if self._fields[name].type == "one2many" else False
            for name in names
        } | {"name": "/", "state": "draft"}

    @api.model
    def _get_computed_fields(self):
        """Stored fields that follow from others, which nobody may set."""
        return {"date_end", "fee_total", "commercial_partner_id"}

    @api.model
    def _get_agreed_fields(self):
        """Fields that are agreed with the customer, fixed once signed or active."""
        return {
            *self._get_terms_fields(),
            "type_id",
            "package_id",
            "partner_id",
            "company_id",
            "currency_id",
            "date_start",
            "product_id",
            "fee_amount",
            "activation_count",
        }

    def _check_protected(self, vals):
        names = sorted(self._get_protected_fields() & vals.keys())
        if names == ["state"] and vals["state"] == "draft" and not self:
            return
        if names:
            raise UserError(
                self.env._(
                    "These fields are set by the contract's own actions only: %s",
                    ", ".join(
                        self._fields[name]._description_string(self.env)
                        for name in names
                    ),
                )
            )

    def _check_signature_required(self, vals):
        """Whether a contract must be signed follows from its type; only managers
        decide otherwise.

        :return: the contracts that take it over from the new type in ``vals``
        """
        none = self.browse()
        if not {"type_id", "signature_required"} & vals.keys():
            return none
        new_type = self.env["support.contract.type"].browse(vals.get("type_id"))
        retyped = self.filtered(
            lambda contract: new_type and contract.type_id != new_type
        )
        if "signature_required" not in vals:
            return retyped
        for contract in self:
            source = new_type if contract in retyped else contract
            if source.signature_required != bool(vals["signature_required"]):
                self._require_signature_right()
        return none

    def _require_signature_right(self):
        if not (
            self.env.su
            or self.env.user.has_group("support_contract.group_support_manager")
        ):
            raise UserError(
                self.env._(
                    "Signature: only a contract manager decides whether a contract "
                    "must be signed; its type says so otherwise."
                )
            )

    def _check_archivable(self):
        for contract in self:
            if contract.state in ("active", "suspended"):
                raise UserError(
                    self.env._(
                        "Contract %s is running: terminate it before archiving it.",
                        contract.name,
                    )
                )

    def _check_terms_open(self):
        """:raise UserError: if the terms are agreed and may not change any more"""
        for contract in self:
            if contract.state not in OPEN_STATES:
                raise UserError(
                    self.env._(
                        "Contract %(name)s is %(state)s: its terms are agreed and "
                        "cannot be changed any more.",
                        name=contract.name,
                        state=dict(
                            self._fields["state"]._description_selection(self.env)
                        )[contract.state],
                    )
                )

    # ------------------------------------------------------------------
    # Ledgers
    # ------------------------------------------------------------------

    def _get_ledgers_for(self, work_mode):
        """The ledgers that serve ``work_mode`` (empty: any), those made for it alone
        first: the order in which work is drawn."""
        ledgers = self.ledger_ids.filtered(
            lambda ledger: (
                not work_mode
                or not ledger.work_mode_ids
                or work_mode in ledger.work_mode_ids
            )
        )
        return ledgers.sorted(lambda ledger: (not ledger.work_mode_ids, ledger.id))

    def action_view_tickets(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_mgmt.helpdesk_ticket_action"
        )
        return action | {
            "domain": [("support_contract_id", "=", self.id)],
            "context": {"default_partner_id": self.partner_id.id},
        }

    def action_view_interventions(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_intervention_action"
        )
        return action | {"domain": [("contract_id", "=", self.id)], "context": {}}

    def action_view_entries(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_ledger_entry_action"
        )
        return action | {"domain": [("contract_id", "=", self.id)], "context": {}}

    def action_print_offer(self):
        return self.env.ref("support_contract.report_contract_offer").report_action(
            self
        )
