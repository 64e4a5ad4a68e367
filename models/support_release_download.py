# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models
from odoo.tools import file_open


class SupportReleaseDownload(models.Model):
    """Who got which file of a release, when, and what entitled to it. Lines are only
    added, by ``support.release._download``; the database lets nothing change them."""

    _name = "support.release.download"
    _description = "Download of a Release"
    _order = "id desc"
    _rec_name = "filename"

    release_id = fields.Many2one(
        comodel_name="support.release",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    file_id = fields.Many2one(
        comodel_name="support.release.file",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    filename = fields.Char(string="File Name", required=True, readonly=True)
    checksum = fields.Char(
        string="SHA-256", readonly=True, help="Of the content that was delivered."
    )
    date = fields.Datetime(string="Downloaded On", required=True, readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Downloaded by",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    # no contact here: merging two of them must not touch these lines
    customer = fields.Char(readonly=True, help="Its name on the day.")
    installation_id = fields.Many2one(
        comodel_name="support.installation",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    contract_id = fields.Many2one(
        comodel_name="support.contract",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    entitlement = fields.Selection(
        selection=[
            ("contract", "Contract"),
            ("warranty", "Warranty"),
            ("internal", "Own people"),
        ],
        string="Entitled by",
        required=True,
        readonly=True,
    )

    def init(self):
        result = super().init()
        with file_open(
            "support_contract/models/sql/support_release_download.sql"
        ) as script:
            self.env.cr.execute(script.read())
        return result
