# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from .support_contract import OPEN_STATES


class SupportSlaPolicy(models.Model):
    """What is promised: targets, and what happens on the way to each of them.

    A contract has a copy of its own, which alone decides. It can no more be changed
    than the contract's other terms, so that a clock can rely on it for good.
    """

    _name = "support.sla.policy"
    _description = "SLA Policy"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(comodel_name="res.company")
    contract_id = fields.Many2one(
        comodel_name="support.contract",
        string="Agreed In",
        readonly=True,
        copy=False,
        ondelete="cascade",
        index="btree_not_null",
        help="The contract whose own copy this is. Empty: a policy to choose from.",
    )
    agreed = fields.Boolean(
        compute="_compute_agreed",
        help="The contract is agreed, and this policy with it: it cannot change.",
    )
    origin_id = fields.Many2one(
        comodel_name="support.sla.policy",
        string="Copied From",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    target_ids = fields.One2many(
        comodel_name="support.sla.target",
        inverse_name="policy_id",
        string="Targets",
        copy=True,
    )
    contract_count = fields.Integer(
        compute="_compute_contract_count",
        compute_sudo=False,
        help="Contracts with a copy of this policy.",
    )

    @api.depends("name", "contract_id.name")
    def _compute_display_name(self):
        for policy in self:
            # the number of the contract, nothing else of it
            number = policy.sudo().contract_id.name
            policy.display_name = f"{policy.name} ({number})" if number else policy.name

    @api.depends("contract_id.state")
    def _compute_agreed(self):
        for policy in self:
            # whether it is agreed, nothing else of the contract
            contract = policy.sudo().contract_id
            policy.agreed = bool(contract) and contract.state not in OPEN_STATES

    def _compute_contract_count(self):
        counts = {
            policy.id: count
            for policy, count in self._read_group(
                [("origin_id", "in", self.ids), ("contract_id", "!=", False)],
                ["origin_id"],
                ["contract_id:count_distinct"],
            )
        }
        for policy in self:
            policy.contract_count = counts.get(policy.id, 0)

    @api.constrains("target_ids")
    def _check_targets(self):
        self.target_ids._check_response_first()

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self._check_protected(vals)
        policies = super().create(vals_list)
        policies.contract_id._check_terms_open()
        return policies

    def write(self, vals):
        if not self.env.su:
            self._check_protected(vals)
        self._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_agreed(self):
        self._check_open()

    def action_view_contracts(self):
        """The contracts that have a copy of the policy."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_contract_action"
        )
        action["domain"] = [("sla_policy_ids.origin_id", "in", self.ids)]
        action["context"] = {}
        return action

    @api.model
    def _check_protected(self, vals):
        if {"contract_id", "origin_id"} & {name for name in vals if vals[name]}:
            raise UserError(
                self.env._(
                    "A contract gets its own copy of an SLA policy by choosing the "
                    "policy on the contract."
                )
            )

    def _check_open(self):
        """:raise UserError: if the policy is agreed and may not change any more"""
        # whether the contract is agreed, nothing else of it
        self.sudo().contract_id._check_terms_open()

    def copy_data(self, default=None):
        values_list = super().copy_data(default=default)
        if "name" not in (default or {}):
            for policy, values in zip(self, values_list, strict=True):
                values["name"] = self.env._("%s (copy)", policy.name)
        return values_list

    def _check_catalogue(self):
        """:raise ValidationError: if a policy is some contract's own"""
        for policy in self:
            if policy.contract_id:
                raise ValidationError(
                    self.env._(
                        "SLA policy: “%s” is another contract's own. Choose one that "
                        "belongs to no contract.",
                        policy.display_name,
                    )
                )

    def _copy_for(self, contract):
        """The policy as ``contract``'s own, unless it is that already.

        :raise ValidationError: if it is another contract's own
        """
        self.ensure_one()
        if self.contract_id == contract:
            return self
        self._check_catalogue()
        return self._give_copies([(self, contract)])

    @api.model
    def _give_copies(self, pairs):
        """Copies that belong to contracts, whoever owns the originals.

        :param pairs: ``[(policy, contract), ...]``
        :return: the copies, in the same order
        """
        copies = self.create(
            [
                {
                    "name": policy.name,
                    "company_id": contract.company_id.id,
                    "origin_id": (policy.origin_id or policy).id,
                    "target_ids": [
                        Command.create(target._prepare_copy_values())
                        for target in policy.target_ids
                    ],
                }
                for policy, contract in pairs
            ]
        )
        for policy, (_original, contract) in zip(copies, pairs, strict=True):
            policy._write_agreed({"contract_id": contract.id})
        return copies

    def _write_agreed(self, vals):
        """Write past the guard: only to hand a fresh copy to its contract, which may
        have agreed on everything else already."""
        return super().write(vals)
