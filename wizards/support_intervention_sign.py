# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
import io

import qrcode

from odoo import api, fields, models


class SupportInterventionSign(models.TransientModel):
    """A window with the link to sign. The link comes with the action that opens the
    window and is stored nowhere."""

    _name = "support.intervention.sign"
    _description = "Get Signature"

    intervention_id = fields.Many2one(
        comodel_name="support.intervention",
        string="Work",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(
        related="intervention_id.partner_id", related_sudo=False
    )
    expires = fields.Datetime(
        related="intervention_id.sign_expires",
        related_sudo=False,
        string="Valid until",
    )
    url = fields.Char(string="Link", store=False, readonly=True)
    qr_code = fields.Binary(string="QR Code", compute="_compute_qr_code")

    @api.depends("url")
    def _compute_qr_code(self):
        for window in self:
            # drawn here: a route for bar codes would put the link into the log
            window.qr_code = window.url and self._draw_qr_code(window.url)

    @api.model
    def _draw_qr_code(self, text):
        output = io.BytesIO()
        qrcode.make(text.encode(), box_size=5).save(output, format="PNG")
        return base64.b64encode(output.getvalue())
