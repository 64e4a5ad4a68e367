# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import hashlib
import json

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from ..tools import cover, quantity, sla

#: reasons that more of the balance would help against (S2: the gate)
TOPUP_CODES = {"gate_money", "gate_time", "no_tickets", "used_up"}
#: reasons of the vendor's people, which are not the customer's
INTERNAL_CODES = {"chosen", "unconfirmed"}
#: work that is paid for, but not from a balance
FREE_CODES = {"warranty", "free", "flat"}


class HelpdeskTicket(models.Model):
    """What a customer reads about the cover of a ticket, before it is sent and after:
    what pays, what is drawn, what is left, what is promised or what it costs.

    The methods run on tickets with all rights: they give texts and plain values about
    the ticket's own customer, and nothing else.
    """

    _inherit = "helpdesk.ticket"

    # ------------------------------------------------------------------
    # Before it is sent
    # ------------------------------------------------------------------

    @api.model
    def _support_preview(self, vals, partner):
        """What would become of a ticket with ``vals``, by the decision that creating
        it makes. Nothing is stored, reserved or taken.

        :param dict vals: as :meth:`create` would get them, checked
        :param partner: the contact who asks
        :return: dict of plain values for ``portal_ticket_preview``
        """
        # as the ticket would be made; only texts about this customer leave
        model = self.sudo()
        vals = dict(vals, attachment_ids=[])
        [holds] = model._support_prepare_cover([vals])
        ticket = model.new(vals)
        return {
            **ticket._support_describe_cover(partner),
            "draws": ticket._support_describe_draws(holds),
            "promises": ticket._support_preview_promises(),
            "price": ticket._support_preview_price(partner),
        }

    def _support_preview_promises(self):
        """The promises of a ticket that is sent now, in words."""
        self.ensure_one()
        if self.support_cover == cover.NONE:
            return []
        now = self.env["res.company"]._support_now()
        clocks = self.env["support.sla.clock"]
        terms = self._support_read_terms(now).get(self, [])
        hours = clocks._read_hours(clocks._get_calendars(terms))
        promises = []
        for item in sorted(terms, key=lambda item: item.kind != "response"):
            clock = sla.start(item.seconds, hours[item.calendar_id], now)
            thought = clocks.new(
                {
                    "ticket_id": self.id,
                    "kind": item.kind,
                    **clocks._prepare_clock_values(clock),
                }
            )
            promises.append(thought._get_promise())
        return promises or [self.env._("No guaranteed time")]

    def _support_preview_price(self, partner):
        """The price that is to be accepted before work begins, or None."""
        self.ensure_one()
        mode = self.support_work_mode_id
        quoted = (
            self.support_cover == cover.CONTRACT
            and self.support_treatment == cover.QUOTED
        )
        if not mode or not (quoted or self.support_cover == cover.ON_CALL):
            return None
        try:
            values = self._support_prepare_price(mode)
        except UserError:
            # no price is set, or work itself is covered: the technician tells
            return None
        if values["hourly_price"] <= 0:
            return None
        offer = self.env["support.price.acceptance"].new(values)
        return {
            **offer._get_portal_price(),
            "key": self._support_price_key(values),
            "may_accept": offer._is_answerable(partner),
        }

    @api.model
    def _support_price_key(self, values):
        """What tells one price from another: a price that was shown must be the price
        that is stored."""
        shown = {name: value for name, value in values.items() if name != "ticket_id"}
        text = json.dumps(shown, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def _support_accept_shown_price(self, key, limit=0):
        """Record that the current portal user has accepted, with the ticket that he
        has just sent, the price that the form had shown.

        :param str key: of the price that was shown, see :meth:`_support_price_key`
        :param int limit: minutes that may be charged; 0: no limit
        :raise UserError: if the price is another one now
        """
        self.ensure_one()
        mode = self.support_work_mode_id
        if self._support_price_key(self._support_prepare_price(mode)) != key:
            raise UserError(
                self.env._(
                    "The price has changed since it was shown: please check it again."
                )
            )
        offer = self._support_offer_price(mode, limit, send=False)
        offer._accept_by_customer()

    # ------------------------------------------------------------------
    # What covers it
    # ------------------------------------------------------------------

    def _support_describe_cover(self, partner):
        """What covers the ticket and why, in the customer's words.

        :param partner: the contact who reads it
        :return: dict with ``covered``, ``heading``, ``lines`` and ``topup``
        """
        self.ensure_one()
        contract = self.support_contract_id
        reasons = [
            reason
            for reason in self.support_cover_reasons or []
            if reason[0] not in INTERNAL_CODES
        ]
        lines = [
            {
                "covers": line["covers"],
                "text": " ".join(filter(None, [line["contract"], line["text"]])),
            }
            for line in self.env["support.cover"]._explain(reasons)
        ]
        headings = {
            cover.WARRANTY: self.env._("The warranty covers this ticket"),
            cover.CONTRACT: self.env._("Contract %s covers this ticket", contract.name),
            cover.ON_CALL: self.env._("No contract covers this ticket"),
            cover.NONE: self.env._("We cannot help with this ticket at present"),
        }
        if self.support_cover == cover.CONTRACT and (
            self.support_treatment == cover.QUOTED
        ):
            headings[cover.CONTRACT] = self.env._(
                "Contract %s: this ticket is quoted first", contract.name
            )
        covered = self.support_cover in (cover.WARRANTY, cover.CONTRACT)
        return {
            "kind": self.support_cover or "",
            "covered": covered,
            "heading": headings.get(self.support_cover)
            or self.env._("What covers this ticket is decided by a person"),
            "lines": [line for line in lines if line["covers"] or not covered],
            "topup": None if covered else self._support_describe_topup(partner),
        }

    def _support_describe_topup(self, partner):
        """The way out if a balance is too low: where to top it up, and who may."""
        self.ensure_one()
        ids = [
            contract_id
            for code, contract_id, _params in self.support_cover_reasons or []
            if code in TOPUP_CODES
        ]
        contract = self.env["support.contract"].browse(ids[:1]).exists()
        if not contract:
            return None
        people = contract.orderer_ids | contract.signatory_id | contract._get_person()
        may = contract._may_order(partner)
        return {
            "url": f"/my/support-contracts/{contract.id}/topup" if may else "",
            "text": self.env._("Top up contract %s", contract.name)
            if may
            else self.env._(
                "Contract %(contract)s can be topped up by %(people)s.",
                contract=contract.name,
                people=", ".join(people.mapped("name"))
                or self.env._("those whom your company names to us"),
            ),
        }

    # ------------------------------------------------------------------
    # What it draws
    # ------------------------------------------------------------------

    def _support_describe_draws(self, holds):
        """What the ticket draws and what is left afterwards, as sentences.

        :param holds: what the decision reserves or takes, ``cover.Hold``
        """
        self.ensure_one()
        if self.support_cover == cover.WARRANTY:
            return [self.env._("Nothing is drawn from a balance.")]
        contract = self.support_contract_id
        if not contract:
            return []
        codes = {reason[0] for reason in self.support_cover_reasons or []}
        if self.support_treatment == cover.QUOTED:
            return []
        if self.support_treatment == cover.FREE or codes & FREE_CODES:
            return [self.env._("Nothing is drawn from a balance.")]
        texts = [self._support_describe_hold(hold) for hold in holds]
        if not texts and "charged" not in codes:
            texts = [
                self.env._(
                    "The time worked is drawn: %s can be used today.",
                    ledger._format_quantity(ledger.usable),
                )
                for ledger in contract._get_ledgers_for(self.support_work_mode_id)
                if ledger.usable > 0
            ]
        if codes & {"charged", "overage"}:
            texts += self._support_describe_rate(contract)
        if not codes & {"tickets"}:
            texts.append(
                self._support_describe_rounding(contract, self.support_work_mode_id)
            )
        return [text for text in texts if text]

    def _support_describe_hold(self, hold):
        ledger = self.env["support.ledger"].browse(hold.ledger_id)
        left = ledger._format_quantity(max(ledger.usable - float(hold.quantity), 0))
        if hold.unit == "ticket":
            return self.env._(
                "It takes one ticket; %s left afterwards.",
                left,
            )
        return self.env._(
            "%(held)s are held for it until the work is done; %(left)s are left "
            "afterwards.",
            held=ledger._format_quantity(hold.quantity),
            left=left,
        )

    def _support_describe_rate(self, contract):
        """The agreed rate of work that no balance covers."""
        mode = self.support_work_mode_id
        work = self.env["support.intervention"].new(
            {
                "ticket_id": self.id,
                "work_mode_id": mode.id,
                "day": self.company_id._support_day(),
            }
        )
        try:
            price = work._get_hour(contract)
        except UserError:
            return []
        return [
            self.env._(
                "%(mode)s: %(price)s an hour, plus taxes.",
                mode=mode.name,
                price=format_amount(self.env, float(price), contract.currency_id),
            )
        ]

    def _support_describe_rounding(self, contract, mode):
        """Minimum and step that count for ``mode``, as one sentence; empty if each
        minute counts."""
        terms = contract.work_mode_terms_ids.filtered(
            lambda terms: terms.work_mode_id == mode
        )
        source = terms[:1] or mode
        times = {
            "minimum": quantity.format_minutes(source.minimum_minutes),
            "step": quantity.format_minutes(source.step_minutes),
        }
        if source.minimum_minutes and source.step_minutes > 1:
            return self.env._(
                "At least %(minimum)s h, in steps of %(step)s h.", **times
            )
        if source.minimum_minutes:
            return self.env._("At least %(minimum)s h.", **times)
        if source.step_minutes > 1:
            return self.env._("In steps of %(step)s h.", **times)
        return ""
