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


TRAVEL_CHARGES = [
    ("none", "Not charged"),
    ("time", "By time"),
    ("flat", "Once for each visit"),
]

BOOKINGS = [
    ("none", "Not at all"),
    ("ask", "Asks for a date"),
    ("book", "Books a free time"),
]

RENEWALS = [
    ("none", "Ends"),
    ("manual", "By a quotation"),
    ("automatic", "By itself"),
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
    "notice_hours",
    "portal_booking",
    "portal_change_hours",
    "outside_surcharge",
    "day_off_surcharge",
    "overdue_days",
    "fee_index",
    "fee_index_percent",
    "fee_index_amount",
    "later_term_months",
    "renewal",
    "cancellation_days",
    "grace_days",
    "grace_cover",
    "lapse_bars",
    "includes_updates",
    "installs_updates",
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
    fee_pays_help = fields.Boolean(
        string="Fee Pays for Help",
        default=True,
        help="Where nothing is allotted, the fee pays for help. Otherwise it pays for "
        "the free request types only, and each call is work beyond the balance.",
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
    conditions_id = fields.Many2one(
        comodel_name="support.conditions",
        string="General Conditions",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        domain="[('state', '=', 'published')]",
        groups="base.group_user",
        help="The customer signs them apart from the contract. A contract keeps the "
        "version it was agreed with.",
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

    # ------------------------------------------------------------------
    # Fees
    # ------------------------------------------------------------------

    fee_timing = fields.Selection(
        selection=[("advance", "In advance"), ("arrears", "In arrears")],
        string="Fee Is Due",
        required=True,
        default="advance",
        help="On the first day of each fee period, or on the day after its last one.",
    )
    fee_prorated = fields.Boolean(
        string="Fee by Days",
        default=True,
        help="A fee period that the end of the contract cuts short costs only its "
        "days.",
    )
    hours_prorated = fields.Boolean(
        string="Allotments by Days",
        help="A period that the end of the term cuts short grants only its days' part.",
    )
    fee_while_suspended = fields.Boolean(
        default=True,
        help="Fee periods that begin while the contract is suspended are charged.",
    )
    refund_on_end = fields.Boolean(
        string="Refund on Early End",
        help="A contract that is terminated inside a period already charged gets "
        "the fee of the days not served back.",
    )
    fee_index = fields.Selection(
        selection=[
            ("none", "No"),
            ("percent", "By a percentage"),
            ("amount", "By an amount"),
        ],
        string="Price Index",
        required=True,
        default="none",
        help="The fee rises every year on the anniversary of the contract's start.",
    )
    fee_index_percent = fields.Float(
        string="Rise in Percent", digits=(5, 2), aggregator=None
    )
    fee_index_amount = fields.Float(
        string="Rise by Amount",
        digits=(16, 4),
        aggregator=None,
        groups="support_contract.group_support_user,base.group_portal",
        help="In the contract's currency, for each fee period, per contract or per "
        "activation.",
    )
    overdue_days = fields.Integer(
        string="Suspend When Overdue",
        help="The contract is suspended when an invoice of it is this many days over "
        "its due date, and resumed when it is paid. 0: never.",
    )
    overdue_notice_days = fields.Integer(
        string="Announced Before",
        default=7,
        help="How many days before the suspension the customer is told.",
    )

    # ------------------------------------------------------------------
    # Renewal
    # ------------------------------------------------------------------

    renewal = fields.Selection(
        selection=RENEWALS,
        required=True,
        default="manual",
        help="What happens at the end of a term:\n"
        "- Ends: nothing; whoever wants to go on gets a new contract\n"
        "- By a quotation: the customer gets a quotation and accepts it\n"
        "- By itself: another term begins unless somebody gave notice in time",
    )
    cancellation_days = fields.Integer(
        string="Notice Period",
        help="Days before the end of the term until which notice may be given. A "
        "contract that renews by itself does so on the day after. 0: until the last "
        "day.",
    )
    grace_days = fields.Integer(
        string="Days of Grace",
        default=30,
        help="Days after the end of the term in which the contract may still be "
        "renewed as if nothing had happened. Then it lapses.",
    )
    grace_cover = fields.Boolean(
        string="Help in the Days of Grace",
        help="The contract covers help in the days of grace as it did before. "
        "Otherwise only what the allotments say may still be used.",
    )
    lapse_bars = fields.Boolean(
        string="No Help Once Lapsed",
        help="A customer whose contract has lapsed gets no help at all for what it "
        "covered, on call neither, until it is reinstated.",
    )
    reinstatement_start = fields.Selection(
        selection=[("old_end", "The old end"), ("today", "The day of payment")],
        string="Reinstated From",
        required=True,
        default="old_end",
        help="From when the new term of a reinstated contract counts.",
    )
    includes_updates = fields.Boolean(
        string="Updates Included",
        help="New versions and changes of law come with the contract.",
    )
    installs_updates = fields.Boolean(
        string="We Install Updates",
        help="New versions are installed by appointment, with training, at no charge.",
    )
    compare_activations = fields.Boolean(
        help="The stated activations must be compared with those counted before the "
        "contract is activated.",
    )

    # ------------------------------------------------------------------
    # Work
    # ------------------------------------------------------------------

    notice_hours = fields.Integer(
        string="Notice",
        help="Interventions are asked for at least this many hours ahead; only "
        "managers make exceptions. 0: no notice.",
    )
    portal_booking = fields.Selection(
        selection=BOOKINGS,
        string="Booking in the Portal",
        required=True,
        default="ask",
        help="How customers come to a date for work on their tickets in the portal:\n"
        "- Not at all: they call or write\n"
        "- Asks for a date: we plan it\n"
        "- Books a free time: of those that the notice, the coverage hours and the "
        "technicians' calendars leave",
    )
    portal_change_hours = fields.Integer(
        string="Changes in the Portal",
        default=24,
        help="Until how many hours before the start customers move or cancel work in "
        "the portal; later they call. 0: they always call.",
    )
    outside_surcharge = fields.Float(
        string="Surcharge Outside the Hours",
        digits=(5, 2),
        aggregator=None,
        help="Percent on the price of an hour for work outside the coverage hours.",
    )
    day_off_surcharge = fields.Float(
        string="Surcharge on Days Off",
        digits=(5, 2),
        aggregator=None,
        help="Percent on the price of an hour for work on days without any coverage "
        "hours. Of several surcharges the greatest counts.",
    )
    surcharge_on_time = fields.Boolean(
        string="Surcharge on Hours",
        help="A surcharge takes more time from a balance of hours: an hour at 50 % "
        "more takes 1:30. Otherwise surcharges concern money only.",
    )
    travel_charge = fields.Selection(
        selection=TRAVEL_CHARGES,
        string="Travel",
        required=True,
        default="none",
        help="What travelling to the customer costs.",
    )
    travel_percent = fields.Float(
        string="Travel Rate",
        digits=(5, 2),
        default=100.0,
        aggregator=None,
        help="Percent of the price of an hour that an hour of travel costs.",
    )
    travel_product_id = fields.Many2one(
        comodel_name="product.product",
        string="Call-Out Fee",
        check_company=True,
        ondelete="restrict",
        domain="[('type', '=', 'service')]",
        groups="support_contract.group_support_user",
        help="Product that is charged once for each visit.",
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
            "fee_pays_help",
            "pricelist_id",
            "signature_required",
            "conditions_id",
            "sla_policy_id",
            "reopen_free_days",
            "callback_out_of_hours",
            "fee_timing",
            "fee_prorated",
            "hours_prorated",
            "fee_while_suspended",
            "refund_on_end",
            "fee_index",
            "fee_index_percent",
            "fee_index_amount",
            "overdue_days",
            "overdue_notice_days",
            "notice_hours",
            "portal_booking",
            "portal_change_hours",
            "outside_surcharge",
            "day_off_surcharge",
            "surcharge_on_time",
            "travel_charge",
            "travel_percent",
            "travel_product_id",
            "renewal",
            "cancellation_days",
            "grace_days",
            "grace_cover",
            "lapse_bars",
            "reinstatement_start",
            "includes_updates",
            "installs_updates",
            "compare_activations",
        ]
