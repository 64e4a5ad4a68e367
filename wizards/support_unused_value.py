# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportUnusedValue(models.TransientModel):
    """What customers have prepaid and not used at the end of a day: what the vendor
    owes. The list can be grouped and exported as any other."""

    _name = "support.unused.value"
    _description = "Unused Prepaid Value"

    day = fields.Date(
        string="At the End of",
        required=True,
        default=lambda self: self.env.company._support_day(),
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        domain="[('id', 'in', allowed_company_ids)]",
    )
    line_ids = fields.One2many(
        comodel_name="support.unused.value.line",
        inverse_name="report_id",
        readonly=True,
    )

    def action_show(self):
        """Reckon and show the list.

        :raise AccessError: without a right to read the ledgers
        """
        self.ensure_one()
        # the rules leave the companies that the user works in
        ledgers = self.env["support.ledger"].search(
            [("company_id", "=", self.company_id.id)]
        )
        values = ledgers._get_unused_values(self.day)
        self.line_ids.sudo().unlink()
        # nobody writes lines by hand; what they say was read with the user's rights
        self.env["support.unused.value.line"].sudo().create(
            [
                {
                    "report_id": self.id,
                    "ledger_id": ledger.id,
                    "quantity": float(unused.quantity),
                    "value": float(unused.value),
                    "info_value": float(unused.info),
                    "last_day": unused.last_day,
                }
                for ledger, unused in values.items()
            ]
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_unused_value_line_action"
        )
        return action | {
            "name": self.env._(
                "Unused Prepaid Value on %s", fields.Date.to_string(self.day)
            ),
            "domain": [("report_id", "=", self.id)],
        }
