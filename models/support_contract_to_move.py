# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

#: a contract that still gives something
STILL_RUNNING = ("active", "suspended", "expired")


class SupportContract(models.Model):
    """Contracts of a withdrawn type, whose customers are to be offered its successor
    (``edge_cases.md``, "a type that is withdrawn")."""

    _inherit = "support.contract"

    not_renewed_told = fields.Date(
        readonly=True,
        copy=False,
        groups="base.group_user",
        export_string_translation=False,
        help="The end for which the owner knows that the contract does not renew by "
        "itself, because its type is withdrawn.",
    )

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {"not_renewed_told"}

    @api.model
    def _get_to_move_domain(self):
        """Contracts of withdrawn types that still run, that nothing follows, and whose
        customer has not given notice."""
        return (
            Domain("type_id.withdrawn", "=", True)
            & Domain("state", "in", STILL_RUNNING)
            & Domain("terminated_on", "=", False)
            & Domain("renewal_state", "in", ("open", "quoted"))
            & Domain("renewed_by_ids", "=", False)
        )

    def action_offer_successor(self):
        """Open the form to offer these contracts' customers the successor of their
        type.

        :raise UserError: for everybody but contract managers, and if they are not all
            of one withdrawn type and company
        """
        self._require_manager()
        if len(self.type_id) != 1 or len(self.company_id) != 1:
            raise UserError(
                self.env._("Choose contracts of one type and of one company.")
            )
        if not self.type_id.withdrawn:
            raise UserError(
                self.env._(
                    "Contract type %s is still sold: withdraw it first.",
                    self.type_id.name,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Offer the Successor"),
            "res_model": "support.contract.migration",
            "view_mode": "form",
            "context": {
                "default_type_id": self.type_id.id,
                "default_company_id": self.company_id.id,
                "default_successor_id": self.type_id.successor_id.id,
                "default_line_ids": [
                    fields.Command.create({"contract_id": contract.id})
                    for contract in self
                ],
            },
        }

    def _renew_due(self, today=None):
        result = super()._renew_due(today)
        self._tell_not_renewed(today)
        return result

    def _tell_not_renewed(self, today=None):
        """A contract that would have renewed by itself does not, because its type is
        withdrawn: its owner is told, once for each end."""
        contracts = self.sudo().filtered(  # a job: looks whether it has to tell
            lambda contract: (
                contract.type_id.withdrawn
                and contract.renewal == "automatic"
                and contract.state in ("active", "expired")
                and not contract.terminated_on
                and contract.renewal_state in ("open", "quoted")
                and not contract.renewed_by_ids
                and contract.not_renewed_told != contract.date_end
                and contract._get_renewal_day()
                <= (today or contract.company_id._support_day())
            )
        )
        for contract in contracts:
            contract._tell_renewal(
                self.env._("Not renewed: its type is withdrawn"),
                self.env._(
                    "The contract ends on %(end)s and does not renew by itself. "
                    "%(reason)s",
                    end=format_date(self.env, contract.date_end),
                    reason=contract._get_type_bar(),
                ),
            )
            contract.not_renewed_told = contract.date_end
