# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class SupportContract(models.Model):
    """What a contract earns; see ``support.profitability.report``."""

    _inherit = "support.contract"

    def action_view_profitability(self):
        """Open the analysis of this contract.

        :raise AccessError: for technicians, who see no prices
        """
        self.ensure_one()
        self.check_access("read")
        self.env["support.profitability.report"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_profitability_report_action"
        )
        return action | {"domain": [("contract_id", "=", self.id)], "context": {}}
