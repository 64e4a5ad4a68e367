# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

KINDS = [
    ("feature", "New features"),
    ("fix", "Corrections"),
    ("law", "Change of law"),
]

STATES = [
    ("draft", "Draft"),
    ("published", "Published"),
    ("withdrawn", "Withdrawn"),
]

#: who else than contract managers publishes
HELPDESK_MANAGER = "helpdesk_mgmt.group_helpdesk_manager"


class SupportRelease(models.Model):
    """A new version or a change of law of supported software. Who is told of it when
    it is published stands in ``support_release_publish.py``, who may have its files in
    ``support_release_delivery.py``."""

    _name = "support.release"
    _description = "Release"
    _inherit = ["mail.thread", "mail.activity.mixin", "support.job.mixin"]
    _order = "date desc, id desc"
    _rec_names_search = ["version", "product_tmpl_id"]
    _check_company_auto = True

    product_tmpl_id = fields.Many2one(
        comodel_name="product.template",
        string="Product",
        required=True,
        check_company=True,
        ondelete="restrict",
        index=True,
        tracking=True,
        domain="[('support_is_software', '=', True)]",
        help="Installations of this product, or with it as one of their modules, get "
        "the release.",
    )
    version = fields.Char(
        required=True,
        tracking=True,
        help="As it is written on installations that have it.",
    )
    kind = fields.Selection(
        selection=KINDS, required=True, default="feature", tracking=True
    )
    date = fields.Date(
        required=True,
        tracking=True,
        default=lambda self: self.env.company._support_day(),
    )
    notes = fields.Html(
        string="Release Notes",
        translate=True,
        help="What is new, as the customers read it.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
        tracking=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        help="Answers for the release: customers' answers to the mail go to this "
        "person.",
    )
    state = fields.Selection(
        selection=STATES,
        string="Status",
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        tracking=True,
        index=True,
    )
    published_on = fields.Date(
        readonly=True,
        copy=False,
        help="The day that decides who is told how to get the release.",
    )
    file_ids = fields.One2many(
        comodel_name="support.release.file",
        inverse_name="release_id",
        string="Files",
    )

    _version_unique = models.Constraint(
        "UNIQUE (company_id, product_tmpl_id, version)",
        "There is already a release of this version of the product.",
    )

    @api.depends("product_tmpl_id.name", "version")
    def _compute_display_name(self):
        for release in self:
            # the product's name is no secret; not everybody may read products
            product = release.sudo().product_tmpl_id.name
            release.display_name = f"{product or ''} {release.version or ''}".strip()

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def _get_protected_fields(self):
        """Fields that only the release's own methods set."""
        return {"state", "published_on", "job_error", "job_error_method"}

    @api.model
    def _get_fixed_fields(self):
        """What customers were told or have installed, fixed while published."""
        return {"product_tmpl_id", "version", "company_id"}

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            # named, so that no default of the caller's context or own takes effect
            initial = dict.fromkeys(self._get_protected_fields(), False)
            initial["state"] = "draft"
            for vals in vals_list:
                self._check_protected(
                    {
                        name
                        for name, value in vals.items()
                        if value and (name, value) != ("state", "draft")
                    }
                )
            vals_list = [vals | initial for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_protected(vals.keys())
        if self._get_fixed_fields() & vals.keys():
            self._check_draft()
        return super().write(vals)

    def copy_data(self, default=None):
        values_list = super().copy_data(default=default)
        if "version" not in (default or {}):
            for values in values_list:
                values["version"] = self.env._("%s (copy)", values["version"])
        return values_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self._check_draft()

    def _check_protected(self, names):
        names = self._get_protected_fields().intersection(names)
        if names:
            raise UserError(
                self.env._(
                    "These fields are set by the release's own actions only: %s",
                    ", ".join(
                        sorted(
                            self._fields[name]._description_string(self.env)
                            for name in names
                        )
                    ),
                )
            )

    def _check_draft(self):
        for release in self:
            if release.state != "draft":
                raise UserError(
                    self.env._(
                        "Release %s is published or was: set it back to draft to "
                        "change what it is.",
                        release.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Installations
    # ------------------------------------------------------------------

    def _get_installation_domain(self):
        """Installations that the release is for."""
        products = ("product_tmpl_id", "in", self.product_tmpl_id.ids)
        return Domain("company_id", "in", self.company_id.ids) & (
            Domain("product_id", "any", [products])
            | Domain("module_ids", "any", [products])
        )

    def _get_installations(self, customers=None):
        """Installations that the release is for, of ``customers`` (commercial
        entities; default: of all).

        Reads as superuser: the caller decides what it may tell."""
        self.ensure_one()
        domain = self._get_installation_domain()
        if customers is not None:
            domain &= Domain("commercial_partner_id", "in", customers.ids)
        return self.env["support.installation"].sudo().search(domain, order="id")

    @api.model
    def _get_releases_of(self, installations):
        """``{installation: published releases of its product and modules}``, with as
        many queries for a hundred as for one."""
        templates = (installations.product_id | installations.module_ids).mapped(
            "product_tmpl_id"
        )
        found = dict(
            self._read_group(
                Domain("product_tmpl_id", "in", templates.ids)
                & Domain("state", "=", "published"),
                ["product_tmpl_id"],
                ["id:recordset"],
            )
        )
        result = {}
        for installation in installations:
            releases = self.browse()
            for product in installation.product_id | installation.module_ids:
                releases |= found.get(product.product_tmpl_id, self.browse())
            result[installation] = releases.filtered(
                lambda release, company=installation.company_id: (
                    release.company_id == company
                )
            )
        return result
