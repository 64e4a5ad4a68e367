# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.tools import SQL

#: states in which a contract covers what it names, or may do so again
LIVE_STATES = ("active", "suspended")


class SupportContract(models.Model):
    """The installations that a contract covers: those that it was offered for, else
    what its customer has and no other contract covers."""

    _inherit = "support.contract"

    offered_installation_ids = fields.Many2many(
        comodel_name="support.installation",
        relation="support_contract_offered_installation_rel",
        string="To Be Covered",
        copy=False,
        check_company=True,
        domain="[('commercial_partner_id', '=', commercial_partner_id),"
        " ('company_id', '=', company_id)]",
        groups="base.group_user",
        help="The contract covers these installations from its first day on.",
    )
    installations_taken = fields.Boolean(
        readonly=True,
        copy=False,
        groups="base.group_user",
        export_string_translation=False,
        help="Technical: the contract has begun and taken what it covers.",
    )
    installation_count = fields.Integer(
        compute="_compute_installation_count", groups="base.group_user"
    )

    @api.depends("installation_ids")
    def _compute_installation_count(self):
        counts = dict(
            self.env["support.installation"]._read_group(
                [("contract_id", "in", self.ids)], ["contract_id"], ["__count"]
            )
        )
        for contract in self:
            contract.installation_count = counts.get(contract, 0)

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {"installations_taken"}

    def action_view_installations(self):
        """Open the installations that the contract covers."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_installation_action"
        )
        return action | {
            "domain": [("contract_id", "=", self.id)],
            "context": {
                "default_contract_id": self.id,
                "default_partner_id": self.partner_id.id,
                "default_company_id": self.company_id.id,
            },
        }

    # ------------------------------------------------------------------
    # Life
    # ------------------------------------------------------------------

    def _sync_states(self):
        result = super()._sync_states()
        self.env["support.installation"]._update_states_of(self)
        return result

    def action_activate(self):
        result = super().action_activate()
        self._take_installations()
        return result

    def _take_over(self, first_day, last_day, reference):
        result = super()._take_over(first_day, last_day, reference)
        self._take_installations()
        return result

    @api.model
    def _get_taking(self):
        """Contracts that may have begun and not yet taken what they cover."""
        # the latest local date that any company may already have
        tomorrow = fields.Date.add(fields.Date.today(), days=1)
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT contract.id
                  FROM support_contract contract
                  JOIN support_contract_type type ON type.id = contract.type_id
                 WHERE contract.state = 'active'
                   AND contract.date_start <= %s
                   AND contract.installations_taken IS NOT TRUE
                   AND (type.covers_installations
                        OR EXISTS (
                            SELECT
                              FROM support_contract_offered_installation_rel offered
                             WHERE offered.support_contract_id = contract.id))
                 ORDER BY contract.id
                """,
                tomorrow,
            )
        )
        return self.browse([contract_id for [contract_id] in rows])

    def _take_installations(self):
        """Cover what the contract was offered for, once, when it has begun; if it
        names none and its type is for installations, those of its customer that no
        other contract in force covers."""
        contracts = self.sudo()  # follows from the activation, checked by the callers
        for contract in contracts:
            if (
                contract.installations_taken
                or contract.state not in LIVE_STATES
                or contract.date_start > contract.company_id._support_day()
            ):
                continue
            installations = contract.offered_installation_ids.filtered(
                lambda item, contract=contract: (
                    item.commercial_partner_id == contract.commercial_partner_id
                    and item.company_id == contract.company_id
                )
            )
            if not installations and not contract.installation_ids:
                installations = contract._find_uncovered()
            contract.installations_taken = True
            if installations:
                installations.contract_id = contract

    def _find_uncovered(self):
        """The customer's installations without a contract in force, if the type is for
        installations. A lapsed contract that bars help keeps its own: they come back
        by its reinstatement, or by name."""
        self.ensure_one()
        installations = self.env["support.installation"]
        if not self.type_id.covers_installations:
            return installations
        return installations.search(
            [
                ("commercial_partner_id", "=", self.commercial_partner_id.id),
                ("company_id", "=", self.company_id.id),
                "|",
                ("contract_id", "=", False),
                ("contract_id.state", "not in", LIVE_STATES),
                "|",
                "|",
                ("contract_id", "=", False),
                ("contract_id.state", "!=", "lapsed"),
                ("contract_id.lapse_bars", "=", False),
            ]
        )
