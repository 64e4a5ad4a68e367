# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, format_date


class SupportIntervention(models.Model):
    """Work that installs a release: when it is done, the installation has its
    version; when it is undone, the one that it had before.

    The works done at an installation are a chain in the order of their ends, each of
    which knows the version before it. So work that is logged late, or undone after
    later work, does not bring an old version back."""

    _inherit = "support.intervention"

    release_id = fields.Many2one(
        comodel_name="support.release",
        string="Installs Release",
        check_company=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        groups="base.group_user",
        domain="[('state', '=', 'published')]",
        help="The installation gets this version when the work is done.",
    )
    version_before = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="What the installation had before this work.",
    )
    campaign_line_ids = fields.One2many(
        comodel_name="support.release.campaign.line",
        inverse_name="install_id",
        string="Campaign",
        readonly=True,
        groups="base.group_user",
    )

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {"version_before", "campaign_line_ids"}

    @api.constrains("release_id", "ticket_id", "installation_id")
    def _check_release(self):
        for work in self.sudo().filtered("release_id"):  # compared only
            installation = work.installation_id
            products = installation.product_id | installation.module_ids
            if work.release_id.product_tmpl_id not in products.product_tmpl_id:
                raise ValidationError(
                    self.env._(
                        "Release %(release)s is for other software than the "
                        "installation of ticket %(ticket)s.",
                        release=work.release_id.display_name,
                        ticket=work.ticket_id.number,
                    )
                )

    def write(self, vals):
        if not self.env.su and "release_id" in vals:
            self._check_draft()
        return super().write(vals)

    def action_done(self):
        result = super().action_done()
        # follows from the work, whoever may write installations
        for work in self.sudo().filtered("release_id"):
            work._install_version()
        return result

    def _undo(self, reason):
        result = super()._undo(reason)
        # follows from the work, whoever may write installations
        for work in self.sudo().filtered("release_id"):
            work._uninstall_version()
        return result

    def _get_later_install(self):
        """The next work done at the installation that gave it a version."""
        self.ensure_one()
        works = self.search(
            [
                ("installation_id", "=", self.installation_id.id),
                ("release_id.product_tmpl_id", "=", self.release_id.product_tmpl_id.id),
                ("state", "=", "done"),
                ("id", "!=", self.id),
            ]
        )
        later = works.filtered(lambda work: (work.end, work.id) > (self.end, self.id))
        return later.sorted(lambda work: (work.end, work.id))[:1]

    def _names_version(self):
        """Whether the release is of the product itself, whose version is written on
        the installation, and not of one of its modules."""
        self.ensure_one()
        product = self.installation_id.product_id.product_tmpl_id
        return self.release_id.product_tmpl_id == product

    def _lock_installation(self):
        """Works done at once at one installation wait for each other."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE support_installation SET write_date = write_date WHERE id = %s",
                self.installation_id.id,
            )
        )
        self.installation_id.invalidate_recordset(["version"])

    def _install_version(self):
        self.ensure_one()
        if not self._names_version():
            self._note_version(self.env._("Release %(release)s installed: %(work)s"))
            return
        self._lock_installation()
        installation = self.installation_id
        later = self._get_later_install()
        if later:
            # logged afterwards: this came between
            self.version_before = later.version_before
            later.version_before = self.release_id.version
        else:
            self.version_before = installation.version
            installation.version = self.release_id.version
        self._note_version(self.env._("Release %(release)s installed: %(work)s"))

    def _uninstall_version(self):
        self.ensure_one()
        if not self._names_version():
            self._note_version(
                self.env._("Installation of release %(release)s undone: %(work)s")
            )
            return
        self._lock_installation()
        installation = self.installation_id
        later = self._get_later_install()
        if later:
            later.version_before = self.version_before
        elif installation.version == self.release_id.version:
            installation.version = self.version_before
        self.version_before = False
        self._note_version(
            self.env._("Installation of release %(release)s undone: %(work)s")
        )

    def _note_version(self, text):
        """Say in the installation's chatter what happened and with which work."""
        self.installation_id.message_post(
            body=text
            % {
                "release": self.release_id.display_name,
                "work": f"{self.name} ({self.ticket_id.number}, "
                f"{format_date(self.env, self.day)})",
            },
            subtype_xmlid="mail.mt_note",
        )

    def _get_plan_warnings(self, user, start, end):
        """A time outside the campaign is a warning."""
        warnings = super()._get_plan_warnings(user, start, end)
        campaign = self.sudo().campaign_line_ids.campaign_id[:1]  # only its days
        if not (campaign and start):
            return warnings
        day = self.company_id._support_day(start)
        if day < campaign.date_from or (campaign.date_to and day > campaign.date_to):
            warnings.append(
                self.env._(
                    "The campaign runs from %(start)s to %(end)s.",
                    start=format_date(self.env, campaign.date_from),
                    end=format_date(self.env, campaign.date_to) or "…",
                )
            )
        return warnings
