# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: ``design.md``, "SLA": missed or at risk, rank by contract, deadline (none last),
#: oldest. The queue's views name the same order.
QUEUE_ORDER = "support_at_risk desc, support_rank, support_deadline, id"

#: tickets that are tried in turn when others are taken at the same moment
CANDIDATES = 32


class HelpdeskTicket(models.Model):
    """The queue: which ticket comes next, and who takes it (S3: "the first free
    technician takes the ticket")."""

    _inherit = "helpdesk.ticket"

    support_at_risk = fields.Boolean(
        string="At Risk",
        compute="_compute_support_at_risk",
        search="_search_support_at_risk",
        groups="base.group_user",
        help="A promised time has been missed or soon will be: it comes first in the "
        "queue.",
    )

    @api.depends("support_risk_at")
    def _compute_support_at_risk(self):
        now = self.env["res.company"]._support_now()
        for ticket in self:
            ticket.support_at_risk = bool(
                ticket.support_risk_at and ticket.support_risk_at <= now
            )

    @api.model
    def _search_support_at_risk(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = self.env["res.company"]._support_now()
        at_risk = Domain("support_risk_at", "<=", now)
        domains = [at_risk if wanted else ~at_risk for wanted in set(value)]
        return Domain.OR(domains)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """What is at risk depends on the moment, so that no column can hold it."""
        if field_name != "support_at_risk":
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        return SQL(
            "COALESCE(%s <= %s, FALSE) %s %s",
            # checks the right to read it, too
            self._field_to_sql(alias, "support_risk_at", query),
            self.env["res.company"]._support_now(),
            direction,
            nulls,
        )

    # ------------------------------------------------------------------
    # Taking
    # ------------------------------------------------------------------

    @api.model
    def _support_get_queue_domain(self):
        """Tickets that wait for a technician. One without any stage does, too."""
        over = Domain("closed", "=", True) | Domain("support_waiting", "=", True)
        return (
            Domain("user_id", "=", False)
            & Domain("stage_id", "not any", over)
            & Domain("support_rejected", "=", False)
            & Domain("duplicate_id", "=", False)
            & Domain("active", "=", True)
        )

    def action_support_take_next(self):
        """Give the head of the queue to the current user, among the tickets that his
        rules show him and that belong to no team or to one of his.

        Whatever ``self`` is plays no role. Several technicians may ask at the same
        moment: each gets a ticket of his own, nobody an error.

        :return: the ticket's form, or a notification that the queue is empty
        :raise AccessError: if the user may not work on tickets
        """
        self.browse().check_access("write")
        ticket = self._support_lock_next()
        if not ticket:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "info",
                    "title": self.env._("Nothing is waiting"),
                    "message": self.env._(
                        "There is no ticket for you in the queue right now."
                    ),
                },
            }
        values = {"user_id": self.env.uid}
        if ticket.stage_id.unattended:
            attended = ticket._support_get_open_stages().filtered(
                lambda stage: not stage.unattended
            )
            if attended:
                values["stage_id"] = attended[0].id
        ticket.write(values)
        return ticket._support_open_form()

    @api.model
    def _support_lock_next(self):
        """The first ticket of the queue that nobody else is taking, locked.

        The tickets are tried one by one: one that is locked is passed over, and so is
        one that somebody else has changed since this transaction began, which only
        rolls back to a savepoint. Trying the whole call again, as Odoo does after a
        conflict, would let technicians wait for seconds and at last fail when many
        ask at once.

        :raise SerializationFailure: if nothing is left but tickets that have changed
            since: on a second try this transaction sees them as they are now
        """
        domain = self._support_get_queue_domain() & (
            Domain("team_id", "=", False)
            | Domain("team_id", "in", self.env.user.helpdesk_team_ids.ids)
        )
        query = self._search(domain, order=QUEUE_ORDER, limit=CANDIDATES)
        conflict = None
        for ticket_id in query.get_result_ids():
            try:
                with self.env.cr.savepoint(flush=False):
                    self.env.cr.execute(
                        SQL(
                            "SELECT id FROM helpdesk_ticket WHERE id = %s "
                            "FOR NO KEY UPDATE SKIP LOCKED",
                            ticket_id,
                        ),
                        log_exceptions=False,
                    )
                    if self.env.cr.fetchone():
                        return self.browse(ticket_id)
            except SerializationFailure as error:
                conflict = error
        if conflict:
            raise conflict
        return self.browse()

    def _support_get_stages(self):
        """Stages that the ticket can be in, in their order."""
        self.ensure_one()
        team = self.team_id.with_company(self.company_id)
        return team._get_applicable_stages()

    def _support_get_open_stages(self):
        """Stages in which the ticket can be worked on, in their order: neither closed
        nor resolved nor waiting for the customer."""
        return self._support_get_stages().filtered(
            lambda stage: stage._support_get_status() == "running"
        )

    def _support_open_form(self):
        """An action that opens the form of one ticket, or the list of several."""
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Tickets"),
            "res_model": self._name,
            "view_mode": "list,form",
            "domain": [("id", "in", self.ids)],
        }
        if len(self) == 1:
            action |= {
                "name": self.display_name,
                "view_mode": "form",
                "views": [(False, "form")],
                "res_id": self.id,
            }
        return action
