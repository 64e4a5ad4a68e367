# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.exceptions import UserError

from ..tools import cover, drawing
from ..tools.drawing import Drawn


class SupportIntervention(models.Model):
    """Work that is done is drawn from the ledgers of what covers it on its day; what
    they do not cover is kept as overage with its price, and charged. It can be
    undone."""

    _inherit = "support.intervention"

    def action_done(self):
        """The work is done: draw it from what covers it on its day, charge the rest,
        log the hours.

        :raise UserError: if nothing covers it, if it lies in the future, has no
            duration, the contract refuses what its balance does not cover, its price
            has not been accepted, or the technician is no employee; nothing is drawn
            then
        """
        self.check_access("write")
        for work in self:
            work._lock()
            work._check_draft()
            work.ticket_id._support_check_workable()
            if not (work.start and work.end) or not (
                work.raw_minutes or work.billable_by_hand
            ):
                raise UserError(
                    self.env._(
                        "“%s”: enter when the work started and ended.", work.name
                    )
                )
            if work.end > work.company_id._support_now():
                raise UserError(
                    self.env._("“%s”: work cannot be done in the future.", work.name)
                )
            work._draw()
            work.sudo().state = "done"  # checked above, and set by this method alone
            work.ticket_id._support_respond(work.start, "work")

    def _lock(self):
        """The ticket decides: it is locked before any ledger (``design.md``, 8)."""
        self.ticket_id.check_access("write")
        self.ticket_id._support_lock()
        self.invalidate_recordset(["state"])

    def _draw(self):
        """Decide the cover for the day and work mode of this work, draw on it, charge
        what is left, and log the hours.

        A technician does it without any right to ledgers or prices: what is drawn is
        what the decision and the minutes say. The caller has checked the right to the
        work.
        """
        self.ensure_one()
        decision = self._decide()
        contract = (
            self.env["support.contract"].sudo().browse(decision.contract_id or [])
        )
        work = self.sudo()  # see above
        if not work.billable_by_hand:
            work.billable_minutes = work._round(contract)
        # first: an accepted price decides about all that follows
        parts = work._get_parts(contract, decision)
        currency = work._get_currency(contract)
        work.write(
            {
                "cover": decision.kind,
                "contract_id": contract.id,
                "treatment": decision.treatment if contract else False,
                "currency_id": currency.id,
                "posting": work.posting + 1,
            }
        )
        drawn = work._draw_parts(contract, decision, parts)
        minutes = sum(part.minutes for part in drawn)
        work.write(
            {
                "overage_minutes": minutes,
                "overage_amount": float(sum(part.amount for part in drawn)),
                "hourly_price": float(work._get_hour(contract)) if minutes else 0.0,
            }
        )
        work.env["support.intervention.part"].create(
            [
                work._prepare_part_values(index, part, currency)
                for index, part in enumerate(drawn)
            ]
        )
        work._charge(contract, decision, drawn)

    def _get_parts(self, contract, decision):
        """The parts of this work that the cover is to pay."""
        return self._split(contract, self._get_tariff(contract))

    def _decide(self):
        """The cover of this work: the one that a person chose for the ticket, else
        what the rule says for its day and work mode."""
        self.ensure_one()
        ticket = self.ticket_id
        if not (
            ticket.sudo().support_cover_chosen and ticket.support_cover == cover.ON_CALL
        ):
            if not ticket.partner_id:
                raise UserError(
                    self.env._("Ticket %s: choose the contact first.", ticket.number)
                )
            if not ticket.sudo().support_cover_confirmed:
                raise UserError(
                    self.env._(
                        "Ticket %s: confirm its cover before logging work.",
                        ticket.number,
                    )
                )
        decision = ticket._support_decide_work(self.day, self.work_mode_id, self)
        if decision.kind == cover.NONE:
            reasons = self.env["support.cover"]._explain(
                [list(reason) for reason in decision.reasons]
            )
            raise UserError(
                self.env._(
                    "Nothing covers “%(work)s” on %(day)s: %(reasons)s. Choose another "
                    "cover on the ticket.",
                    work=self.name,
                    day=self.day.isoformat(),
                    reasons="; ".join(
                        f"{line['contract']} {line['text']}".strip() for line in reasons
                    ),
                )
            )
        return decision

    def _draw_parts(self, contract, decision, parts):
        """Let the cover pay the parts one after the other: hours first, then money
        where the contract says so.

        :return: list of :class:`Drawn`, one for each part
        """
        self.ensure_one()
        if not parts:  # goodwill, by hand and with a reason
            return []
        flat = bool(contract) and contract._fee_pays(self.work_mode_id)
        payer = drawing.who_pays(decision, flat)
        if payer == drawing.PRICED:
            return [self._price(part, part.minutes, contract) for part in parts]
        if payer == drawing.TICKET:
            # a pack bought after the ticket was opened: the ticket is taken now
            self.ticket_id._support_hold(decision.holds)
        if payer != drawing.BALANCES:
            return [Drawn(part) for part in parts]
        ledgers = contract._get_ledgers_for(self.work_mode_id).filtered(
            lambda ledger: ledger.unit != "ticket"
        )
        own = self._get_own_reservations()
        (ledgers | own.ledger_id).sorted("id")._lock()
        drawn = [
            self._draw_part(part, contract, decision, ledgers, own) for part in parts
        ]
        missing = sum(part.minutes for part in drawn)
        if missing and decision.overage == cover.REFUSE:
            self._refuse_overage(contract, missing)
        # the work that was reserved for has come; what it did not need is free again
        own._release()
        return drawn

    def _draw_part(self, part, contract, decision, ledgers, own):
        """Draw one part."""
        times = ledgers.filtered(lambda ledger: ledger.unit == "time")

        def debit(ledger, quantity):
            _entries, left = ledger._debit(
                quantity, "work", self.day, own, **self._get_origin_values()
            )
            return left

        return drawing.draw_part(
            part,
            decision.overage,
            contract.surcharge_on_time,
            times,
            ledgers - times,
            debit,
            lambda part, minutes: self._price(part, minutes, contract),
        )

    def _get_own_reservations(self):
        """What is held for this work, and used up by it: not what is held for other
        planned work of the ticket."""
        return self.ticket_id.support_reservation_ids.filtered(
            lambda held: (
                held.state == "held" and held.intervention_id in (self, self.browse())
            )
        )

    def _refuse_overage(self, contract, minutes):
        raise UserError(
            self.env._(
                "Contract %(contract)s does not cover “%(work)s”: %(missing)s are "
                "missing, and it allows no work beyond its balance.",
                contract=contract.name,
                work=self.name,
                missing=self.env["support.unit.mixin"]._format_in_unit(
                    minutes, "time", None
                ),
            )
        )

    def _price(self, part, minutes, contract):
        """``minutes`` of ``part`` at its percentage of the agreed rate of
        ``contract``, or of the on-call tariff.

        :raise UserError: if no price is set
        """
        digits = self._get_currency(contract).decimal_places
        return drawing.price_part(part, minutes, self._get_hour(contract), digits)

    def _get_origin_values(self):
        return {
            "ticket_id": self.ticket_id.id,
            "intervention_id": self.id,
        }

    def action_undo(self):
        """Open the form to undo the work, with a reason."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Undo"),
            "res_model": "support.intervention.undo",
            "view_mode": "form",
            "target": "new",
            "context": {"default_intervention_id": self.id},
        }

    def _undo(self, reason):
        """Reverse what was drawn, withdraw what was charged, and open the work for
        changes.

        :raise UserError: without a reason, if it is not done, or if it has been
            invoiced and no contract manager asks
        """
        self.check_access("write")
        for work in self:
            work._lock()
            if work.state != "done":
                raise UserError(self.env._("“%s” is not done.", work.name))
            if not (reason or "").strip():
                raise UserError(self.env._("Reason: say why the work is undone."))
            work._check_may_take_back()
            # checked above: who may write the work undoes all it drew
            entries = work.sudo().entry_ids
            drawn = entries.filtered(lambda entry: entry.quantity < 0)
            (drawn - entries.reversal_of_id)._reverse(reason)
            work._take_back(reason)
            # checked above; only this method takes the work back
            work.sudo().write(
                {
                    "state": "progress",
                    "cover": False,
                    "contract_id": False,
                    "treatment": False,
                    "overage_minutes": 0,
                    "overage_amount": 0.0,
                    "hourly_price": 0.0,
                }
            )
            work.message_post(body=self.env._("Undone: %s", reason))
