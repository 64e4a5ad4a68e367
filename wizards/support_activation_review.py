# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models
from odoo.exceptions import UserError


class SupportActivationReview(models.TransientModel):
    """Decide about the difference between stated and counted activations, of one
    contract or of many in one go."""

    _name = "support.activation.review"
    _description = "Review Activations"

    contract_ids = fields.Many2many(
        comodel_name="support.contract", string="Contracts", required=True
    )
    decision = fields.Selection(
        selection=[
            ("accepted", "Accept the counted number"),
            ("kept", "Keep the stated number until the next count"),
        ],
        required=True,
        default="accepted",
    )
    reason = fields.Char()
    failures = fields.Text(readonly=True)

    def action_confirm(self):
        """Decide contract by contract. A contract that cannot be changed is told and
        does not stop the others.

        :raise UserError: without a reason if the stated number is kept; what stops the
            only contract
        """
        self.ensure_one()
        if self.decision == "kept" and not (self.reason or "").strip():
            raise UserError(self.env._("Reason: say why the stated number is kept."))
        contracts = self.contract_ids.sorted("id")
        contracts.check_access("read")
        failures, done = [], contracts
        for contract in contracts:
            try:
                with self.env.cr.savepoint():
                    if self.decision == "accepted":
                        contract._accept_counted(self.reason)
                    else:
                        contract._keep_stated(self.reason)
                    self.env.flush_all()
            except UserError as error:
                if len(contracts) == 1:
                    raise
                self.env.invalidate_all()
                done -= contract
                failures.append(f"{contract.name}: {error}")
        if not failures:
            return {"type": "ir.actions.act_window_close"}
        # readonly on the form: what this method alone says
        self.sudo().write({"failures": "\n".join(failures)})
        self.contract_ids = contracts - done
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Review Activations"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "large"},
        }
