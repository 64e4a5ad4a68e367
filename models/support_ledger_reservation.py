# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models
from odoo.tools import file_open


class SupportLedgerReservation(models.Model):
    """What is held for a ticket or planned work of it, not yet used. The database's
    trigger counts what is held on the ledger."""

    _name = "support.ledger.reservation"
    _description = "Support Ledger Reservation"
    _order = "id desc"

    ledger_id = fields.Many2one(
        comodel_name="support.ledger",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    unit = fields.Selection(related="ledger_id.unit")
    currency_id = fields.Many2one(related="ledger_id.currency_id")
    quantity = fields.Float(
        digits=(16, 4), required=True, readonly=True, aggregator=None
    )
    state = fields.Selection(
        selection=[("held", "Held"), ("used", "Used"), ("released", "Released")],
        required=True,
        readonly=True,
        default="held",
    )
    ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    intervention_id = fields.Many2one(
        comodel_name="support.intervention",
        string="Work",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="The planned work that it is held for. Empty: whatever comes first on the "
        "ticket.",
    )

    _quantity_limit = models.Constraint(
        "CHECK (quantity > 0 AND quantity < 1e12)",
        "The quantity of a reservation must be a number above zero.",
    )
    # declared so that the trigger's refusal has a message that a person understands
    _guard = models.Constraint(
        "CHECK (TRUE)",
        "A reservation cannot be changed: release it and make another one.",
    )

    def init(self):
        result = super().init()
        with file_open(
            "support_contract/models/sql/support_ledger_reservation.sql"
        ) as script:
            self.env.cr.execute(script.read())
        return result

    def _use(self):
        """The work that was reserved for is being posted."""
        self._end("used")

    def _release(self):
        """The work will not come."""
        self.filtered(lambda held: held.state == "held").ledger_id.sorted("id")._lock()
        self._end("released")

    def _end(self, state):
        held = self.filtered(lambda reservation: reservation.state == "held")
        if held:
            held.state = state
            self.env.flush_all()
            held.ledger_id.invalidate_recordset(["reserved", "usable"])
