# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models
from odoo.exceptions import UserError

from ..tools import cover, rounding


class SupportIntervention(models.Model):
    """Work that is done is drawn from the ledgers of what covers it on its day; what
    they do not cover is kept as overage with its price. It can be undone."""

    _inherit = "support.intervention"

    def action_done(self):
        """The work is done: draw it from what covers it on its day.

        :raise UserError: if nothing covers it, if it lies in the future, has no
            duration, or the contract refuses what its balance does not cover; nothing
            is drawn then
        """
        self.check_access("write")
        for work in self:
            work._lock()
            work._check_draft()
            work.ticket_id._support_check_workable()
            if not (work.raw_minutes or work.billable_by_hand):
                raise UserError(
                    self.env._(
                        "“%s”: enter when the work started and ended.", work.name
                    )
                )
            if work.end > fields.Datetime.now():
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
        """Decide the cover for the day and work mode of this work, and draw on it."""
        self.ensure_one()
        decision = self._decide()
        contract = (
            self.env["support.contract"].sudo().browse(decision.contract_id or [])
        )
        # a technician draws without any right to ledgers or prices: what is drawn is
        # what the decision and the minutes say
        work = self.sudo()
        if not work.billable_by_hand:
            work.billable_minutes = work._round(contract)
        values = {
            "cover": decision.kind,
            "contract_id": contract.id,
            "treatment": decision.treatment if contract else False,
            "currency_id": (contract or work.company_id).currency_id.id,
            "overage_minutes": 0,
            "overage_amount": 0.0,
            "hourly_price": 0.0,
        }
        minutes, amount, price = work._draw_from(contract, decision)
        if minutes:
            values |= {
                "overage_minutes": minutes,
                "overage_amount": float(amount),
                "hourly_price": float(price),
            }
        work.write(values)

    def _decide(self):
        """The cover of this work: the one that a person chose for the ticket, else
        what the rule says for its day and work mode."""
        self.ensure_one()
        ticket = self.ticket_id
        chosen = ticket.sudo().support_cover_chosen
        if chosen and ticket.support_cover == cover.ON_CALL:
            return cover.Decision(cover.ON_CALL)
        if not ticket.partner_id:
            raise UserError(
                self.env._("Ticket %s: choose the contact first.", ticket.number)
            )
        if not ticket.sudo().support_cover_confirmed:
            raise UserError(
                self.env._(
                    "Ticket %s: confirm its cover before logging work.", ticket.number
                )
            )
        if taken := self._get_ticket_entry():
            return cover.Decision(cover.CONTRACT, taken.contract_id.id, cover.FREE)
        [decision] = self.env["support.cover"]._decide(
            [
                ticket._support_get_request(
                    gate=False,
                    contract=ticket.sudo().support_contract_id if chosen else None,
                    day=self.day,
                    mode=self.work_mode_id,
                )
            ]
        )
        if decision.kind == cover.NONE or (chosen and decision.kind != cover.CONTRACT):
            reasons = self.env["support.cover"]._explain(
                [list(reason) for reason in decision.reasons]
            )
            raise UserError(
                self.env._(
                    "Nothing covers “%(work)s” on %(day)s: %(reasons)s. Choose another "
                    "cover on the ticket.",
                    work=self.name,
                    day=fields.Date.to_string(self.day),
                    reasons="; ".join(
                        f"{line['contract']} {line['text']}".strip() for line in reasons
                    ),
                )
            )
        return decision

    def _get_ticket_entry(self):
        """The entry that took the ticket off a pack, which pays for all work on it:
        not always the contract that covered the ticket when it was opened."""
        return self.ticket_id._support_get_taken()[:1]

    def _draw_from(self, contract, decision):
        """Draw on the contract's ledgers, time first, then money where the contract
        says so.

        :return: ``(minutes, untaxed amount, hourly price)`` of what is left over
        """
        self.ensure_one()
        minutes = self.billable_minutes
        if not minutes:  # goodwill, by hand and with a reason
            return 0, 0, 0
        if decision.kind == cover.ON_CALL:
            return self._price(minutes, None)
        if decision.treatment == cover.QUOTED:
            return self._price(minutes, contract)
        if decision.treatment == cover.FREE or contract._fee_pays(self.work_mode_id):
            return 0, 0, 0
        if any(hold.unit == "ticket" for hold in decision.holds):
            # a pack bought after the ticket was opened: the ticket is taken now
            self.ticket_id._support_hold(decision.holds)
            return 0, 0, 0
        ledgers = contract._get_ledgers_for(self.work_mode_id).filtered(
            lambda ledger: ledger.unit != "ticket"
        )
        own = self._get_own_reservations()
        (ledgers | own.ledger_id).sorted("id")._lock()
        times = ledgers.filtered(lambda ledger: ledger.unit == "time")
        for ledger in times:
            if minutes:
                _, left = ledger._debit(
                    minutes, "work", self.day, own, **self._get_origin_values()
                )
                minutes = int(left)
        wallets = ledgers - times
        if minutes and wallets and (not times or decision.overage == cover.WALLET):
            minutes, amount, price = self._draw_money(contract, wallets, minutes, own)
        elif minutes and decision.overage != cover.REFUSE:
            minutes, amount, price = self._price(minutes, contract)
        else:
            amount, price = 0, 0
        if minutes and decision.overage == cover.REFUSE:
            self._refuse_overage(contract, minutes)
        # the work that was reserved for has come; what it did not need is free again
        own._release()
        return minutes, amount, price

    def _get_own_reservations(self):
        """What is held for this work, and used up by it."""
        return self.ticket_id.support_reservation_ids.filtered(
            lambda held: held.state == "held"
        )

    def _draw_money(self, contract, wallets, minutes, own):
        minutes, cost, price = self._price(minutes, contract)
        unpaid = cost
        for wallet in wallets:
            if unpaid:
                _, unpaid = wallet._debit(
                    unpaid, "work", self.day, own, **self._get_origin_values()
                )
        left = rounding.minutes_unpaid(minutes, cost, cost - unpaid)
        return left, unpaid, price

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

    def _price(self, minutes, contract):
        """``minutes`` at the agreed rate of ``contract``, or at the on-call tariff.

        :raise UserError: if no price is set
        """
        self.ensure_one()
        company = self.company_id
        currency = contract.currency_id if contract else company.currency_id
        pricelist = company.support_on_call_pricelist_id
        if contract:
            pricelist = pricelist.browse(
                contract._get_terms_on(self.day)["pricelist_id"] or []
            )
        price = self.work_mode_id._get_hourly_price(
            pricelist, currency, self.day, company, self.partner_id
        )
        if price is None:
            raise UserError(
                self.env._(
                    "Work mode %(mode)s has no hourly price: set the price of its "
                    "product or of the pricelist.",
                    mode=self.work_mode_id.name,
                )
            )
        amount = rounding.price_of_minutes(price, minutes, currency.decimal_places)
        return minutes, amount, price

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
        """Reverse what was drawn and open the work for changes.

        :raise UserError: without a reason, or if it is not done
        """
        self.check_access("write")
        for work in self:
            work._lock()
            if work.state != "done":
                raise UserError(self.env._("“%s” is not done.", work.name))
            # checked above: who may write the work undoes all it drew
            entries = work.sudo().entry_ids
            drawn = entries.filtered(lambda entry: entry.quantity < 0)
            (drawn - entries.reversal_of_id)._reverse(reason)
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
