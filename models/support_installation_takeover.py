# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.exceptions import UserError

#: what the result of a row is kept in
RESULTS = {"state", "job_error", "installation_id"}


class SupportInstallationTakeover(models.Model):
    """The installed base of an older system, one row per installation, as it comes out
    of a spreadsheet: everything is text, so that a row with a date that does not exist
    ("31/2020") is kept with its reason while the others are taken over. Odoo's own
    import refuses a whole file for one bad row.

    A row is known by its reference: importing the same file again adds nothing.
    """

    _name = "support.installation.takeover"
    _description = "Installation to Take Over"
    _inherit = ["support.takeover.mixin"]
    _order = "reference, id"
    _rec_name = "reference"

    reference = fields.Char(
        required=True, help="Number of the installation in the older system."
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
    )
    customer = fields.Char(
        required=True, help="Reference, VAT number or exact name of the customer."
    )
    product = fields.Char(
        required=True, help="Internal reference or exact name of the software."
    )
    modules = fields.Char(
        help="Internal references or names of the modules, separated by commas."
    )
    version = fields.Char()
    sale_date = fields.Char(help="As 2026-01-31.")
    delivery_date = fields.Char(help="As 2026-01-31.")
    golive_date = fields.Char(string="Go-Live Date", help="As 2026-01-31.")
    warranty_months = fields.Char(
        string="Months of Warranty", help="Empty: as the product says."
    )
    activations = fields.Char(help="Stated machines or activations. Empty: 1.")
    licence_key = fields.Char()
    contract = fields.Char(help="Number of the contract that covers it, if any.")
    state = fields.Selection(
        selection=[("new", "New"), ("done", "Taken over"), ("error", "Refused")],
        required=True,
        readonly=True,
        default="new",
    )
    job_error = fields.Text(string="Reason", readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users", default=lambda self: self.env.user, readonly=True
    )
    installation_id = fields.Many2one(
        comodel_name="support.installation", readonly=True, ondelete="set null"
    )

    _row_unique = models.UniqueIndex(
        "(company_id, reference)", "This installation has been imported already."
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """An imported row that is there already is the row that is there: it is
        brought up to date while it is not taken over, and left alone afterwards."""
        rows = self.browse()
        for vals in vals_list:
            self._check_result(vals)
            known = self.search(
                [
                    ("company_id", "=", vals.get("company_id") or self.env.company.id),
                    ("reference", "=", vals.get("reference")),
                ],
                limit=1,
            )
            if known and known.state != "done":
                known.write(vals)
            rows |= known or super().create([vals])
        return rows

    def write(self, vals):
        self._check_result(vals)
        return super().write(vals)

    def _check_result(self, vals):
        if not self.env.su and RESULTS & vals.keys():
            raise UserError(self.env._("The result of a takeover cannot be written."))

    # ------------------------------------------------------------------
    # Taking over
    # ------------------------------------------------------------------

    def action_take_over(self):
        """Make the installations of the rows; a bad row is marked with its reason and
        does not stop the others."""
        self.check_access("write")
        if not self.env.user.has_group("support_contract.group_support_manager"):
            raise UserError(
                self.env._("Only a contract manager may take installations over.")
            )
        for row in self.sudo():  # checked above
            if row.state == "done":
                continue
            try:
                with self.env.cr.savepoint():
                    installation = self.env["support.installation"].sudo()
                    row.installation_id = installation.create(row._prepare_values())
                    row.write({"state": "done", "job_error": False})
                    self.env.flush_all()
            except (UserError, IntegrityError) as error:
                message = str(error)
                if isinstance(error, IntegrityError):
                    message = installation._sql_error_to_message(error)
                row.write({"state": "error", "job_error": message})

    def _prepare_values(self):
        """The row as values of an installation.

        :raise UserError: names the field and what is wrong with it
        """
        self.ensure_one()
        partner = self._find_partner()
        product = self._find_product("product", self.product)
        if not product.support_is_software:
            raise UserError(
                self.env._(
                    "Product: “%s” is not marked as supported software.",
                    product.display_name,
                )
            )
        values = {
            "product_id": product.id,
            "partner_id": partner.id,
            "company_id": self.company_id.id,
            "user_id": self.user_id.id,
            "version": (self.version or "").strip() or False,
            "licence_key": (self.licence_key or "").strip() or False,
            "module_ids": [
                fields.Command.link(self._find_product("modules", name).id)
                for name in (self.modules or "").split(",")
                if name.strip()
            ],
        }
        for name in ("sale_date", "delivery_date", "golive_date"):
            if (self[name] or "").strip():
                values[name] = self._parse_day(name)
        for name, target in (
            ("warranty_months", "warranty_months"),
            ("activations", "activations_stated"),
        ):
            if (self[name] or "").strip():
                values[target] = self._parse_number(name)
        if (self.contract or "").strip():
            values["contract_id"] = self._find_contract(partner).id
        return values

    def _parse_number(self, name):
        text = (self[name] or "").strip()
        if not (text.isascii() and text.isdigit() and len(text) < 7):
            raise UserError(
                self.env._(
                    "%(field)s: “%(text)s” is not a whole number.",
                    field=self._fields[name]._description_string(self.env),
                    text=text,
                )
            )
        return int(text)

    def _find_product(self, name, text):
        text = (text or "").strip()
        for field in ("default_code", "name"):
            products = self.env["product.product"].search(
                [
                    (field, "=", text),
                    ("company_id", "in", [False, self.company_id.id]),
                ],
                limit=2,
            )
            if len(products) == 1:
                return products
            if len(products) > 1:
                break
        raise UserError(
            self.env._(
                "%(field)s: “%(text)s” is not the reference or name of exactly one "
                "product.",
                field=self._fields[name]._description_string(self.env),
                text=text,
            )
        )

    def _find_contract(self, partner):
        text = (self.contract or "").strip()
        contracts = self.env["support.contract"].search(
            [
                ("name", "=", text),
                ("company_id", "=", self.company_id.id),
                ("commercial_partner_id", "=", partner.commercial_partner_id.id),
            ],
            limit=2,
        )
        if len(contracts) != 1:
            raise UserError(
                self.env._(
                    "Contract: “%(text)s” is not a contract of %(customer)s.",
                    text=text,
                    customer=partner.display_name,
                )
            )
        return contracts
