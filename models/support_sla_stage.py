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
    percent = fields.Integer(
        string="Percent", default=75, help="100 is the target itself."
    )
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
