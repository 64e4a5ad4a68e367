# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    support_contract_ids = fields.One2many(
        comodel_name="support.contract",
        compute="_compute_support_contracts",
        string="Support Contracts",
        groups="helpdesk_mgmt.group_helpdesk_user_own",
    )
    support_contract_count = fields.Integer(
        compute="_compute_support_contracts",
        groups="helpdesk_mgmt.group_helpdesk_user_own",
    )
    support_ledger_ids = fields.One2many(
        comodel_name="support.ledger",
        compute="_compute_support_contracts",
        string="Support Balances",
        groups="helpdesk_mgmt.group_helpdesk_user_own",
    )

    # callers are recognised by their number while they wait
    _support_phone_idx = models.Index(
        "(phone_sanitized) WHERE phone_sanitized IS NOT NULL"
    )

    def _compute_support_contracts(self):
        """The contracts of the whole customer, whichever contact is looked at: the
        number on the button is the number of rows that it opens."""
        contracts = dict(
            self.env["support.contract"]._read_group(
                [("commercial_partner_id", "in", self.commercial_partner_id.ids)],
                ["commercial_partner_id"],
                ["id:recordset"],
            )
        )
        none = self.env["support.contract"]
        for partner in self:
            found = contracts.get(partner.commercial_partner_id, none)
            partner.support_contract_ids = found
            partner.support_contract_count = len(found)
            partner.support_ledger_ids = found.filtered(
                lambda contract: contract.state in ("active", "suspended", "expired")
            ).ledger_ids

    def action_support_compare_types(self):
        """Compare contract types by what the customer asked for in the last twelve
        months."""
        self.ensure_one()
        company = self.company_id or self.env.company
        comparison = self.env["support.type.comparison"].create(
            {"partner_id": self.commercial_partner_id.id, "company_id": company.id}
        )
        return comparison.action_compare()

    def action_view_support_contracts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_contract_action"
        )
        return action | {
            "domain": [("commercial_partner_id", "=", self.commercial_partner_id.id)],
            "context": {"default_partner_id": self.commercial_partner_id.id},
        }
