# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

KINDS = [("response", "First response"), ("resolution", "Resolution")]


class SupportSlaTarget(models.Model):
    """A promise: first response or resolution within a time."""

    _name = "support.sla.target"
    _description = "SLA Target"
    _order = "policy_id, kind desc, priority, id"

    policy_id = fields.Many2one(
        comodel_name="support.sla.policy",
        required=True,
        ondelete="cascade",
        index=True,
    )
    contract_id = fields.Many2one(related="policy_id.contract_id")
    kind = fields.Selection(
        selection=KINDS, string="Target", required=True, default="response"
    )
    priority = fields.Selection(
        selection=lambda self: self.env["helpdesk.ticket"]
        ._fields["priority"]
        ._description_selection(self.env),
        help="Priority of the tickets that the target is for. Empty: those that have "
        "no target of their own.",
    )
    minutes = fields.Integer(
        string="Within", required=True, default=480, help="Minutes, counted as below."
    )
    measure = fields.Selection(
        selection=[("coverage", "Coverage hours"), ("elapsed", "Elapsed time")],
        string="Counted In",
        required=True,
        default="coverage",
        help="Only while help is covered, or round the clock (“no later than 24 h”).",
    )
    calendar_id = fields.Many2one(
        comodel_name="resource.calendar",
        string="Hours of Its Own",
        ondelete="restrict",
        domain="[('schedule_type', '=', 'fully_fixed')]",
        help="Empty: the contract's hours for the ticket's channel, else the team's, "
        "else the company's.",
    )
    stage_ids = fields.One2many(
        comodel_name="support.sla.stage",
        inverse_name="target_id",
        string="On the Way",
        copy=True,
    )

    _minutes_limit = models.Constraint(
        "CHECK (minutes > 0 AND minutes <= 5256000)",
        "A target lies between one minute and ten years.",
    )
    _kind_unique = models.UniqueIndex(
        "(policy_id, kind, COALESCE(priority, ''))",
        "A policy has one target of each kind and priority.",
    )

    @api.depends("kind", "minutes", "measure", "priority")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        unit = self.env["support.unit.mixin"]
        for target in self:
            time = unit._format_in_unit(target.minutes, "time", None)
            target.display_name = f"{kinds.get(target.kind, '')} {time}"

    @api.constrains("kind", "minutes", "priority", "policy_id")
    def _check_response_first(self):
        """The first response cannot be promised later than the resolution."""
        for policy in self.policy_id:
            targets = policy.target_ids
            for priority in {False, *targets.mapped("priority")}:
                response = targets._get_for("response", priority)
                resolution = targets._get_for("resolution", priority)
                if response and resolution and response.minutes > resolution.minutes:
                    raise ValidationError(
                        self.env._(
                            "“%(policy)s”: the first response (%(response)s) is "
                            "promised later than the resolution (%(resolution)s).",
                            policy=policy.name,
                            response=response.display_name,
                            resolution=resolution.display_name,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        """Every target can be missed: a target without that stage gets it."""
        prepared = []
        for vals in vals_list:
            commands = list(vals.get("stage_ids") or [])
            actions = {
                command[2].get("action")
                for command in commands
                if command[0] == Command.CREATE
            }
            if "missed" not in actions:
                commands.append(Command.create({"action": "missed", "percent": 100}))
            prepared.append(dict(vals, stage_ids=commands))
        targets = super().create(prepared)
        targets.policy_id._check_open()
        return targets

    def write(self, vals):
        self.policy_id._check_open()
        result = super().write(vals)
        if "policy_id" in vals:
            self.policy_id._check_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_agreed(self):
        self.policy_id._check_open()

    def _prepare_copy_values(self):
        """Values of the same target in another policy."""
        self.ensure_one()
        return {
            "kind": self.kind,
            "priority": self.priority,
            "minutes": self.minutes,
            "measure": self.measure,
            "calendar_id": self.calendar_id.id,
            "stage_ids": [
                Command.create(stage._prepare_copy_values()) for stage in self.stage_ids
            ],
        }

    def _get_for(self, kind, priority):
        """The target of ``kind`` for a ticket of ``priority`` among these, or none."""
        targets = self.filtered(lambda target: target.kind == kind)
        own = targets.filtered(lambda target: priority and target.priority == priority)
        return (own or targets.filtered(lambda target: not target.priority))[:1]
