# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

WARRANTY_STARTS = [
    ("sale", "The sale"),
    ("delivery", "The delivery"),
    ("golive", "The go-live"),
]


class SupportWarrantyPolicy(models.Model):
    """What is free in the warranty of sold software (S8): within a time from the sale,
    the delivery or the go-live, the services named here cost nothing. They are still
    logged and measured."""

    _name = "support.warranty.policy"
    _description = "Support Warranty Policy"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(comodel_name="res.company")
    months = fields.Integer(
        string="Warranty",
        required=True,
        default=12,
        help="Months of warranty of a product with this policy; a product may have "
        "another number.",
    )
    start_from = fields.Selection(
        selection=WARRANTY_STARTS,
        string="Counted from",
        required=True,
        default="sale",
        help="The day from which the months count; a product may have another one.",
    )
    category_ids = fields.Many2many(
        comodel_name="helpdesk.ticket.category",
        relation="support_warranty_policy_category_rel",
        string="Request Types",
        help="The services that are free. None: all of them.",
    )
    work_mode_ids = fields.Many2many(
        comodel_name="support.work.mode",
        relation="support_warranty_policy_work_mode_rel",
        string="Work Modes",
        check_company=True,
        help="The work modes in which help is free. None: all of them.",
    )
    rank = fields.Integer(
        default=20,
        aggregator=None,
        help="The lower, the earlier in the queue.",
    )
    sla_policy_id = fields.Many2one(
        comodel_name="support.sla.policy",
        string="SLA Policy",
        check_company=True,
        ondelete="restrict",
        domain="[('contract_id', '=', False)]",
        help="What is promised in the warranty. Empty: no time is guaranteed.",
    )
    calendar_id = fields.Many2one(
        comodel_name="resource.calendar",
        string="Coverage Hours",
        check_company=True,
        ondelete="restrict",
        help="Hours in which promised times count. Empty: the team's, else the "
        "company's.",
    )
    includes_updates = fields.Boolean(
        string="Updates Included",
        default=True,
        help="New versions and changes of law come with the warranty.",
    )
    offer_days = fields.Integer(
        string="Offer before the End",
        default=30,
        help="So many days before the warranty ends the customer gets the offer of the "
        "contract types that fit, and the owner an activity. 0: never.",
    )
    type_ids = fields.Many2many(
        comodel_name="support.contract.type",
        relation="support_warranty_policy_type_rel",
        string="Contract Types Afterwards",
        check_company=True,
        domain="[('withdrawn', '=', False)]",
        help="Contract types that fit when the warranty is over.",
    )

    _numbers_limit = models.Constraint(
        "CHECK (months >= 0 AND months <= 1200 AND offer_days >= 0)",
        "The warranty is a number of months from 0 up, and the offer comes a number of "
        "days from 0 up before its end.",
    )
