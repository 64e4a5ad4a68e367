# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools import cover

STATES = [
    ("queued", "Listed"),
    ("to_call", "To call"),
    ("called", "Called"),
    ("appointed", "Appointed"),
    ("installed", "Installed"),
    ("trained", "Trained"),
    ("skipped", "Skipped"),
    ("cancelled", "Cancelled"),
]


class SupportReleaseCampaignLine(models.Model):
    """One installation in a campaign: its ticket, the call, the appointment and the
    training. How far it is follows from that work; nobody writes it."""

    _name = "support.release.campaign.line"
    _description = "Installation in a Campaign"
    _inherit = ["support.job.mixin"]
    _order = "campaign_id desc, id"
    _rec_name = "installation_id"

    campaign_id = fields.Many2one(
        comodel_name="support.release.campaign",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="campaign_id.company_id", store=True, index=True, precompute=True
    )
    user_id = fields.Many2one(related="campaign_id.user_id", string="Owner")
    release_id = fields.Many2one(
        related="campaign_id.release_id", store=True, precompute=True
    )
    installation_id = fields.Many2one(
        comodel_name="support.installation",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    commercial_partner_id = fields.Many2one(
        related="installation_id.commercial_partner_id",
        string="Customer",
        store=True,
        index="btree_not_null",
    )
    version = fields.Char(related="installation_id.version", string="Version Now")
    contract_id = fields.Many2one(
        comodel_name="support.contract",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="Its terms have us install updates.",
    )
    ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    call_id = fields.Many2one(
        comodel_name="support.intervention",
        string="Call",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    install_id = fields.Many2one(
        comodel_name="support.intervention",
        string="Installation Work",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    training_id = fields.Many2one(
        comodel_name="support.intervention",
        string="Training",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    planned_start = fields.Datetime(
        related="install_id.planned_start", string="Appointment"
    )
    technician_id = fields.Many2one(related="install_id.user_id", string="Technician")
    skip_reason = fields.Text(string="Why It Was Skipped", readonly=True, copy=False)
    is_cancelled = fields.Boolean(
        readonly=True, export_string_translation=False, help="Before it was opened."
    )
    left_alone = fields.Boolean(
        readonly=True,
        export_string_translation=False,
        help="The campaign was cancelled, but this had begun and goes on.",
    )
    state = fields.Selection(
        selection=STATES,
        string="Status",
        compute="_compute_state",
        store=True,
        index=True,
        group_expand=True,
        help="- Listed: the job opens its ticket\n"
        "- To call: arrange the appointment\n"
        "- Called: no appointment yet\n"
        "- Appointed: the installation has its time\n"
        "- Installed: the training is missing, if one is wanted\n"
        "- Skipped: it would not have been free, or there was nothing to do",
    )
    finished = fields.Boolean(
        compute="_compute_state",
        store=True,
        help="Installed, and trained if that was wanted.",
    )

    _once = models.Constraint(
        "UNIQUE (campaign_id, installation_id)",
        "An installation is once in a campaign.",
    )
    _open_idx = models.Index(
        "(campaign_id, id) WHERE state IN ('queued', 'to_call', 'called', 'appointed')"
    )

    @api.depends(
        "ticket_id",
        "skip_reason",
        "is_cancelled",
        "call_id.state",
        "install_id.state",
        "training_id.state",
    )
    def _compute_state(self):
        for line in self:
            line.state = line._get_state()
            line.finished = line.state == "trained" or (
                line.state == "installed"
                and line.training_id.state in (False, "cancelled")
            )

    def _get_state(self):
        self.ensure_one()
        if self.skip_reason:
            return "skipped"
        if self.is_cancelled:
            return "cancelled"
        if not self.ticket_id:
            return "queued"
        install = self.install_id.state
        if install == "done":
            return "trained" if self.training_id.state == "done" else "installed"
        if install in ("cancelled", False):
            return "cancelled"
        if install in ("planned", "progress"):
            return "appointed"
        return "called" if self.call_id.state == "done" else "to_call"

    @api.depends("installation_id.name", "release_id.display_name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = (
                f"{line.installation_id.name or ''}: "
                f"{line.release_id.display_name or ''}"
            )

    def _get_job_owner_record(self):
        return self.campaign_id

    def action_view_ticket(self):
        """Open the ticket.

        :raise UserError: if there is none"""
        self.ensure_one()
        if not self.ticket_id:
            raise UserError(
                self.env._("“%s” has no ticket.", self.installation_id.display_name)
            )
        return self.ticket_id._support_open_form()

    # ------------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------------

    def _lock(self):
        """Of two jobs at once the second one waits, fails and sees what the first has
        done."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE support_release_campaign_line SET write_date = write_date "
                "WHERE id IN (SELECT id FROM support_release_campaign_line "
                "WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE)",
                self.ids,
            )
        )
        self.invalidate_recordset()

    def _open(self):
        """Make the tickets with their work, for what is entitled today and free of
        charge; the others are skipped with the reason."""
        self._lock()
        for campaign, lines in (
            self.filtered(
                lambda line: line.state == "queued"
                and line.campaign_id.state == "running"
            )
            .grouped("campaign_id")
            .items()
        ):
            lines = lines.with_company(campaign.company_id)
            lines._skip_unentitled()
            lines -= lines.filtered("skip_reason")
            tickets = self.env["helpdesk.ticket"].with_company(campaign.company_id)
            # the customers are not told of tickets that they did not ask for; the
            # call is the first they hear
            tickets = tickets.with_context(tracking_disable=True)
            values = [line._prepare_ticket_values() for line in lines]
            values = lines._skip_charged(tickets, values)
            lines -= lines.filtered("skip_reason")
            for line, ticket in zip(lines, tickets.create(values), strict=True):
                line.ticket_id = ticket.with_env(self.env)
            lines._make_work()

    def _has_version(self):
        """Whether the release is installed already: the version of an installation is
        that of its main product, a module is known by the work that installed it."""
        self.ensure_one()
        installation, release = self.installation_id, self.release_id
        if installation.product_id.product_tmpl_id == release.product_tmpl_id:
            return bool(self.version) and self.version == release.version
        return bool(
            self.search_count(
                [
                    ("installation_id", "=", installation.id),
                    ("release_id", "=", release.id),
                    ("id", "!=", self.id),
                    ("state", "in", ("installed", "trained")),
                ],
                limit=1,
            )
        )

    def _skip_unentitled(self):
        rights = self.installation_id._get_update_rights()
        for line in self:
            right = rights[line.installation_id]
            if line._has_version():
                line.skip_reason = self.env._("It has this version already.")
            elif not right:
                line.skip_reason = line.installation_id._explain_update_right(right)
            elif not right.installs:
                line.skip_reason = self.env._(
                    "Its contract does not have us install updates."
                )
            else:
                line.contract_id = right.contract

    def _skip_charged(self, tickets, values_list):
        """Skip what some of the work would be drawn or charged for.

        :return: the values of the tickets that remain
        """
        modes = self.campaign_id._get_modes()
        asked = [
            tickets.new(values)._support_get_request(gate=False, mode=mode)
            for values in values_list
            for mode in modes
        ]
        decisions = iter(self.env["support.cover"]._decide(asked))
        remaining = []
        for line, values in zip(self, values_list, strict=True):
            costly = [
                (mode, decision)
                for mode, decision in zip(modes, decisions, strict=False)
                if not self._is_free(decision)
            ]
            if costly:
                line.skip_reason = line._explain_cost(*costly[0])
            else:
                remaining.append(values)
        return remaining

    @api.model
    def _is_free(self, decision):
        """Whether work under this decision draws nothing and costs nothing: a request
        that is free, or a fee that pays for all help."""
        if decision.kind in (cover.ON_CALL, cover.NONE):
            return False
        return decision.treatment == cover.FREE or any(
            reason.code == "flat" for reason in decision.reasons[-1:]
        )

    def _explain_cost(self, mode, decision):
        lines = self.env["support.cover"]._explain(
            [list(reason) for reason in decision.reasons]
        )
        return self.env._(
            "%(mode)s would not be free of charge: %(reasons)s.",
            mode=mode.name,
            reasons="; ".join(
                f"{line['contract']} {line['text']}".strip() for line in lines
            ),
        )

    def _prepare_ticket_values(self):
        self.ensure_one()
        campaign = self.campaign_id
        installation = self.installation_id
        callers = self.contract_id.caller_ids
        partner = installation.partner_id
        if callers and partner not in callers:
            partner = callers[:1]
        line = self.with_context(lang=installation.partner_id.lang or self.env.lang)
        release = line.release_id.display_name
        if campaign.with_training:
            text = line.env._(
                "We install %s: we call to arrange the time, install it, and train.",
                release,
            )
        else:
            text = line.env._(
                "We install %s: we call to arrange the time, and install it.", release
            )
        return {
            "name": line.env._("Installation of %s", release),
            "description": text,
            "partner_id": partner.id,
            "company_id": campaign.company_id.id,
            "team_id": campaign.team_id.id,
            "user_id": campaign.technician_id.id,
            "category_id": campaign.category_id.id,
            "support_work_mode_id": campaign.call_mode_id.id,
            "support_installation_id": installation.id,
            "support_release_id": self.release_id.id,
        }

    def _make_work(self):
        """The call, the installation and the training, asked for and not planned."""
        wanted = [
            (line, kind, line._prepare_work_values(kind))
            for line in self
            for kind in line.campaign_id._get_kinds()
        ]
        works = (
            self.env["support.intervention"]
            .with_context(tracking_disable=True)
            .create([values for _line, _kind, values in wanted])
        )
        for (line, kind, _values), work in zip(wanted, works, strict=True):
            line[f"{kind}_id"] = work.with_env(self.env)
        for line in self.filtered("campaign_id.note"):
            line.ticket_id.message_post(
                body=line.campaign_id.note, subtype_xmlid="mail.mt_note"
            )

    def _prepare_work_values(self, kind):
        """:param kind: ``call``, ``install`` or ``training``"""
        self.ensure_one()
        campaign = self.campaign_id
        partner = self.installation_id.partner_id
        line = self.with_context(lang=partner.lang or self.env.lang)
        names = {
            "call": line.env._("Call to arrange the installation"),
            "install": line.env._("Installation"),
            "training": line.env._("Training"),
        }
        values = {
            "name": f"{names[kind]} ({self.release_id.version})",
            "ticket_id": self.ticket_id.id,
            "user_id": campaign.technician_id.id,
            "work_mode_id": campaign._get_mode(kind).id,
            "estimate_minutes": campaign[f"{kind}_minutes"],
            "requested_by": campaign.user_id.id or self.env.uid,
        }
        if kind == "install":
            values["release_id"] = self.release_id.id
        return values

    # ------------------------------------------------------------------
    # Cancelling
    # ------------------------------------------------------------------

    def _cancel_open(self):
        """The campaign is cancelled: so is what has not begun. An installation that has
        begun is the people's own to end, with its training."""
        self._lock()
        for line in self:
            if line.campaign_id.state != "cancelled":
                continue
            if line.state == "queued":
                line.is_cancelled = True
                continue
            works = line.call_id | line.install_id | line.training_id
            if line.install_id.state in ("progress", "done"):
                line.left_alone = True
                continue
            reason = self.env._("the campaign was cancelled")
            works.filtered(lambda work: work.state in ("requested", "planned"))._cancel(
                reason
            )
            if "progress" not in works.mapped("state"):
                line.ticket_id._support_close_unneeded(reason)
