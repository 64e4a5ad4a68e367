# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportUnusedValueLine(models.TransientModel):
    """What was left on one ledger, and what it is worth."""

    _name = "support.unused.value.line"
    _description = "Unused Prepaid Value of a Ledger"
    _order = "value desc, info_value desc, id"

    report_id = fields.Many2one(
        comodel_name="support.unused.value",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    ledger_id = fields.Many2one(
        comodel_name="support.ledger",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    contract_id = fields.Many2one(related="ledger_id.contract_id", store=True)
    type_id = fields.Many2one(
        related="contract_id.type_id", string="Contract Type", store=True
    )
    commercial_partner_id = fields.Many2one(
        related="ledger_id.commercial_partner_id", string="Customer", store=True
    )
    contract_state = fields.Selection(related="contract_id.state", string="State Today")
    unit = fields.Selection(related="ledger_id.unit", store=True)
    currency_id = fields.Many2one(related="ledger_id.currency_id")
    company_id = fields.Many2one(related="ledger_id.company_id", store=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of the Value"
    )
    quantity = fields.Float(
        string="Left", digits=(16, 4), readonly=True, aggregator=None
    )
    last_day = fields.Date(
        string="Next Expiry",
        readonly=True,
        help="Last day of use of what ends first.",
    )
    value = fields.Monetary(
        string="Owed",
        currency_field="company_currency_id",
        readonly=True,
        help="What was paid for what is left, untaxed: money as it is, hours and "
        "tickets of packages and top-ups at their price.",
    )
    info_value = fields.Monetary(
        string="For Information",
        currency_field="company_currency_id",
        readonly=True,
        help="Hours that came with a fee, at the agreed price of an hour. Nothing is "
        "owed for them but the help itself.",
    )
