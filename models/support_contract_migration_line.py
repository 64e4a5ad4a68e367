# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

STATES = [
    ("waiting", "Not offered yet"),
    ("failed", "Not possible"),
    ("offered", "Offered"),
    ("signed", "Signed"),
    ("active", "Active"),
    ("declined", "Declined"),
]


class SupportContractMigrationLine(models.Model):
    """One contract of a withdrawn type, and the contract that was offered instead."""

    _name = "support.contract.migration.line"
    _description = "Offer of a Successor, of a Contract"
    _inherit = ["support.job.mixin"]
    _order = "migration_id, id"
    _rec_name = "contract_id"
    _check_company_auto = True

    migration_id = fields.Many2one(
        comodel_name="support.contract.migration",
        required=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="migration_id.company_id", store=True, precompute=True, index=True
    )
    user_id = fields.Many2one(related="migration_id.user_id", string="Owner")
    contract_id = fields.Many2one(
        comodel_name="support.contract",
        required=True,
        check_company=True,
        ondelete="restrict",
        index=True,
        domain="[('type_id', '=', parent.type_id)]",
    )
    commercial_partner_id = fields.Many2one(
        related="contract_id.commercial_partner_id", string="Customer", store=True
    )
    date_end = fields.Date(related="contract_id.date_end")
    follower_id = fields.Many2one(
        comodel_name="support.contract",
        string="New Contract",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    offered_on = fields.Date(readonly=True, copy=False)
    state = fields.Selection(
        selection=STATES,
        compute="_compute_state",
        store=True,
        index=True,
    )
    job_error = fields.Text(string="Reason")

    _contract_once = models.UniqueIndex(
        "(migration_id, contract_id)", "This contract is listed already."
    )

    @api.depends(
        "job_error",
        "offered_on",
        "follower_id.state",
        "follower_id.active",
        "contract_id.renewal_state",
    )
    def _compute_state(self):
        by_follower = {
            "signed": "signed",
            "active": "active",
            "suspended": "active",
            "expired": "active",
            "lapsed": "active",
            "terminated": "declined",
        }
        for line in self.sudo():  # stored: not for one reader only
            follower = line.follower_id
            if not line.offered_on:
                line.state = "failed" if line.job_error else "waiting"
            elif (
                not follower
                or not follower.active
                or line.contract_id.renewal_state == "declined"
            ):
                # gone, put aside, or the customer leaves
                line.state = "declined"
            else:
                line.state = by_follower.get(follower.state, "offered")

    # ------------------------------------------------------------------
    # What may change
    # ------------------------------------------------------------------

    @api.constrains("contract_id", "migration_id")
    def _check_type(self):
        for line in self:
            contract = line.contract_id.sudo()  # only compared
            if contract.type_id != line.migration_id.type_id:
                raise UserError(
                    self.env._(
                        "Contract %(contract)s is not one of type %(type)s.",
                        contract=contract.name,
                        type=line.migration_id.type_id.name,
                    )
                )

    @api.model
    def _get_result_fields(self):
        """Fields that only the job sets."""
        return {"follower_id", "offered_on", "state", "job_error", "job_error_method"}

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            # also against a default that the caller's context brings
            results = dict.fromkeys(self._get_result_fields() - {"state"}, False)
            vals_list = [
                {name: value for name, value in vals.items() if name != "state"}
                | results
                for vals in vals_list
            ]
        lines = super().create(vals_list)
        if not self.env.su:
            lines.migration_id._check_draft()
        return lines

    def write(self, vals):
        if not self.env.su:
            if self._get_result_fields() & vals.keys():
                raise UserError(
                    self.env._("What became of an offer cannot be written.")
                )
            self.migration_id._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_offered(self):
        if self.filtered("offered_on"):
            raise UserError(
                self.env._("The contract has been offered: it cannot be taken out.")
            )

    def _try_again(self):
        """What was not possible is tried again."""
        failed = self.filtered(lambda line: line.state == "failed")
        failed.write({"job_error": False, "job_error_method": False})

    def _get_job_owner_record(self):
        """An error is told on the old contract."""
        return self.contract_id

    def _store_job_error(self, method, error):
        """The reason stands on the line; an activity for each of hundreds would hide
        the others."""
        # the job's own note
        self.sudo().exists().write(
            {"job_error": str(error) or repr(error), "job_error_method": method}
        )

    # ------------------------------------------------------------------
    # The job
    # ------------------------------------------------------------------

    def _make_offers(self):
        """Make the contracts that follow, mark them as offered and mail the offers.
        All of it stands or falls with the batch."""
        lines = self.sudo().filtered(  # started by a manager
            lambda line: line.state == "waiting"
        )
        lines.contract_id._lock_rows()
        for line in lines:
            line._make_offer()
        template = self.env.ref(
            "support_contract.mail_template_contract_offer", raise_if_not_found=False
        )
        if template and lines:
            template.send_mail_batch(lines.follower_id.ids)

    def _make_offer(self):
        self.ensure_one()
        contract, migration = self.contract_id, self.migration_id
        if contract.renewed_by_ids:
            raise UserError(
                self.env._(
                    "%s is meant to follow this contract already.",
                    ", ".join(contract.renewed_by_ids.mapped("name")),
                )
            )
        day = migration.start_day if migration.start == "day" else None
        if day and day <= contract.date_start:
            raise UserError(
                self.env._(
                    "The old contract begins on %s: the new one cannot begin before.",
                    format_date(self.env, contract.date_start),
                )
            )
        # the owners know of the offer: not a mail to them for each contract
        follower = contract.with_context(
            mail_auto_subscribe_no_notify=True
        )._make_follower(migration.successor_id, day=day)
        follower._set_state("offered")
        contract.not_renewed_told = contract.date_end
        self.write(
            {
                "follower_id": follower.id,
                "offered_on": migration.company_id._support_day(),
            }
        )
