# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

ACTIONS = [
    ("remind", "Remind the assigned technician"),
    ("warn", "Warn the team leader"),
    ("escalate", "Escalate to a user or team"),
    ("priority", "Raise the priority"),
    ("activity", "Schedule an activity"),
    ("customer", "Write to the customer"),
    ("missed", "Mark as missed"),
]


class SupportSlaStage(models.Model):
    """What happens at one threshold of a target, once for each clock."""

    _name = "support.sla.stage"
    _description = "SLA Stage"
    _order = "target_id, sequence, id"
    _check_company_auto = True

    target_id = fields.Many2one(
        comodel_name="support.sla.target",
        required=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="target_id.policy_id.company_id")
    sequence = fields.Integer(default=10)
    basis = fields.Selection(
        selection=[
            ("percent", "Share of the target"),
            ("time", "Time since the start"),
        ],
        string="Reached By",
        required=True,
        default="percent",
    )
    percent = fields.Integer(default=75, help="100 is the target itself.")
    minutes = fields.Integer(
        string="After", help="Counted time since the clock started."
    )
    action = fields.Selection(selection=ACTIONS, required=True, default="remind")
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="User",
        domain="[('share', '=', False)]",
        help="Who takes over, or gets the activity. Empty for an activity: the "
        "assigned technician.",
    )
    team_id = fields.Many2one(
        comodel_name="helpdesk.ticket.team", string="Team", check_company=True
    )
    activity_type_id = fields.Many2one(
        comodel_name="mail.activity.type",
        domain="[('res_model', 'in', (False, 'helpdesk.ticket'))]",
        ondelete="restrict",
    )
    template_id = fields.Many2one(
        comodel_name="mail.template",
        string="E-Mail",
        domain="[('model', '=', 'helpdesk.ticket')]",
        ondelete="restrict",
    )

    _threshold_limit = models.Constraint(
        "CHECK (CASE basis WHEN 'percent' THEN percent BETWEEN 1 AND 1000 "
        "ELSE minutes BETWEEN 1 AND 5256000 END)",
        "A stage lies between 1 and 1000 percent of its target, or at least one "
        "minute after the start.",
    )
    _missed_unique = models.UniqueIndex(
        "(target_id) WHERE action = 'missed'",
        "A target can be missed only once.",
    )
    _missed_at_target = models.Constraint(
        "CHECK (action <> 'missed' OR (basis = 'percent' AND percent = 100))",
        "A target is missed at 100 percent: change the target instead.",
    )

    @api.depends("action", "basis", "percent", "minutes")
    @api.depends_context("lang")
    def _compute_display_name(self):
        actions = dict(self._fields["action"]._description_selection(self.env))
        unit = self.env["support.unit.mixin"]
        for stage in self:
            at = (
                f"{stage.percent} %"
                if stage.basis == "percent"
                else unit._format_in_unit(stage.minutes, "time", None)
            )
            stage.display_name = f"{at}: {actions.get(stage.action, '')}"

    @api.constrains("action", "user_id", "team_id", "template_id")
    def _check_recipient(self):
        for stage in self:
            if stage.action == "escalate" and not (stage.user_id or stage.team_id):
                raise ValidationError(
                    self.env._("Escalate: choose the user or the team that takes over.")
                )
            if stage.action == "customer" and not stage.template_id:
                raise ValidationError(
                    self.env._("Write to the customer: choose the e-mail.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        stages = super().create(vals_list)
        stages.target_id.policy_id._check_open()
        return stages

    def write(self, vals):
        self.target_id.policy_id._check_open()
        result = super().write(vals)
        if "target_id" in vals:
            self.target_id.policy_id._check_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_agreed(self):
        self.target_id.policy_id._check_open()
        if self.filtered(lambda stage: stage.action == "missed"):
            raise UserError(
                self.env._("Every target can be missed: this stage stays with it.")
            )

    def _get_seconds(self):
        """Counted seconds after the clock's start at which the stage is reached."""
        self.ensure_one()
        if self.basis == "time":
            return self.minutes * 60
        return self.target_id.minutes * 60 * self.percent // 100

    def _is_notice(self):
        """Whether the stage tells somebody, and not only changes the ticket."""
        self.ensure_one()
        return self.action not in ("missed", "priority")

    def _tells_people(self):
        """Whether the stage tells people in a note how the promise stands."""
        self.ensure_one()
        return self.action in ("remind", "warn", "escalate")

    def _perform(self, clock):
        """Do what the stage says, once: the caller keeps the event."""
        self.ensure_one()
        ticket = clock.ticket_id
        reader = self.user_id or ticket.user_id or self._get_leader(clock)
        lang = reader.lang or ticket.company_id.partner_id.lang
        stage = self.with_context(lang=lang)
        getattr(stage, f"_perform_{self.action}")(clock.with_context(lang=lang))

    def _perform_missed(self, clock):
        self._tell(clock, self.env["res.users"])

    def _perform_priority(self, clock):
        ticket = clock.ticket_id
        levels = [level for level, _label in ticket._fields["priority"].selection]
        level = levels.index(ticket.priority) if ticket.priority in levels else 0
        if level + 1 < len(levels):
            ticket.priority = levels[level + 1]

    def _perform_remind(self, clock):
        self._tell(clock, clock.ticket_id.user_id or self._get_leader(clock))

    def _perform_warn(self, clock):
        self._tell(clock, self._get_leader(clock))

    def _perform_escalate(self, clock):
        self._hand_over(clock)
        self._tell(clock, self.user_id or self.team_id.user_id)

    def _hand_over(self, clock):
        """Give the ticket to the stage's user or team, without a word."""
        ticket = clock.ticket_id
        values = {"user_id": self.user_id.id} if self.user_id else {}
        if self.team_id and ticket.team_id != self.team_id:
            values["team_id"] = self.team_id.id
            values.setdefault("user_id", False)
        if values:
            ticket.write(values)

    def _perform_activity(self, clock):
        ticket = clock.ticket_id
        user = self.user_id or ticket.user_id or self._get_leader(clock)
        ticket.activity_schedule(
            activity_type_id=self.activity_type_id.id
            or self.env.ref("mail.mail_activity_data_todo").id,
            date_deadline=ticket.company_id._support_day(),
            summary=self.env._("Promised: %s", self._get_kind(clock)),
            note=self._get_text(clock),
            user_id=user.id or self.env.uid,
        )

    def _perform_customer(self, clock):
        # queued with this transaction, sent by the mail queue: never twice
        self.template_id.send_mail(clock.ticket_id.id, force_send=False)

    def _tell(self, clock, users):
        """One note on the ticket that notifies ``users`` their own way."""
        clock.ticket_id.message_post(
            body=self._get_text(clock),
            subtype_xmlid="mail.mt_note",
            partner_ids=users.partner_id.ids,
        )

    def _get_text(self, clock):
        deadline = clock.ticket_id._support_format_moment(clock.deadline)
        if clock.state == "missed":
            return self.env._(
                "%(target)s was promised by %(deadline)s and has been missed.",
                target=self._get_kind(clock),
                deadline=deadline,
            )
        return self.env._(
            "%(target)s is promised by %(deadline)s.",
            target=self._get_kind(clock),
            deadline=deadline,
        )

    def _get_kind(self, clock):
        return dict(clock._fields["kind"]._description_selection(self.env))[clock.kind]

    def _get_leader(self, clock):
        """Who leads: the team's leader, else the contract's owner."""
        ticket = clock.ticket_id
        return ticket.team_id.user_id or ticket.support_contract_id.user_id

    def _prepare_copy_values(self):
        """Values of the same stage of another target."""
        self.ensure_one()
        return {
            "sequence": self.sequence,
            "basis": self.basis,
            "percent": self.percent,
            "minutes": self.minutes,
            "action": self.action,
            "user_id": self.user_id.id,
            "team_id": self.team_id.id,
            "activity_type_id": self.activity_type_id.id,
            "template_id": self.template_id.id,
        }
