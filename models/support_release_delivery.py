# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models
from odoo.exceptions import UserError


class SupportRelease(models.Model):
    """Files of a release are given by entitlement on that day, and each download is
    logged."""

    _inherit = "support.release"

    download_ids = fields.One2many(
        comodel_name="support.release.download",
        inverse_name="release_id",
        string="Downloads",
        readonly=True,
        groups="support_contract.group_support_user,"
        "helpdesk_mgmt.group_helpdesk_manager",
    )
    download_count = fields.Integer(
        string="Number of Downloads", compute="_compute_download_count"
    )

    def _compute_download_count(self):
        counts = dict(
            # only how many, for who may see the release
            self.env["support.release.download"]
            .sudo()
            ._read_group([("release_id", "in", self.ids)], ["release_id"], ["__count"])
        )
        for release in self:
            release.download_count = counts.get(release.sudo(), 0)

    def _check_download(self, user=None):
        """Whether ``user`` (default: the current one) may have the files today: as one
        of the vendor's own people who may read releases, or as a portal user of a
        customer with an installation that is entitled on this day in the company's
        zone.

        :return: ``(installation, UpdateRight)`` of the first entitled installation; an
            empty one and None for own people
        :raise AccessError: for own people without a right to releases
        :raise UserError: for anybody else, in one sentence with the way back
        """
        self.ensure_one()
        user = user or self.env.user
        installations = self.env["support.installation"]
        if user._is_internal():
            self.with_user(user).check_access("read")
            return installations, None
        release = self.sudo()  # what is told is decided here
        if (
            not user._is_portal()
            or release.state != "published"
            or release.company_id not in user.company_ids
        ):
            raise UserError(self.env._("This release is not available."))
        own = release._get_installations(user.commercial_partner_id)
        if not own:
            raise UserError(
                self.env._(
                    "You have no installation of %s: ask us for an offer.",
                    release.product_tmpl_id.name,
                )
            )
        rights = own._get_update_rights()
        for installation, right in rights.items():
            if right:
                return installation, right
        installation, right = next(iter(rights.items()))
        raise UserError(
            self.env._(
                "You cannot download %(release)s. %(reason)s",
                release=release.display_name,
                reason=installation._explain_update_right(right),
            )
        )

    def _download(self, file, user=None):
        """Give ``file`` to ``user`` (default: the current one), if he is entitled to it
        today, and log it.

        :param file: ``support.release.file`` of this release
        :return: a link to the content that ends after some minutes; it is for this
            user only, whoever calls must not show it to anybody else
        :raise UserError: see :meth:`_check_download`
        """
        self.ensure_one()
        user = user or self.env.user
        file = file.sudo()  # its name and content are what the check is about
        if file.release_id != self:
            raise UserError(self.env._("This release is not available."))
        installation, right = self._check_download(user)
        # nobody may write the log; the check above decided
        self.env["support.release.download"].sudo().create(
            {
                "release_id": self.id,
                "company_id": self.sudo().company_id.id,
                "file_id": file.id,
                "filename": file.name,
                "checksum": file.checksum,
                "date": self.env["res.company"]._support_now(),
                "user_id": user.id,
                "customer": installation.commercial_partner_id.name,
                "installation_id": installation.id,
                "contract_id": right.contract.id if right else False,
                "entitlement": right.kind if right else "internal",
            }
        )
        return file._get_download_url()
