# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty

#: what a published version says; never changed, in no language
TEXT_FIELDS = {"name", "body", "company_id", "version", "origin_id"}


class SupportConditions(models.Model):
    """General conditions, to which a customer agrees apart from the contract itself
    (S9). A version that is published never changes: another one is made as a copy, and
    contracts keep the one they were agreed with."""

    _name = "support.conditions"
    _description = "General Conditions"
    _order = "name, version desc, id desc"

    name = fields.Char(required=True, translate=True)
    version = fields.Integer(
        required=True, readonly=True, default=1, copy=False, aggregator=None
    )
    origin_id = fields.Many2one(
        comodel_name="support.conditions",
        string="First Version",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    company_id = fields.Many2one(comodel_name="res.company")
    body = fields.Html(
        string="Text", translate=True, sanitize_overridable=False, sanitize_form=True
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("published", "Published"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
    )
    published_on = fields.Date(readonly=True, copy=False)

    _version_unique = models.UniqueIndex(
        "(COALESCE(origin_id, id), version)", "This version is there already."
    )
    _version_positive = models.Constraint(
        "CHECK (version >= 1)", "Versions are counted from 1."
    )

    @api.depends("name", "version")
    def _compute_display_name(self):
        for conditions in self:
            conditions.display_name = self.env._(
                "%(name)s, version %(version)s",
                name=conditions.name or "",
                version=conditions.version,
            )

    # ------------------------------------------------------------------
    # What is published stays
    # ------------------------------------------------------------------

    @api.model
    def _get_protected_fields(self):
        """Fields that only the methods set, never a form or RPC."""
        return {"version", "origin_id", "state", "published_on"}

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            initial = {"version": 1, "state": "draft"}
            for vals in vals_list:
                # what a form sends along unchanged is none of the caller's wishes
                given = {name: vals.get(name) for name in self._get_protected_fields()}
                self._check_protected(
                    {
                        name: value
                        for name, value in given.items()
                        if value and value != initial.get(name)
                    }
                )
            blank = {"origin_id": False, "published_on": False, **initial}
            vals_list = [vals | blank for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_protected(vals)
        if TEXT_FIELDS & vals.keys():
            self._check_draft()
        return super().write(vals)

    def _update_field_translations(
        self, field_name, translations, digest=None, source_lang=""
    ):
        """A translation is what customers read and sign as well."""
        if field_name in TEXT_FIELDS:
            self._check_draft()
        return super()._update_field_translations(
            field_name, translations, digest=digest, source_lang=source_lang
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self._check_draft()

    def _check_protected(self, vals):
        names = sorted(self._get_protected_fields() & vals.keys())
        if names:
            raise UserError(
                self.env._(
                    "These fields are set by the conditions' own actions only: %s",
                    ", ".join(
                        self._fields[name]._description_string(self.env)
                        for name in names
                    ),
                )
            )

    def _check_draft(self):
        for conditions in self:
            if conditions.state != "draft":
                raise UserError(
                    self.env._(
                        "“%s” is published: customers agree to it as it is. Make a new "
                        "version instead.",
                        conditions.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Versions
    # ------------------------------------------------------------------

    def _get_versions(self):
        """All versions of the same conditions."""
        self.ensure_one()
        first = self.origin_id or self
        return self.search(
            ["|", ("id", "=", first.id), ("origin_id", "=", first.id)], order="version"
        )

    def action_publish(self):
        """From now on this version is agreed: contract types take it over from the
        version before, which is withdrawn. Contracts keep theirs.

        :raise UserError: if it is no draft, or empty
        """
        self.check_access("write")
        for conditions in self:
            conditions._check_draft()
            if is_html_empty(conditions.body):
                raise UserError(
                    self.env._("“%s” has no text yet.", conditions.display_name)
                )
            older = conditions._get_versions() - conditions
            company = conditions.company_id or self.env.company
            # checked above: published by who may change it
            conditions.sudo().write(
                {"state": "published", "published_on": company._support_day()}
            )
            older.filtered(
                lambda item: item.state == "published"
            ).sudo().state = "withdrawn"
            types = self.env["support.contract.type"].search(
                [("conditions_id", "in", older.ids)]
            )
            types.conditions_id = conditions

    def action_withdraw(self):
        """No longer agreed; contracts that were agreed with it keep it.

        :raise UserError: if it is not published, or contract types use it
        """
        self.check_access("write")
        for conditions in self:
            if conditions.state != "published":
                raise UserError(
                    self.env._("“%s” is not published.", conditions.display_name)
                )
            types = self.env["support.contract.type"].search(
                [("conditions_id", "=", conditions.id)]
            )
            if types:
                raise UserError(
                    self.env._(
                        "“%(name)s” is used by %(types)s: choose others there first.",
                        name=conditions.display_name,
                        types=", ".join(types.mapped("name")),
                    )
                )
        # checked above
        self.sudo().state = "withdrawn"

    def action_new_version(self):
        """A draft to change, copied from this version."""
        self.ensure_one()
        self.check_access("write")
        versions = self._get_versions()
        twin = self.copy()
        # the copy was made with the user's own rights
        twin.sudo().write(
            {
                "version": versions[-1].version + 1,
                "origin_id": (self.origin_id or self).id,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": twin.id,
            "view_mode": "form",
        }
