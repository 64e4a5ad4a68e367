# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .support_release import HELPDESK_MANAGER

#: states of lines that count as work to do
WANTED = ("queued", "to_call", "called", "appointed", "installed", "trained")


class SupportReleaseCampaign(models.Model):
    """Installing a release at the customers whose contract includes that (S5: "we
    call, make an appointment and install the new version, and train"). Each
    installation gets a ticket with the call, the appointment and the training as work
    that costs nothing."""

    _name = "support.release.campaign"
    _description = "Installation Campaign"
    _inherit = ["mail.thread", "mail.activity.mixin", "support.job.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    release_id = fields.Many2one(
        comodel_name="support.release",
        required=True,
        check_company=True,
        ondelete="restrict",
        index=True,
        tracking=True,
        domain="[('state', '=', 'published')]",
    )
    company_id = fields.Many2one(
        related="release_id.company_id", store=True, index=True, precompute=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
        tracking=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        help="Answers for the campaign.",
    )
    technician_id = fields.Many2one(
        comodel_name="res.users",
        tracking=True,
        domain="[('share', '=', False)]",
        help="Calls and installs. Empty: the team decides who.",
    )
    team_id = fields.Many2one(
        comodel_name="helpdesk.ticket.team",
        string="Team",
        check_company=True,
        tracking=True,
    )
    date_from = fields.Date(
        string="From",
        required=True,
        tracking=True,
        default=lambda self: self.env.company._support_day(),
    )
    date_to = fields.Date(
        string="To",
        tracking=True,
        help="Appointments outside the campaign get a warning.",
    )
    category_id = fields.Many2one(
        comodel_name="helpdesk.ticket.category",
        string="Request Type",
        required=True,
        check_company=True,
        ondelete="restrict",
        default=lambda self: self.env.ref(
            "support_contract.category_installation", raise_if_not_found=False
        ),
        help="Of the tickets. The contracts must treat it as free.",
    )
    call_mode_id = fields.Many2one(
        comodel_name="support.work.mode",
        string="Call",
        required=True,
        check_company=True,
        ondelete="restrict",
        default=lambda self: self._default_mode("work_mode_phone"),
        help="Work mode of the call.",
    )
    install_mode_id = fields.Many2one(
        comodel_name="support.work.mode",
        string="Installation",
        required=True,
        check_company=True,
        ondelete="restrict",
        default=lambda self: self._default_mode("work_mode_remote"),
        help="Work mode of the installation.",
    )
    with_training = fields.Boolean(string="Training", default=True)
    training_mode_id = fields.Many2one(
        comodel_name="support.work.mode",
        string="Work Mode of the Training",
        check_company=True,
        ondelete="restrict",
        default=lambda self: self._default_mode("work_mode_remote"),
    )
    call_minutes = fields.Integer(string="Time for the Call", default=15)
    install_minutes = fields.Integer(string="Time for the Installation", default=60)
    training_minutes = fields.Integer(string="Time for the Training", default=60)
    note = fields.Text(
        string="Instructions", help="For the technicians, in each ticket's notes."
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("running", "Running"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        string="Status",
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        tracking=True,
        index=True,
    )
    line_ids = fields.One2many(
        comodel_name="support.release.campaign.line",
        inverse_name="campaign_id",
        string="Installations",
        readonly=True,
        copy=False,
    )
    wanted_count = fields.Integer(
        string="To Install", compute="_compute_progress", help="Without those skipped."
    )
    to_call_count = fields.Integer(string="To Call", compute="_compute_progress")
    appointed_count = fields.Integer(string="Appointed", compute="_compute_progress")
    installed_count = fields.Integer(string="Installed", compute="_compute_progress")
    trained_count = fields.Integer(string="Trained", compute="_compute_progress")
    skipped_count = fields.Integer(string="Skipped", compute="_compute_progress")
    progress = fields.Float(
        compute="_compute_progress",
        help="Percent of the installations that are through, with their training.",
    )

    _days_in_order = models.Constraint(
        "CHECK (date_from <= date_to)",
        "The campaign cannot end before it begins.",
    )
    _minutes_limit = models.Constraint(
        "CHECK (call_minutes > 0 AND call_minutes <= 2400 AND install_minutes > 0 "
        "AND install_minutes <= 2400 AND training_minutes > 0 "
        "AND training_minutes <= 2400)",
        "Each piece of work takes from a minute to 40 hours.",
    )
    _training_mode = models.Constraint(
        "CHECK (NOT with_training OR training_mode_id IS NOT NULL)",
        "Choose the work mode of the training.",
    )

    @api.model
    def _default_mode(self, name):
        # one of the vendor's own, if the shipped one is not his any more
        mode = self.env.ref(f"support_contract.{name}", raise_if_not_found=False)
        return mode if mode and mode.active else self.env["support.work.mode"]

    @api.depends("release_id.display_name")
    def _compute_display_name(self):
        for campaign in self:
            campaign.display_name = self.env._(
                "Installation of %s", campaign.release_id.display_name or ""
            )

    def _compute_progress(self):
        rows = self.env["support.release.campaign.line"]._read_group(
            [("campaign_id", "in", self.ids)],
            ["campaign_id", "state", "finished"],
            ["__count"],
        )
        counts, finished = {}, {}
        for campaign, state, through, count in rows:
            own = counts.setdefault(campaign.id, {})
            own[state] = own.get(state, 0) + count
            if through:
                finished[campaign.id] = finished.get(campaign.id, 0) + count
        for campaign in self:
            own = counts.get(campaign.id, {})
            wanted = sum(own.get(state, 0) for state in WANTED)
            campaign.wanted_count = wanted
            campaign.to_call_count = sum(
                own.get(state, 0) for state in ("queued", "to_call", "called")
            )
            campaign.appointed_count = own.get("appointed", 0)
            campaign.installed_count = own.get("installed", 0)
            campaign.trained_count = own.get("trained", 0)
            campaign.skipped_count = own.get("skipped", 0)
            campaign.progress = (
                100.0 * finished.get(campaign.id, 0) / wanted if wanted else 0.0
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            # named, so that no default of the caller's context or own takes effect
            initial = {"state": "draft", "job_error": False, "job_error_method": False}
            for vals in vals_list:
                if vals.get("state", "draft") != "draft":
                    self._refuse_state()
            vals_list = [vals | initial for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            if {"state", "line_ids", "job_error", "job_error_method"} & vals.keys():
                self._refuse_state()
            if {"release_id", "with_training", "category_id"} & vals.keys():
                self._require_states(("draft",))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        self._require_states(("draft",))

    @api.model
    def _refuse_state(self):
        raise UserError(
            self.env._("A campaign is started, closed and cancelled by its buttons.")
        )

    def _require_states(self, states):
        names = dict(self._fields["state"]._description_selection(self.env))
        for campaign in self:
            if campaign.state not in states:
                raise UserError(
                    self.env._(
                        "“%(campaign)s” is %(state)s: that is not possible any more.",
                        campaign=campaign.display_name,
                        state=names[campaign.state].lower(),
                    )
                )

    def _require_manager(self):
        """:raise UserError: unless a contract or helpdesk manager asks"""
        user = self.env.user
        if not (
            self.env.su
            or user.has_group("support_contract.group_support_manager")
            or user.has_group(HELPDESK_MANAGER)
        ):
            raise UserError(
                self.env._(
                    "Only a contract manager or helpdesk manager runs campaigns."
                )
            )
        self.check_access("write")

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_start(self):
        """List the installations whose contract has us install updates today, and let
        the job open their tickets.

        :raise UserError: if it is not a draft, its release is not published, or the
            user is no manager
        """
        self._require_manager()
        self._require_states(("draft",))
        for campaign in self:
            if campaign.release_id.state != "published":
                raise UserError(
                    self.env._(
                        "Release %s is not published.",
                        campaign.release_id.display_name,
                    )
                )
        self.sudo().state = "running"  # checked above; only this method starts
        self._find_installations()

    def action_find_installations(self):
        """Add installations that have become entitled since the start."""
        self._require_manager()
        self._require_states(("running",))
        self._find_installations()

    def _find_installations(self):
        """One line for each installation that is entitled today and not there yet, nor
        in another campaign for the same release."""
        campaigns = self.sudo()  # whoever may run the campaign; lines are its own
        # two runs at once would list the same: the second one waits, fails and sees
        campaigns.env.flush_all()
        campaigns.env.cr.execute(
            SQL(
                "UPDATE support_release SET write_date = write_date WHERE id = ANY(%s)",
                campaigns.release_id.ids,
            )
        )
        campaigns.invalidate_recordset()
        for campaign in campaigns:
            known = campaign.line_ids.search(
                [
                    "|",
                    ("campaign_id", "=", campaign.id),
                    "&",
                    ("release_id", "=", campaign.release_id.id),
                    ("state", "not in", ("skipped", "cancelled")),
                ]
            ).installation_id
            installations = campaign.release_id._get_installations() - known
            rights = installations._get_update_rights()
            # lines are the campaign's own: nobody has a right to make them
            self.env["support.release.campaign.line"].sudo().create(
                [
                    {
                        "campaign_id": campaign.id,
                        "installation_id": installation.id,
                        "contract_id": right.contract.id,
                    }
                    for installation, right in rights.items()
                    if right.installs
                ]
            )
        self._wake_job()

    def action_done(self):
        """Close the campaign; what is still to do stays on the tickets."""
        self._require_manager()
        self._require_states(("running",))
        for campaign in self:
            if campaign.line_ids.filtered(lambda line: line.state == "queued"):
                raise UserError(
                    self.env._(
                        "“%s”: not all tickets are open yet, wait for the job.",
                        campaign.display_name,
                    )
                )
        self.sudo().state = "done"  # checked above

    def action_cancel(self):
        """Cancel what has not begun: the job cancels the work and closes the tickets.
        What has begun goes on."""
        self._require_manager()
        self._require_states(("draft", "running"))
        self.sudo().state = "cancelled"  # checked above; only this method cancels
        self._wake_job()

    def action_view_lines(self):
        """Open how far each installation is."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_release_campaign_line_action"
        )
        return action | {"domain": [("campaign_id", "=", self.id)], "context": {}}

    def _get_kinds(self):
        """What is to be done at each installation, in its order."""
        self.ensure_one()
        return ["call", "install", *(["training"] if self.with_training else [])]

    def _get_mode(self, kind):
        """The work mode of a piece of work."""
        return self[f"{kind}_mode_id"]

    def _get_modes(self):
        """The work modes of all that is to be done."""
        self.ensure_one()
        modes = self.env["support.work.mode"]
        for kind in self._get_kinds():
            modes |= self._get_mode(kind)
        return modes

    def _wake_job(self):
        # starts the job, nothing else
        self.env.ref("support_contract.ir_cron_release_campaigns").sudo()._trigger()

    # ------------------------------------------------------------------
    # The job
    # ------------------------------------------------------------------

    @api.model
    def _cron_work(self):
        """Open the tickets of what was listed, and cancel those of campaigns that were
        cancelled, in committed batches."""
        lines = self.env["support.release.campaign.line"]
        queued = Domain("state", "=", "queued")
        lines.search(
            queued & Domain("campaign_id.state", "=", "running"), order="id"
        )._run_job("_open", batch_size=50)
        lines.search(
            Domain("state", "in", ("queued", "to_call", "called", "appointed"))
            & Domain("campaign_id.state", "=", "cancelled")
            & Domain("left_alone", "=", False),
            order="id",
        )._run_job("_cancel_open", batch_size=50)
