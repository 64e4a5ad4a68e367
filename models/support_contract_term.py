# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportContractTerm(models.Model):
    """What is agreed from one start to one end. Both days are inclusive; the next
    term starts the day after. Terms are made by the contract, never by hand."""

    _name = "support.contract.term"
    _description = "Support Contract Term"
    _order = "first_day, id"
    _rec_name = "number"

    contract_id = fields.Many2one(
        comodel_name="support.contract",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    number = fields.Integer(
        string="Term", required=True, readonly=True, aggregator=None
    )
    first_day = fields.Date(required=True, readonly=True)
    last_day = fields.Date(required=True, readonly=True)

    sale_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Renewed with",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        groups="support_contract.group_support_user",
        help="The order line charges the fee of the first fee period of this term.",
    )

    _days_in_order = models.Constraint(
        "CHECK (first_day <= last_day)",
        "A term cannot end before it starts.",
    )
    # ranges of a single id stand for "=" so that no database extension is needed
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(contract_id, contract_id, '[]') WITH &&, "
        "daterange(first_day, last_day, '[]') WITH &&)",
        "The terms of a contract cannot overlap: a term starts after the end of the "
        "one before.",
    )
    _number_once = models.UniqueIndex(
        "(contract_id, number)", "This term has been agreed already."
    )
