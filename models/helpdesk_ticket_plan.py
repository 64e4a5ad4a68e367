# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models
from odoo.exceptions import UserError

#: the longest estimate that can be asked for: a working week
LONGEST = 5 * 8 * 60


class HelpdeskTicket(models.Model):
    """Work is asked for on a ticket, and goes with it."""

    _inherit = "helpdesk.ticket"

    def write(self, vals):
        before = {}
        if "partner_id" in vals:
            planned = self._support_get_planned(("planned", "progress"))
            before = {work.id: work._get_plan() for work in planned}
        result = super().write(vals)
        if before:
            planned._follow_plan(before)
        if "stage_id" in vals or "active" in vals:
            self.filtered(
                lambda ticket: ticket.closed or not ticket.active
            )._support_cancel_planned()
        return result

    # ------------------------------------------------------------------
    # Asking for work
    # ------------------------------------------------------------------

    def action_support_log_work(self):
        """Work that is logged has ended just now, if nothing else is entered."""
        action = super().action_support_log_work()
        now = fields.Datetime.to_string(self.env["res.company"]._support_now())
        action["context"] |= {"default_start": now, "default_end": now}
        return action

    def action_support_request_intervention(self):
        """Open the form to ask for work."""
        self.ensure_one()
        return self._support_open_wizard(
            "support.intervention.request", self.env._("Request Intervention")
        )

    def _support_request_intervention(
        self, name, minutes, mode=None, user=None, wish=None
    ):
        """Ask for work: for agents and for the customer's own pages, which may offer
        ``name``, ``minutes``, ``mode`` and ``wish`` and nothing else.

        :param str name: what is to be done
        :param int minutes: how long it will probably take
        :param mode: ``support.work.mode`` of the ticket's company, default: the
            ticket's
        :param user: the technician, if it is known already
        :param str wish: when it would suit, in the customer's words; kept as a message
        :raise UserError: if the ticket is closed, rejected or not confirmed, or a
            value makes no sense
        :return: the work, as the user may see it
        """
        self.ensure_one()
        self.check_access("read")
        # whether it is confirmed is decided by the vendor, and told to nobody else
        ticket = self.sudo()
        ticket._support_check_workable()
        if ticket.closed or not ticket.active:
            raise UserError(
                self.env._("Ticket %s is closed: reopen it first.", ticket.number)
            )
        if not ticket.support_cover_confirmed:
            raise UserError(
                self.env._(
                    "Ticket %s: its cover must be confirmed before work is asked for.",
                    ticket.number,
                )
            )
        name = " ".join((name or "").split())
        if not name or len(name) > 200:
            raise UserError(
                self.env._("Summary: say in up to 200 characters what is to be done.")
            )
        if not isinstance(minutes, int) or not 0 < minutes <= LONGEST:
            raise UserError(
                self.env._(
                    "Estimate: enter how long the work will take, up to %s hours.",
                    LONGEST // 60,
                )
            )
        # which modes there are is no secret; whether this is one of them
        mode = (mode or ticket.support_work_mode_id).sudo()
        if mode and (not mode.active or mode.company_id - ticket.company_id):
            raise UserError(self.env._("Work Mode: choose one of the vendor's."))
        technician = user or ticket.user_id.filtered(lambda user: not user.share)
        # the ticket's reader asks for work on it; every value was looked at above
        work = (
            self.env["support.intervention"]
            .sudo()
            .create(
                {
                    "name": name,
                    "ticket_id": ticket.id,
                    "estimate_minutes": minutes,
                    "user_id": technician.id,
                    "requested_by": self.env.uid,
                    **({"work_mode_id": mode.id} if mode else {}),
                }
            )
        )
        wish = (wish or "").strip()
        if wish:
            work.message_post(
                body=self.env._("When it suits: %s", wish[:2000]),
                author_id=self.env.user.partner_id.id,
                subtype_xmlid="mail.mt_note",
            )
        if work.user_id and work.user_id != self.env.user:
            work.message_subscribe(work.user_id.partner_id.ids)
        return work.sudo(self.env.su)

    # ------------------------------------------------------------------
    # Planned work goes with its ticket
    # ------------------------------------------------------------------

    def _support_get_planned(self, states=("requested", "planned")):
        """Work that has not begun."""
        # whoever closes or merges the ticket need not be able to read the work
        return self.sudo().support_intervention_ids.filtered(
            lambda work: work.state in states
        )

    def _support_hold(self, holds):
        """What planned work holds is enough: the ticket itself then holds nothing for
        whatever comes first, only takes its ticket off a pack. The estimates of the
        planned work are held again if they were released."""
        planned = self._support_get_planned(("planned", "progress")).filtered(
            lambda work: work.planned_start and not work.end
        )
        if not planned:
            return super()._support_hold(holds)
        result = super()._support_hold(
            [hold for hold in holds if hold.unit == "ticket"]
        )
        if self.active and not self.closed:
            planned._hold_again()
        return result

    def _support_cancel_planned(self):
        """A ticket that is closed waits for nobody: work that has not begun is
        cancelled, the customer's and technician's appointments with it. Work that has
        begun can still be recorded as done."""
        for ticket in self:
            planned = ticket._support_get_planned()
            if not planned:
                continue
            planned._cancel(self.env._("ticket %s was closed", ticket.number))
            # whoever may close the ticket leaves this note
            ticket.sudo().message_post(
                body=self.env._(
                    "Closed with work that had not begun, which is cancelled: %s",
                    ", ".join(planned.mapped("name")),
                ),
                subtype_xmlid="mail.mt_note",
            )

    def _support_move_planned(self, target):
        """The work of merged tickets is done for the one that stays."""
        planned = self._support_get_planned(("requested", "planned", "progress"))
        if planned and not target.closed:
            planned.write({"ticket_id": target.id})
