# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportWarrantyOfferLine(models.Model):
    """An installation in an offer: once for each end of its warranty, so that a
    changed end arms it again."""

    _name = "support.warranty.offer.line"
    _description = "Installation in an Offer before the End of a Warranty"
    _order = "warranty_end desc, id desc"
    _rec_name = "installation_id"

    offer_id = fields.Many2one(
        comodel_name="support.warranty.offer",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="offer_id.company_id", store=True)
    day = fields.Date(related="offer_id.day")
    mailed = fields.Boolean(related="offer_id.mailed")
    installation_id = fields.Many2one(
        comodel_name="support.installation",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    warranty_end = fields.Date(
        string="End of the Warranty", required=True, readonly=True
    )

    _once = models.UniqueIndex(
        "(installation_id, warranty_end)",
        "This installation has been offered a contract for the end of this warranty.",
    )
