# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

#: an event with one of these repeats
RECURRENCE = {"recurrency", "rrule", "recurrence_id"}


class CalendarEvent(models.Model):
    """The appointment of planned work: moving it moves the work, removing it cancels
    the work, with the rights of who does it."""

    _inherit = "calendar.event"

    support_intervention_id = fields.Many2one(
        comodel_name="support.intervention",
        string="Support Work",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups="base.group_user",
    )

    _support_one_appointment = models.UniqueIndex(
        "(support_intervention_id) WHERE support_intervention_id IS NOT NULL",
        "Planned work has one appointment.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            # named, so that no default of the caller's context or own takes effect
            vals_list = [
                vals | {"support_intervention_id": False} for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        if "support_intervention_id" in vals and not self.env.su:
            raise UserError(
                self.env._("Plan the work itself: its appointment comes along.")
            )
        # whose work it is, whether or not the user may read it
        ours = self.filtered(lambda event: event.sudo().support_intervention_id)
        if ours and any(vals.get(name) for name in RECURRENCE):
            raise UserError(
                self.env._(
                    "The appointment of support work cannot be repeated: ask for more "
                    "work on its ticket."
                )
            )
        result = super().write(vals)
        if "support_intervention_id" in vals:
            return result
        if not vals.get("active", True):
            ours._support_cancel_work()
        else:
            ours._support_move_work()
        return result

    def unlink(self):
        works = self._support_get_works()
        result = super().unlink()
        works._cancel_removed()
        return result

    def _support_get_works(self):
        """The work still to come of these appointments, as the user."""
        # which work it is; what becomes of it is decided with the user's rights
        works = self.sudo().support_intervention_id.filtered(
            lambda work: work._get_plan().is_live
        )
        return works.sudo(self.env.su)

    def _support_move_work(self):
        for event in self:
            work = event._support_get_works()
            if work:
                work._move_from_event(event.start, event.stop)

    def _support_cancel_work(self):
        works = self._support_get_works()
        # the work lets go of an appointment that nobody sees any more
        self.sudo().write({"support_intervention_id": False})
        works._cancel_removed()

    def _support_remove(self):
        """The work will not come: archive its appointments, and tell the people who
        were invited if they lay in the future."""
        template = self.env.ref(
            "calendar.calendar_template_delete_event", raise_if_not_found=False
        )
        now = self.env["res.company"]._support_now()
        for event in self:
            if template and event.start > now and event.attendee_ids:
                template.send_mail(
                    event.id, email_layout_xmlid="mail.mail_notification_light"
                )
        # not deleted: the mail that tells about it would go with it
        self.write({"active": False, "support_intervention_id": False})
