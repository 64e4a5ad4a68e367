# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, fields, models

from ..tools import cover

#: a ticket changes from closed to open by one of these; the team decides its stages
STAGE_INPUTS = {"stage_id", "team_id", "user_id"}

#: what only reopening sets
REOPEN_RESULTS = frozenset({"support_reopen_count", "support_settled_entry_id"})


class HelpdeskTicket(models.Model):
    """Reopening: free for a while, later it takes one more ticket from the pack
    (``edge_cases.md``, "when a ticket pack's ticket is taken")."""

    _inherit = "helpdesk.ticket"

    support_reopen_count = fields.Integer(
        string="Reopened",
        readonly=True,
        copy=False,
        aggregator=None,
        groups="base.group_user",
        help="How often the ticket has been reopened after it was closed.",
    )
    support_settled_entry_id = fields.Many2one(
        comodel_name="support.ledger.entry",
        readonly=True,
        copy=False,
        ondelete="restrict",
        groups="base.group_user",
        help="What the ticket took from a pack up to this entry paid for the time "
        "before it was reopened.",
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self._support_refuse_fields(
                    {name for name in REOPEN_RESULTS if vals.get(name)}
                )
        # named, so that no default of the caller's context or own takes effect
        initial = {"support_reopen_count": 0, "support_settled_entry_id": False}
        return super().create([initial | vals for vals in vals_list])

    def write(self, vals):
        if not self.env.su:
            self._support_refuse_fields(REOPEN_RESULTS & vals.keys())
        closed, before = self.browse(), {}
        if STAGE_INPUTS & vals.keys():
            closed = self.filtered("closed")
        if closed:
            closed._support_lock()
            before = {
                ticket.id: (
                    # a ticket that came in closed has no date of its own
                    ticket.closed_date or ticket.last_stage_update,
                    ticket._support_get_taken(),
                )
                for ticket in closed
            }
        result = super().write(vals)
        reopened = closed.filtered(lambda ticket: not ticket.closed)
        if reopened:
            reopened._support_reopen(before)
        return result

    # ------------------------------------------------------------------
    # Reopening
    # ------------------------------------------------------------------

    def _support_reopen(self, before):
        """Decide about tickets that have just gone from closed to open.

        What a pack gave for them still counts within the contract's free days, counted
        from the local day on which they were closed, inclusive. Later they take one
        more by a fresh decision, and so do those that had given theirs back. Others
        are decided again, too, and what a gate asks for is reserved again.

        :param dict before: by ticket id, when it was closed (UTC) and what it had
            taken from a pack
        """
        free, late, again = self.browse(), self.browse(), self.browse()
        for ticket in self:
            closed_on, taken_before = before[ticket.id]
            taken = ticket._support_get_taken()
            values = {
                "closed_date": False,
                # internal field; the customer's answer may reopen, too
                "support_reopen_count": ticket.sudo().support_reopen_count + 1,
            }
            if not taken or ticket.support_rejected:
                again |= ticket
                values |= {"support_rejected": False, "support_rejection_reason": False}
            elif taken - taken_before:
                pass  # decided on the way, because its request type changed as well
            elif ticket._support_reopens_free(closed_on, taken):
                free |= ticket
            else:
                late |= ticket
                values["support_settled_entry_id"] = max(taken.ids)
            # set by reopening alone; who may move the ticket may reopen it
            ticket.sudo().write(values)
        (again | late)._support_decide_again()
        self._support_log_reopening(free)

    def _support_reopens_free(self, closed_on, taken):
        """Whether today is still one of the free days of the contract that gave the
        ticket."""
        self.ensure_one()
        company = self.company_id
        free_days = taken.contract_id[:1].reopen_free_days
        last_day = company._support_day(closed_on) + timedelta(days=free_days)
        return company._support_day() <= last_day

    def _support_decide_again(self):
        """Decide the cover anew and take or reserve what it asks for. The cover that a
        person chose stays, as long as it gives cover."""
        others = self
        # internal field
        for ticket in self.filtered(lambda ticket: ticket.sudo().support_cover_chosen):
            if ticket._support_choose_again():
                others -= ticket
            else:
                # the choice has come to nothing
                ticket.sudo().support_cover_chosen = False
        others._support_redecide()

    def _support_choose_again(self):
        """Let the cover that a person chose pay again.

        :return: whether it still can
        """
        self.ensure_one()
        # what was chosen and why: the technician may not read the contract
        ticket = self.sudo()
        if ticket.support_cover == cover.ON_CALL:
            return ticket.company_id.support_on_call
        if not ticket.partner_id:
            return False
        self._support_release()
        request = self._support_get_request(contract=ticket.support_contract_id or None)
        [decision] = self.env["support.cover"]._decide([request])
        if decision.kind != ticket.support_cover:
            return False
        values = self._support_cover_values(decision)
        values["support_cover_reasons"] += [
            reason for reason in ticket.support_cover_reasons if reason[0] == "chosen"
        ]
        ticket.write(values)
        self._support_hold(decision.holds)
        return True

    def _support_log_reopening(self, free):
        """Say on each ticket what its reopening took."""
        bodies = {}
        for ticket in self:
            taken = ticket._support_get_taken()
            if ticket in free:
                bodies[ticket.id] = self.env._(
                    "Reopened within the free days: nothing is taken again."
                )
            elif taken:
                bodies[ticket.id] = self.env._(
                    "Reopened: one ticket is taken from %s.",
                    taken.ledger_id[:1].display_name,
                )
            elif ticket.support_cover == cover.NONE:
                bodies[ticket.id] = self.env._("Reopened: nothing covers it any more.")
        self.browse(bodies)._message_log_batch(bodies)

    # ------------------------------------------------------------------
    # What was taken
    # ------------------------------------------------------------------

    def _support_get_open_entries(self):
        """What the tickets have drawn and not given back, as superuser. What was taken
        from a pack before a late reopening stays where it is: help was given for it.
        """
        # what is drawn counts whoever asks; callers check the right to the ticket
        entries = self.sudo().support_entry_ids
        drawn = entries.filtered(lambda entry: entry.quantity < 0)
        return (drawn - entries.reversal_of_id).filtered(
            lambda entry: (
                entry.kind != "ticket"
                or entry.id > entry.ticket_id.support_settled_entry_id.id
            )
        )

    def _support_get_taken(self):
        """Entries that took the tickets off a pack and pay for work on them now."""
        return self._support_get_open_entries().filtered(
            lambda entry: entry.kind == "ticket"
        )
