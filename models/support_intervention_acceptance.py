# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import cover, quantity


class SupportIntervention(models.Model):
    """Work that nothing covers, or that is quoted first, needs a price that the
    customer accepted before it began; that price is charged."""

    _inherit = "support.intervention"

    acceptance_id = fields.Many2one(
        comodel_name="support.price.acceptance",
        string="Accepted Price",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        groups="base.group_user",
    )

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {"acceptance_id"}

    def _check_accepted(self, moment):
        """May this work begin at ``moment``, as far as its price is concerned?

        Goodwill of 0 minutes needs no price, nor does what a contract covers. Whether
        anything covers the work at all is not asked here: that is decided when it is
        done.

        :param datetime moment: when it begins (UTC)
        :raise UserError: if its price has not been accepted until then, or its limit
            is used up; says what to do
        """
        for work in self:
            ticket = work.ticket_id
            if work.billable_by_hand and not work.manual_minutes:
                continue
            # internal field; only whether
            if not (ticket.partner_id and ticket.sudo().support_cover_confirmed):
                continue
            decision = ticket._support_decide_work(
                work.company_id._support_day(moment), work.work_mode_id, work
            )
            if work._needs_acceptance(decision):
                work._get_acceptances(decision, moment, 1)

    @api.model
    def _needs_acceptance(self, decision):
        return decision.kind == cover.ON_CALL or (
            decision.kind == cover.CONTRACT and decision.treatment == cover.QUOTED
        )

    def _get_acceptances(self, decision, moment, minutes):
        """The accepted prices that this work may be charged at, newest first.

        :param datetime moment: when the work begins; what is accepted later is too
            late
        :param int minutes: what is to be charged at the least
        :raise UserError: if there is none
        """
        accepted = self._read_acceptances(decision)
        in_time = accepted.filtered(lambda price: price.accepted_on <= moment)
        if not in_time:
            if accepted:
                raise UserError(
                    self.env._(
                        "“%(work)s”: its price was accepted only after the work had "
                        "begun. If it was accepted earlier by phone, record it with "
                        "the right time on ticket %(ticket)s.",
                        work=self.name,
                        ticket=self.ticket_id.number,
                    )
                )
            raise UserError(
                self.env._(
                    "“%(work)s”: no contract covers it, and the customer has not "
                    "accepted the price of %(mode)s. Use “Offer Price” or “Accepted "
                    "by Phone” on ticket %(ticket)s.",
                    work=self.name,
                    mode=self.work_mode_id.name,
                    ticket=self.ticket_id.number,
                )
            )
        fitting = in_time.filtered(
            lambda price: price._get_room() is None or price._get_room() >= minutes
        )
        if not fitting:
            self._refuse_beyond_limit(
                max(price._get_room() for price in in_time), minutes
            )
        return fitting

    def _read_acceptances(self, decision):
        """All that the customer has accepted for the work mode and the cover of this
        work, newest first, whenever and however much."""
        self.ensure_one()
        # technicians read acceptances, but not the contract behind a quoted one
        accepted = self.sudo().ticket_id.support_acceptance_ids.filtered(
            lambda price: (
                price.state == "accepted"
                and price.work_mode_id == self.work_mode_id
                and price.contract_id.id == (decision.contract_id or False)
            )
        )
        return accepted.sorted(lambda price: (price.accepted_on, price.id), True)

    def _refuse_beyond_limit(self, room, minutes):
        raise UserError(
            self.env._(
                "“%(work)s”: %(minutes)s h are to be charged, but of what the customer "
                "has accepted only %(room)s h are left. Let the customer accept more "
                "on ticket %(ticket)s, or bill less by hand.",
                work=self.name,
                minutes=quantity.format_minutes(minutes),
                room=quantity.format_minutes(room),
                ticket=self.ticket_id.number,
            )
        )

    def _get_parts(self, contract, decision):
        """The parts at the terms that the customer has accepted.

        When a manager changes the cover of work that is done, it is too late to ask:
        then the manager answers for it with the reason that is kept, and the present
        tariff is charged if none was accepted.
        """
        self.acceptance_id = False
        if not (self.billable_minutes and self._needs_acceptance(decision)):
            return super()._get_parts(contract, decision)
        room = minutes = 0
        if redraw := self.state == "done":
            acceptances = self._read_acceptances(decision)
        else:
            acceptances = self._get_acceptances(decision, self.start, 1)
        for acceptance in acceptances:
            parts = self._split(contract, acceptance._get_tariff())
            needed = sum(part.minutes for part in parts)
            left = acceptance._get_room()
            if left is None or left >= needed:
                self.acceptance_id = acceptance
                return parts
            room, minutes = max((room, minutes), (left, needed))
        if redraw:
            return super()._get_parts(contract, decision)
        return self._refuse_beyond_limit(room, minutes)

    def _take_back(self, reason):
        # callers have checked who may undo the work
        self.sudo().acceptance_id = False
        return super()._take_back(reason)

    # ------------------------------------------------------------------
    # The accepted price is the one that is charged
    # ------------------------------------------------------------------

    def _get_hour(self, contract):
        if self.acceptance_id:
            return Decimal(str(self.acceptance_id.hourly_price))
        return super()._get_hour(contract)

    def _get_currency(self, contract):
        return self.acceptance_id.currency_id or super()._get_currency(contract)

    def _get_cost_tariff(self, contract):
        if self.acceptance_id:
            return self.acceptance_id._get_tariff()
        return super()._get_cost_tariff(contract)

    def _get_travel_price(self, contract, product):
        if self.acceptance_id:
            return Decimal(str(self.acceptance_id.travel_price))
        return super()._get_travel_price(contract, product)
