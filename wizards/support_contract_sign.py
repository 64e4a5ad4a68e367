# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class SupportContractSign(models.TransientModel):
    """Record a signature that the customer gave on paper."""

    _name = "support.contract.sign"
    _description = "Record a Signature on Paper"

    contract_id = fields.Many2one(comodel_name="support.contract", required=True)
    signed_on = fields.Date(
        string="Day of the Signature",
        required=True,
        default=lambda self: self.env.company._support_day(),
    )
    signed_by = fields.Char(
        string="Name of the Signatory",
        compute="_compute_signed_by",
        precompute=True,
        store=True,
        readonly=False,
        required=True,
    )
    scan = fields.Binary(
        compute="_compute_scan",
        precompute=True,
        store=True,
        readonly=False,
        help="The signed paper as PDF or picture.",
    )
    scan_filename = fields.Char(
        compute="_compute_scan", precompute=True, store=True, readonly=False
    )

    @api.depends("contract_id")
    def _compute_signed_by(self):
        for wizard in self:
            contract = wizard.contract_id
            wizard.signed_by = contract.paper_signer or contract.signatory_id.name

    @api.depends("contract_id")
    def _compute_scan(self):
        """What the customer has uploaded, if anything."""
        for wizard in self:
            wizard.scan = wizard.contract_id.with_context(bin_size=False).paper_scan
            wizard.scan_filename = wizard.contract_id.paper_filename

    def action_confirm(self):
        self.ensure_one()
        self.contract_id._record_signature(
            self.signed_on, self.signed_by, self.scan, self.scan_filename
        )
        return {"type": "ir.actions.act_window_close"}
