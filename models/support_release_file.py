# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
import binascii
import hashlib
import time

from werkzeug.urls import url_quote

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import human_size
from odoo.tools.misc import limited_field_access_token

#: largest file and kinds of files, unless system parameters say otherwise
MAX_MB = 100
ENDINGS = (
    "zip,7z,rar,tar,gz,tgz,bz2,xz,exe,msi,msix,dmg,pkg,deb,rpm,appimage,apk,jar,war,"
    "iso,img,bin,cab,dll,sql,patch,diff,pdf,txt,md,csv,xls,xlsx,ods,doc,docx,odt,json"
)
NAME_MAX_LENGTH = 200

#: seconds in which a download that was given must begin
LINK_SECONDS = 300


class SupportReleaseFile(models.Model):
    """A file of a release. Nobody can read its content but through
    ``support.release._download``, which decides and logs."""

    _name = "support.release.file"
    _description = "File of a Release"
    _order = "sequence, id"

    release_id = fields.Many2one(
        comodel_name="support.release",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="release_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="File", required=True)
    content = fields.Binary(
        attachment=True, readonly=True, copy=False, groups=fields.NO_ACCESS
    )
    upload = fields.Binary(
        compute="_compute_upload",
        inverse="_inverse_upload",
        store=False,
        help="The file. It cannot be read here again: use “Download”.",
    )
    size = fields.Integer(readonly=True, copy=False, aggregator=None, help="In bytes.")
    size_text = fields.Char(string="Size", compute="_compute_size_text")
    checksum = fields.Char(
        string="SHA-256",
        readonly=True,
        copy=False,
        help="Customers can compare it with the file that they got.",
    )
    download_count = fields.Integer(
        string="Downloads", compute="_compute_download_count"
    )

    _size_limit = models.Constraint(
        "CHECK (size >= 0)", "The size of a file cannot be negative."
    )

    @api.depends("size")
    def _compute_size_text(self):
        for file in self:
            file.size_text = human_size(file.size) if file.size else ""

    def _compute_upload(self):
        self.upload = False

    def _compute_download_count(self):
        counts = dict(
            # only how many, for who may see the release
            self.env["support.release.download"]
            .sudo()
            ._read_group([("file_id", "in", self.ids)], ["file_id"], ["__count"])
        )
        for file in self:
            file.download_count = counts.get(file.sudo(), 0)

    def _inverse_upload(self):
        for file in self.filtered("upload"):
            try:
                raw = base64.b64decode(file.upload, validate=True)
            except (binascii.Error, ValueError) as error:
                raise ValidationError(
                    self.env._("File %s: it did not arrive whole.", file.name)
                ) from error
            file._check_size(len(raw))
            # nobody may read or write the content itself; who may write the record
            # uploads
            file.sudo().write(
                {
                    "content": base64.b64encode(raw),
                    "size": len(raw),
                    "checksum": hashlib.sha256(raw).hexdigest(),
                }
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self._check_protected(vals)
                if not vals.get("upload"):
                    raise ValidationError(
                        self.env._(
                            "File %s: choose the file to upload.", vals.get("name", "?")
                        )
                    )
        files = super().create(
            [vals | {"name": self._clean_name(vals.get("name"))} for vals in vals_list]
        )
        files.release_id._check_draft()
        return files

    def write(self, vals):
        if not self.env.su:
            self._check_protected(vals)
        if vals.keys() - {"sequence"} and not self.env.su:
            self.release_id._check_draft()
        if "name" in vals:
            vals = vals | {"name": self._clean_name(vals["name"])}
        result = super().write(vals)
        if "release_id" in vals:
            self.release_id._check_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_delivered(self):
        self.release_id._check_draft()
        for file in self:
            if file.download_count:
                raise UserError(
                    self.env._(
                        "File %s was downloaded and stays, so that the log says what "
                        "was delivered. Make another release.",
                        file.name,
                    )
                )

    @api.model
    def _check_protected(self, vals):
        names = {"content", "size", "checksum"} & vals.keys()
        if names and any(vals[name] for name in names):
            raise UserError(
                self.env._(
                    "Content, size and checksum of a file come with its upload only."
                )
            )

    @api.model
    def _clean_name(self, name):
        """A name that is safe in a header and on every disk, of an allowed kind.

        :raise ValidationError: if files of this kind are not delivered
        """
        name = "".join(
            char
            for char in (name or "").replace("\\", "/").rpartition("/")[2]
            if char.isprintable() and char not in '<>:"|?*'
        ).strip(" .")[-NAME_MAX_LENGTH:]
        stem, dot, ending = name.rpartition(".")
        allowed = self._get_param("release_file_types", ENDINGS)
        endings = {item.strip(" .").lower() for item in allowed.split(",")}
        if not (stem and dot and ending.lower() in endings):
            raise ValidationError(
                self.env._(
                    "File %(name)s: releases have files of these kinds only: "
                    "%(endings)s.",
                    name=name or "?",
                    endings=", ".join(sorted(endings)),
                )
            )
        return name

    def _check_size(self, size):
        limit = self._get_param("release_file_max_mb", str(MAX_MB))
        limit = int(limit) if limit.isdecimal() and int(limit) else MAX_MB
        for file in self:
            if not 0 < size <= limit * 1024**2:
                raise ValidationError(
                    self.env._(
                        "File %(name)s: it has %(size)s, at most %(limit)s MB are "
                        "allowed and an empty file makes no sense.",
                        name=file.name,
                        size=human_size(size) or "0 bytes",
                        limit=limit,
                    )
                )

    @api.model
    def _get_param(self, key, default):
        # limits that are no secret, for people who cannot read parameters
        parameters = self.env["ir.config_parameter"].sudo()
        return parameters.get_param(f"support_contract.{key}") or default

    # ------------------------------------------------------------------
    # Download
    # ------------------------------------------------------------------

    def action_download(self):
        """Download the file; who did is logged.

        :raise UserError: if the user is not entitled to it, with the way back
        """
        self.ensure_one()
        # what the user may have is decided and logged there
        url = self.sudo().release_id.with_env(self.env)._download(self)
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}

    def _get_download_url(self):
        """A link to the content that ends after some minutes. Only for whom
        ``support.release._download`` has let through and logged."""
        self.ensure_one()
        expires = hex(int(time.time()) + LINK_SECONDS)
        file = self.sudo()  # decided by the caller
        token = limited_field_access_token(file, "content", expires, scope="binary")
        return (
            f"/web/content/{self._name}/{self.id}/content/{url_quote(file.name)}"
            f"?download=true&access_token={token}"
        )
