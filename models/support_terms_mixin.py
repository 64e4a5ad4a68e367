# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

from ..tools import cover

FEE_PERIODS = [
    ("term", "Term"),
    ("month", "Month"),
    ("quarter", "Quarter"),
    ("year", "Year"),
]

TREATMENTS = [
    (cover.DRAWN, "Drawn from the balance"),
    (cover.FREE, "Free"),
    (cover.QUOTED, "Quoted first"),
    (cover.EXCLUDED, "Not included"),
]


#: terms of a running contract that a dated change may set
TERMS_TO_CHANGE = (
    "rank",
    "gate_minutes",
    "overage",
    "allows_on_call",
    "other_requests",
    "pricelist_id",
    "fee_amount",
    "activation_count",
    "reopen_free_days",
    "callback_out_of_hours",
    "sla_policy_id",
)


class SupportTermsMixin(models.AbstractModel):
    """What a contract type offers and a contract has agreed: the same fields with
    the same names on both. A contract keeps its own copy, which alone decides."""

    _name = "support.terms.mixin"
    _description = "Terms of Support"

    rank = fields.Integer(
        default=50,
        aggregator=None,
        groups="base.group_user",
        help="Whose help comes first: tickets covered by a lower rank are served "
        "before others, and of two contracts that fit the lower rank pays.",
    )
    fee_period = fields.Selection(
        selection=FEE_PERIODS,
        required=True,
        default="year",
        help="How often the fee is due.",
    )
    fee_basis = fields.Selection(
        selection=[("contract", "Per contract"), ("activation", "Per activation")],
        required=True,
        default="contract",
        help="Whether the fee is due once, or for each machine or activation.",
    )
    first_term_months = fields.Integer(
        string="First Term",
        default=12,
        help="Months from the start to the end of the first term.",
    )
    later_term_months = fields.Integer(
        string="Later Terms",
        default=12,
        help="Months of each term after the first.",
    )
    gate_minutes = fields.Integer(
        string="Minimum Cover",
        help="Help is given only while the balance covers this much of the requested "
        "work. It is reserved when help is asked for. 0: any balance will do.",
    )
    overage = fields.Selection(
        selection=[
            (cover.REFUSE, "Refuse"),
            (cover.CHARGE, "Charge at the agreed rate"),
            (cover.WALLET, "Draw on the contract's wallet"),
        ],
        string="Work Beyond the Balance",
        required=True,
        default=cover.REFUSE,
        help="What happens to work that the balances do not cover.",
    )
    allows_on_call = fields.Boolean(
        string="On-Call Help",
        default=True,
        help="When this contract does not cover a request, the customer may still "
        "have on-call help at the company's tariff.",
    )
    other_requests = fields.Selection(
        selection=TREATMENTS,
        required=True,
        default=cover.DRAWN,
        help="How requests are treated that are not listed.",
    )
    fee_work_mode_ids = fields.Many2many(
        comodel_name="support.work.mode",
        string="Work Paid by the Fee",
        help="Where nothing is allotted, the fee pays for help in these work modes "
        "only. Empty: for all help.",
    )
    pricelist_id = fields.Many2one(
        comodel_name="product.pricelist",
        string="Agreed Rates",
        check_company=True,
        groups="support_contract.group_support_user",
        help="Prices of an hour in each work mode under this contract. Empty: the "
        "products' own sales prices.",
    )
    signature_required = fields.Boolean(
        string="Signature",
        help="The contract must be signed before it can be activated.",
    )

    sla_policy_id = fields.Many2one(
        comodel_name="support.sla.policy",
        string="SLA Policy",
        check_company=True,
        ondelete="restrict",
        groups="base.group_user",
        help="What is promised, and in which time. Empty: no time is guaranteed.",
    )
    reopen_free_days = fields.Integer(
        string="Free Reopening",
        default=14,
        help="A closed ticket that is reopened within this many days takes nothing "
        "again from a ticket pack.",
    )
    callback_out_of_hours = fields.Boolean(
        string="Call Back Out of Hours",
        help="A call-back asked for while the phone is closed is due at once, by the "
        "operator on duty, and not only when the phone opens again.",
    )

    def _get_terms_fields(self):
        """Names of the fields that a contract copies from its type as they are."""
        return [
            "rank",
            "fee_period",
            "fee_basis",
            "first_term_months",
            "later_term_months",
            "gate_minutes",
            "overage",
            "allows_on_call",
            "other_requests",
            "fee_work_mode_ids",
            "pricelist_id",
            "signature_required",
            "sla_policy_id",
            "reopen_free_days",
            "callback_out_of_hours",
        ]
