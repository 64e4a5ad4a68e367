# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError

from ..tools import cover, rounding


class SupportIntervention(models.Model):
    """What work will take, before it is booked: the same order in which the estimate
    is held (``_hold_estimate``), only read."""

    _inherit = "support.intervention"

    def _get_forecast(self):
        """What this work, which may be only thought of, will take if it takes as long
        as estimated.

        The caller has checked that the reader may read the ticket; sentences in his
        language are all that leaves.

        :return: dict: ``lines``, sentences, and ``covered``, False if it cannot be
            planned
        """
        self.ensure_one()
        work = self.sudo()  # see above
        own = work._origin or None
        decision = work.ticket_id._support_decide_work(work.day, work.work_mode_id, own)
        if decision.kind == cover.NONE:
            return work._forecast_nothing(decision)
        if decision.kind == cover.WARRANTY:
            return _covered(self.env._("Free of charge: it is under warranty."))
        if decision.kind == cover.ON_CALL:
            return _covered(work._forecast_on_call())
        contract = work.env["support.contract"].browse(decision.contract_id)
        if decision.treatment == cover.QUOTED:
            return _covered(
                self.env._("We quote it first. Nothing is taken from your balance.")
            )
        if (
            decision.treatment == cover.FREE
            or contract._fee_pays(work.work_mode_id)
            or any(hold.unit == "ticket" for hold in decision.holds)
        ):
            return _covered(
                self.env._("Included in contract %s: nothing is taken.", contract.name)
            )
        return work._forecast_balances(contract, decision)

    def _forecast_nothing(self, decision):
        if self._awaits_grant():
            return _covered(
                self.env._("It is taken from what your contract grants by then.")
            )
        reasons = self.env["support.cover"]._explain(
            [list(reason) for reason in decision.reasons]
        )
        lines = [self.env._("Your contracts do not cover this work on that day.")]
        lines += [
            f"{line['contract']}: {line['text']}" if line["contract"] else line["text"]
            for line in reasons
        ]
        return {"lines": lines, "covered": False}

    def _forecast_on_call(self):
        no_contract = self.env["support.contract"]
        try:
            price = self._format_hour(no_contract)
        except UserError:
            return self.env._(
                "It is charged by the hour. You accept the price before we begin."
            )
        return self.env._(
            "It is charged by the hour: %s, without taxes. You accept the price "
            "before we begin.",
            price,
        )

    def _format_hour(self, contract):
        return self.env["support.unit.mixin"]._format_in_unit(
            float(self._get_hour(contract)), "money", self._get_currency(contract)
        )

    def _forecast_balances(self, contract, decision):
        """Hours first, then the wallet, as they are held."""
        ledgers = contract._get_ledgers_for(self.work_mode_id).filtered(
            lambda ledger: ledger.unit != "ticket"
        )
        usable = self._read_usable(contract)
        times = ledgers.filtered(lambda ledger: ledger.unit == "time")
        wallets = ledgers - times
        lines, left = [], Decimal(self._get_estimate(contract))
        for ledger in times:
            left = self._forecast_part(ledger, left, usable, lines)
        if left and wallets and (not times or decision.overage == cover.WALLET):
            digits = contract.currency_id.decimal_places
            hour = self._get_hour(contract)
            unpaid = cost = rounding.price_of_minutes(hour, int(left), digits)
            for ledger in wallets:
                unpaid = self._forecast_part(ledger, unpaid, usable, lines)
            left = rounding.minutes_unpaid(int(left), cost, cost - unpaid)
        if not left:
            return {"lines": lines, "covered": True}
        minutes = self.env["support.unit.mixin"]._format_in_unit(
            int(left), "time", None
        )
        if self._awaits_grant():
            lines.append(
                self.env._(
                    "%s are taken from what your contract grants by then.", minutes
                )
            )
        elif decision.overage == cover.REFUSE:
            lines.append(
                self.env._("Your balance does not cover %s of this work.", minutes)
            )
            return {"lines": lines, "covered": False}
        else:
            lines.append(
                self.env._(
                    "%(minutes)s are beyond your balance and charged: %(price)s an "
                    "hour, without taxes.",
                    minutes=minutes,
                    price=self._format_hour(contract),
                )
            )
        return {"lines": lines, "covered": True}

    def _forecast_part(self, ledger, wanted, usable, lines):
        """Add a line about what ``ledger`` gives; what it cannot give is left."""
        part = min(max(usable.get(ledger.id, Decimal(0)), Decimal(0)), wanted)
        if part:
            lines.append(
                self.env._(
                    "%(quantity)s from “%(balance)s”, of which %(left)s are left then.",
                    quantity=ledger._format_quantity(float(part)),
                    balance=ledger.label,
                    left=ledger._format_quantity(float(usable[ledger.id] - part)),
                )
            )
        return wanted - part

    def _read_usable(self, contract):
        """``{ledger id: Decimal}``: what this work can use on its day. What is held
        for itself, and by its ticket for whatever comes first, passes to it."""
        rows = self.env["support.cover"]._get_balances(
            {contract.id: [{"id": contract.id}]}, self.company_id, self.day
        )
        mine = (f"{self.ticket_id.id}:", f"{self.ticket_id.id}:{self._origin.id}")
        usable = {}
        for row in rows.get(contract.id, []):
            held = row["by_owner"] or {}
            own = sum(Decimal(str(held.get(owner, 0))) for owner in set(mine))
            # the cursor gives numbers of the database as floats
            remaining, reserved = Decimal(str(row["remaining"])), row["reserved"]
            usable[row["id"]] = remaining - Decimal(str(reserved)) + own
        return usable


def _covered(line):
    return {"lines": [line], "covered": True}
