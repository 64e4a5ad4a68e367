# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class SupportContractType(models.Model):
    """A type that is no longer sold, and those who still have a contract of it
    (``edge_cases.md``, "a type that is withdrawn")."""

    _inherit = "support.contract.type"

    to_move_count = fields.Integer(
        string="Contracts to Move",
        compute="_compute_to_move_count",
        groups="base.group_user",
    )
    migration_ids = fields.One2many(
        comodel_name="support.contract.migration",
        inverse_name="type_id",
        string="Offers of the Successor",
        readonly=True,
        groups="base.group_user",
    )

    def _compute_to_move_count(self):
        counts = dict(
            self.env["support.contract"]._read_group(
                Domain("type_id", "in", self.ids)
                & self.env["support.contract"]._get_to_move_domain(),
                ["type_id"],
                ["__count"],
            )
        )
        for contract_type in self:
            contract_type.to_move_count = counts.get(contract_type, 0)

    def action_withdraw(self):
        """Open the form to stop selling the type.

        :raise AccessError: for everybody but contract managers
        """
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Withdraw the Type"),
            "res_model": "support.contract.type.withdraw",
            "view_mode": "form",
            "target": "new",
            "context": {"default_type_id": self.id},
        }

    def action_sell_again(self):
        """The type is sold again; its contracts may be renewed.

        :raise AccessError: for everybody but contract managers
        """
        self.write({"withdrawn": False, "successor_id": False})

    def _withdraw(self, successor):
        """Stop selling the type.

        :param successor: ``support.contract.type`` to sell instead, may be empty
        :raise UserError: if the successor is withdrawn itself
        """
        self.ensure_one()
        if successor.withdrawn or successor == self:
            raise UserError(
                self.env._(
                    "Contract type %s is withdrawn itself: choose one that is sold.",
                    successor.name,
                )
            )
        self.write({"withdrawn": True, "successor_id": successor.id})

    def action_view_to_move(self):
        """The contracts of the type that still run and that nothing follows."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_contract_action_to_move"
        )
        domain = self.env["support.contract"]._get_to_move_domain()
        return action | {"domain": list(domain & Domain("type_id", "=", self.id))}

    def action_offer_successor(self):
        """Open the form to offer the successor to all contracts of the type."""
        self.ensure_one()
        contracts = self.env["support.contract"].search(
            Domain("type_id", "=", self.id)
            & self.env["support.contract"]._get_to_move_domain()
        )
        if not contracts:
            raise UserError(
                self.env._(
                    "Contract type %s: no contract waits for its successor.", self.name
                )
            )
        return contracts.action_offer_successor()
