# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import renewal


class SupportContractType(models.Model):
    """What is sold. Everything here is an offer; a contract copies it when it is
    made, and later changes of the type do not touch it."""

    _name = "support.contract.type"
    _description = "Support Contract Type"
    _inherit = ["mail.thread", "support.terms.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(comodel_name="res.company")
    description = fields.Html(
        string="In Plain Words",
        translate=True,
        help="Printed on the offer.",
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        string="Fee",
        check_company=True,
        ondelete="restrict",
        domain="[('type', '=', 'service')]",
        help="Service whose price is the fee. Empty if only packages are sold.",
    )
    allotment_ids = fields.One2many(
        comodel_name="support.contract.type.allotment",
        inverse_name="type_id",
        string="Allotments",
        copy=True,
        help="None, with no packages either: the fee pays for all help.",
    )
    request_ids = fields.One2many(
        comodel_name="support.contract.type.request",
        inverse_name="type_id",
        string="Request Types",
        copy=True,
    )
    work_mode_terms_ids = fields.One2many(
        comodel_name="support.contract.type.work.mode",
        inverse_name="type_id",
        string="Minimum and Step",
        copy=True,
    )
    threshold_ids = fields.One2many(
        comodel_name="support.contract.type.threshold",
        inverse_name="type_id",
        string="Low Balance Warnings",
        copy=True,
    )
    coverage_ids = fields.One2many(
        comodel_name="support.contract.type.coverage",
        inverse_name="type_id",
        string="Coverage Hours",
        copy=True,
        help="None: the team's hours, else the company's.",
    )
    notice_ids = fields.One2many(
        comodel_name="support.contract.type.notice",
        inverse_name="type_id",
        string="Reminders",
        copy=True,
        groups="base.group_user",
        help="Before the end of each term.",
    )
    reinstatement_ids = fields.One2many(
        comodel_name="support.contract.type.reinstatement",
        inverse_name="type_id",
        string="Back after a Lapse",
        copy=True,
        groups="base.group_user",
        help="What it takes to reinstate a lapsed contract, by the days since its end. "
        "None: a lapsed contract cannot be reinstated.",
    )
    sla_policy_id = fields.Many2one(domain="[('contract_id', '=', False)]")
    package_ids = fields.One2many(
        comodel_name="product.template",
        inverse_name="support_contract_type_id",
        domain=[("support_sells", "=", "package")],
        string="Packages",
        groups="base.group_user",
    )
    covers_installations = fields.Boolean(
        groups="base.group_user",
        help="A contract of this type is for the customer's installations: when it "
        "starts and names none, it takes those that no other contract covers.",
    )
    withdrawn = fields.Boolean(
        tracking=True,
        help="No longer sold. Running contracts go on to the end of their term.",
    )
    successor_id = fields.Many2one(
        comodel_name="support.contract.type",
        check_company=True,
        help="The type to sell instead.",
    )
    alternative_ids = fields.Many2many(
        comodel_name="support.contract.type",
        relation="support_contract_type_alternative_rel",
        column1="type_id",
        column2="alternative_id",
        string="Customer May Choose",
        check_company=True,
        domain="[('withdrawn', '=', False), ('id', '!=', id)]",
        groups="base.group_user",
        help="Other types that a customer may choose instead while signing online.",
    )
    contract_count = fields.Integer(compute="_compute_contract_count")

    _numbers_positive = models.Constraint(
        "CHECK (first_term_months >= 1 AND later_term_months >= 1 "
        "AND gate_minutes >= 0 AND reopen_free_days >= 0 AND notice_hours >= 0 "
        "AND overdue_days >= 0 AND overdue_notice_days >= 0 "
        "AND cancellation_days >= 0 AND grace_days >= 0)",
        "Terms last at least one month, and neither the minimum cover, the notice nor "
        "any number of days can be negative.",
    )

    _change_hours_positive = models.Constraint(
        "CHECK (portal_change_hours >= 0)",
        "Customers change dates some hours before the start, or not at all: enter 0 "
        "or more hours.",
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

    def _compute_contract_count(self):
        counts = {
            contract_type.id: count
            for contract_type, count in self.env["support.contract"]._read_group(
                [("type_id", "in", self.ids)], ["type_id"], ["__count"]
            )
        }
        for contract_type in self:
            contract_type.contract_count = counts.get(contract_type.id, 0)

    @api.constrains("successor_id")
    def _check_successor(self):
        if self._has_cycle("successor_id"):
            raise ValidationError(
                self.env._("A contract type cannot succeed itself: choose another one.")
            )

    @api.constrains("renewal", "cancellation_days", "notice_ids", "withdrawn")
    def _check_reminders(self):
        for contract_type in self:
            if (
                contract_type.renewal == "automatic"
                and not contract_type.withdrawn
                and not any(
                    notice.to_customer
                    and renewal.reminds_in_time(
                        notice.days, contract_type.cancellation_days
                    )
                    for notice in contract_type.notice_ids
                )
            ):
                raise ValidationError(
                    self.env._(
                        "Contract type %(name)s renews by itself: add a reminder for "
                        "the customer at least %(days)s days before the end.",
                        name=contract_type.name,
                        days=max(
                            renewal.REMINDER_DAYS, contract_type.cancellation_days + 1
                        ),
                    )
                )

    def copy_data(self, default=None):
        values_list = super().copy_data(default=default)
        if "name" not in (default or {}):
            for contract_type, values in zip(self, values_list, strict=True):
                values["name"] = self.env._("%s (copy)", contract_type.name)
        return values_list

    def action_view_contracts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_contract_action"
        )
        return action | {
            "domain": [("type_id", "=", self.id)],
            "context": {"default_type_id": self.id},
        }
