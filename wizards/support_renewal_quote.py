# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.exceptions import UserError


class SupportRenewalQuote(models.TransientModel):
    """Quotations for many renewals at once: each contract gets its own, and one that
    cannot be quoted says why and does not keep the others."""

    _name = "support.renewal.quote"
    _description = "Quote Renewals"

    line_ids = fields.One2many(
        comodel_name="support.renewal.quote.line",
        inverse_name="quote_id",
        string="Contracts",
        readonly=True,
    )
    ready_count = fields.Integer(compute="_compute_counts")
    quoted_count = fields.Integer(compute="_compute_counts")
    refused_count = fields.Integer(compute="_compute_counts")

    @api.depends("line_ids.order_id", "line_ids.reason")
    def _compute_counts(self):
        for wizard in self:
            quoted = wizard.line_ids.filtered("order_id")
            refused = wizard.line_ids.filtered("reason") - quoted
            wizard.quoted_count = len(quoted)
            wizard.refused_count = len(refused)
            wizard.ready_count = len(wizard.line_ids - quoted - refused)

    def _add_contracts(self, contracts):
        """One line for each of ``contracts``, which the user may read."""
        self.ensure_one()
        contracts.check_access("read")
        # lines name what the user has chosen, and nobody may write them
        self.env["support.renewal.quote.line"].sudo().create(
            [
                {
                    "quote_id": self.id,
                    "contract_id": contract.id,
                    "reason": contract._get_quote_bar(),
                }
                for contract in contracts.sorted(lambda item: (item.date_end, item.id))
            ]
        )

    def action_quote(self):
        """Make the quotations, and show what became of each."""
        self.ensure_one()
        self.env["sale.order"].check_access("create")
        for line in self.line_ids:
            if not (line.order_id or line.reason):
                line._quote()
        return self._reopen()

    def action_view_orders(self):
        """Open the quotations that were made."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sale.action_quotations_with_onboarding"
        )
        return action | {
            "domain": [("id", "in", self.line_ids.order_id.ids)],
            "context": {},
        }

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Quote Renewals"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }


class SupportRenewalQuoteLine(models.TransientModel):
    """One of the contracts to quote."""

    _name = "support.renewal.quote.line"
    _description = "Renewal to Quote"
    _order = "id"

    quote_id = fields.Many2one(
        comodel_name="support.renewal.quote",
        required=True,
        ondelete="cascade",
        index=True,
    )
    contract_id = fields.Many2one(
        comodel_name="support.contract", required=True, ondelete="cascade"
    )
    commercial_partner_id = fields.Many2one(
        related="contract_id.commercial_partner_id", string="Customer"
    )
    date_end = fields.Date(related="contract_id.date_end")
    order_id = fields.Many2one(comodel_name="sale.order", string="Quotation")
    reason = fields.Char(string="Not Quoted Because")

    def _quote(self):
        """Quote one contract; what it refuses is kept as the reason."""
        self.ensure_one()
        line = self.sudo()  # the outcome, which nobody may write
        try:
            with self.env.cr.savepoint():
                # by then it may have been quoted elsewhere
                bar = self.contract_id._get_quote_bar()
                if bar:
                    raise UserError(bar)
                line.order_id = self.contract_id._quote_renewal()
        except (UserError, IntegrityError) as error:
            line.write({"order_id": False, "reason": str(error)})
