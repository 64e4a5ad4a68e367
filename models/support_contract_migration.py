# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

STATES = [
    ("draft", "Draft"),
    ("running", "Being offered"),
    ("done", "Offered"),
]


class SupportContractMigration(models.Model):
    """The successor of a withdrawn type, offered to many customers at once: one line
    for each contract (S9: "from 01/2021 a new contract"). The lines are worked by a
    job; what cannot be offered stays with its reason, and may be tried again."""

    _name = "support.contract.migration"
    _description = "Offer of a Successor"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(
        compute="_compute_name", store=True, readonly=False, precompute=True
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
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    type_id = fields.Many2one(
        comodel_name="support.contract.type",
        string="Withdrawn Type",
        required=True,
        check_company=True,
        ondelete="restrict",
        index=True,
        domain="[('withdrawn', '=', True)]",
    )
    successor_id = fields.Many2one(
        comodel_name="support.contract.type",
        required=True,
        check_company=True,
        ondelete="restrict",
        compute="_compute_successor_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('withdrawn', '=', False)]",
    )
    start = fields.Selection(
        selection=[
            ("end", "At the end of each contract"),
            ("day", "On one day for all"),
        ],
        required=True,
        default="end",
        help="When the new contracts begin. One that begins earlier than the old one "
        "ends takes its place on that day.",
    )
    start_day = fields.Date(string="Day")
    state = fields.Selection(
        selection=STATES,
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        index=True,
        tracking=True,
    )
    line_ids = fields.One2many(
        comodel_name="support.contract.migration.line",
        inverse_name="migration_id",
        string="Contracts",
    )
    line_count = fields.Integer(string="Contracts", compute="_compute_counts")
    waiting_count = fields.Integer(string="Not Offered Yet", compute="_compute_counts")
    failed_count = fields.Integer(string="Not Possible", compute="_compute_counts")
    offered_count = fields.Integer(string="Offered", compute="_compute_counts")
    signed_count = fields.Integer(string="Signed", compute="_compute_counts")
    active_count = fields.Integer(string="Active", compute="_compute_counts")
    declined_count = fields.Integer(string="Declined", compute="_compute_counts")

    _day_needed = models.Constraint(
        "CHECK (start <> 'day' OR start_day IS NOT NULL)",
        "Day: enter the day on which the new contracts begin.",
    )

    @api.depends("type_id", "successor_id")
    def _compute_name(self):
        for migration in self:
            migration.name = migration.name or self.env._(
                "%(old)s to %(new)s",
                old=migration.type_id.name or "",
                new=migration.successor_id.name or "",
            )

    @api.depends("type_id")
    def _compute_successor_id(self):
        for migration in self:
            migration.successor_id = (
                migration.successor_id or migration.type_id.successor_id
            )

    @api.depends("line_ids.state")
    def _compute_counts(self):
        counts = {}
        for migration, state, count in self.env[
            "support.contract.migration.line"
        ]._read_group(
            [("migration_id", "in", self.ids)], ["migration_id", "state"], ["__count"]
        ):
            counts[migration.id, state] = count
        names = ("waiting", "failed", "offered", "signed", "active", "declined")
        for migration in self:
            found = {name: counts.get((migration.id, name), 0) for name in names}
            migration.line_count = sum(found.values())
            for name, count in found.items():
                migration[f"{name}_count"] = count

    # ------------------------------------------------------------------
    # What may change
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            # also against a default that the caller's context brings
            vals_list = [vals | {"state": "draft"} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            if "state" in vals:
                raise UserError(
                    self.env._("Use the buttons of the offer to change its state.")
                )
            if vals.keys() & {
                "type_id",
                "successor_id",
                "company_id",
                "start",
                "start_day",
            }:
                self._check_draft()
        return super().write(vals)

    def _check_draft(self):
        if any(migration.state != "draft" for migration in self):
            raise UserError(
                self.env._(
                    "The offers are being made: nothing can be changed any more."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_offered(self):
        if self.line_ids.follower_id:
            raise UserError(
                self.env._("Contracts were offered: this is kept to see what became.")
            )

    # ------------------------------------------------------------------
    # Offered
    # ------------------------------------------------------------------

    def action_offer(self):
        """Let the job make the offers: the next minutes, in committed batches.

        :raise UserError: for everybody but contract managers, or if there is nothing
            to offer
        """
        self.check_access("write")
        for migration in self:
            if not migration.line_ids.filtered(
                lambda line: line.state in ("waiting", "failed")
            ):
                raise UserError(
                    self.env._("Contracts: choose some that are not offered yet.")
                )
            if migration.successor_id.withdrawn:
                raise UserError(
                    self.env._(
                        "Contract type %s is withdrawn.", migration.successor_id.name
                    )
                )
        migrations = self.sudo()  # checked above
        migrations.line_ids._try_again()
        migrations.state = "running"
        # who may offer may start its job
        self.env.ref("support_contract.cron_migrate").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "The offers are made and sent in the background."
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _cron_migrate(self):
        """Make the offers that were started, in committed batches. A run that is
        killed goes on where it was."""
        lines = self.env["support.contract.migration.line"].search(
            [("migration_id.state", "=", "running"), ("state", "=", "waiting")],
            order="id",
        )
        if lines._run_job("_make_offers", batch_size=20):
            self.search([("state", "=", "running")])._close_done()

    def _close_done(self):
        """Nothing is left to try."""
        for migration in self:
            if not migration.line_ids.filtered(lambda line: line.state == "waiting"):
                migration.state = "done"

    def action_view_lines(self):
        """The contracts and what became of their offers."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_contract_migration_line_action"
        )
        return action | {
            "domain": [("migration_id", "=", self.id)],
            "context": {"search_default_group_state": 1},
        }
