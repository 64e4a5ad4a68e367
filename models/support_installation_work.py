# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.fields import Domain


class SupportInstallation(models.Model):
    """What happened for an installation: its tickets and the work on them."""

    _inherit = "support.installation"

    ticket_ids = fields.One2many(
        comodel_name="helpdesk.ticket",
        inverse_name="support_installation_id",
        string="Tickets",
        groups="helpdesk_mgmt.group_helpdesk_user_own",
    )
    ticket_count = fields.Integer(
        compute="_compute_counts", groups="helpdesk_mgmt.group_helpdesk_user_own"
    )
    intervention_count = fields.Integer(
        compute="_compute_counts", groups="helpdesk_mgmt.group_helpdesk_user_own"
    )
    has_contract = fields.Boolean(
        compute="_compute_has_contract",
        search="_search_has_contract",
        help="Covered by a contract in force, or by one that is agreed.",
    )

    def _compute_counts(self):
        def counts(model, name):
            return {
                installation.id: count
                for installation, count in self.env[model]._read_group(
                    [(name, "in", self.ids)], [name], ["__count"]
                )
            }

        tickets = counts("helpdesk.ticket", "support_installation_id")
        works = counts("support.intervention", "installation_id")
        for installation in self:
            installation.ticket_count = tickets.get(installation.id, 0)
            installation.intervention_count = works.get(installation.id, 0)

    @api.depends("contract_id.state")
    def _compute_has_contract(self):
        for installation in self:
            # only whether
            state = installation.sudo().contract_id.state
            installation.has_contract = state in ("signed", "active", "suspended")

    def _search_has_contract(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain("contract_id.state", "in", ("signed", "active", "suspended"))
        return domain if True in value else ~domain

    def action_view_tickets(self):
        """Open the tickets about this installation."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_mgmt.helpdesk_ticket_action"
        )
        return action | {
            "domain": [("support_installation_id", "=", self.id)],
            "context": {
                "default_support_installation_id": self.id,
                "default_partner_id": self.partner_id.id,
                "default_company_id": self.company_id.id,
            },
        }

    def action_view_interventions(self):
        """Open the work done for this installation."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_intervention_action"
        )
        return action | {
            "domain": [("installation_id", "=", self.id)],
            "context": {"create": False},
        }

    def action_view_contract(self):
        """Open the contract that covers this installation."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "support.contract",
            "view_mode": "form",
            "res_id": self.contract_id.id,
        }
