# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import cover, work_parts


class HelpdeskTicket(models.Model):
    """The price of help that nothing covers: offered to the customer, and accepted
    by him before work begins (S7, S8, S9)."""

    _inherit = "helpdesk.ticket"

    support_acceptance_ids = fields.One2many(
        comodel_name="support.price.acceptance",
        inverse_name="ticket_id",
        string="Prices",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    support_price_needed = fields.Boolean(
        string="Price to Be Accepted",
        compute="_compute_support_price_needed",
        groups="base.group_user",
        help="Nothing covers this help, and the customer has not accepted its price.",
    )

    @api.depends(
        "support_cover",
        "support_treatment",
        "support_work_mode_id",
        "support_rejected",
        "support_cover_confirmed",
        "closed",
        "support_acceptance_ids.state",
        "support_acceptance_ids.limit_minutes",
        "support_acceptance_ids.intervention_ids.state",
    )
    def _compute_support_price_needed(self):
        for ticket in self:
            quoted = (
                ticket.support_cover == cover.CONTRACT
                and ticket.support_treatment == cover.QUOTED
            )
            # compared only: not everybody may read the contract
            asked = ticket.sudo()
            contract = asked.support_contract_id if quoted else False
            open_prices = asked.support_acceptance_ids.filtered(
                lambda price, asked=asked, contract=contract: (
                    price.state == "accepted"
                    and price.work_mode_id == asked.support_work_mode_id
                    and (price.contract_id or False) == contract
                    and price._get_room() != 0
                )
            )
            ticket.support_price_needed = (
                (quoted or ticket.support_cover == cover.ON_CALL)
                and bool(ticket.partner_id)
                and ticket.support_cover_confirmed
                and not ticket.support_rejected
                and not ticket.closed
                and not open_prices
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_support_offer_price(self):
        """Open the form that tells the customer the price."""
        return self._support_open_price("offer", self.env._("Offer Price"))

    def action_support_accept_price(self):
        """Open the form that records that the customer accepted by phone."""
        return self._support_open_price("phone", self.env._("Accepted by Phone"))

    def _support_open_price(self, kind, name):
        self.ensure_one()
        action = self._support_open_wizard("support.ticket.price", name)
        action["context"] |= {"default_kind": kind}
        return action

    # ------------------------------------------------------------------
    # Offer and answer
    # ------------------------------------------------------------------

    def _support_prepare_price(self, mode, day=None):
        """The price of help in ``mode`` as values of ``support.price.acceptance``.

        Whoever may write the ticket gets to know this one price, also a technician:
        he is to tell it to the customer. The contract's other terms stay closed.

        :param date day: local day of the work, default: today
        :raise UserError: if there is no price to accept
        """
        self.ensure_one()
        self.check_access("write")
        self._support_check_workable()
        if not self.partner_id:
            raise UserError(
                self.env._("Ticket %s: choose the contact first.", self.number)
            )
        day = day or self.company_id._support_day()
        decision = self._support_decide_work(day, mode)
        quoted = decision.kind == cover.CONTRACT and decision.treatment == cover.QUOTED
        if not quoted and decision.kind != cover.ON_CALL:
            raise UserError(self._support_no_price_message(decision, mode))
        # checked above: only what makes up the price is read
        contract = self.env["support.contract"].sudo()
        contract = contract.browse(decision.contract_id or [])
        company = self.company_id.sudo()
        tariff = (
            contract._get_tariff(day) if contract else company._support_get_tariff()
        )
        currency = (contract or company).currency_id
        # only thought of, to ask it for the price that such work would have
        work = (
            self.env["support.intervention"]
            .sudo()
            .new({"ticket_id": self.id, "work_mode_id": mode.id, "day": day})
        )
        travel_price = 0.0
        if mode.on_site and tariff.travel == work_parts.FLAT and tariff.travel_product:
            product = self.env["product.product"].browse(tariff.travel_product)
            travel_price = float(work._get_unit_price(product, 1.0, contract))
        return {
            "ticket_id": self.id,
            "contract_id": contract.id,
            "work_mode_id": mode.id,
            "currency_id": currency.id,
            "hourly_price": float(work._get_hour(contract)),
            "outside_surcharge": float(tariff.outside),
            "day_off_surcharge": float(tariff.day_off),
            "travel_charge": tariff.travel,
            "travel_percent": float(tariff.travel_percent),
            "travel_product_id": tariff.travel_product or False,
            "travel_price": travel_price,
        }

    def _support_no_price_message(self, decision, mode):
        if decision.kind == cover.WARRANTY:
            return self.env._(
                "%(mode)s on ticket %(ticket)s is free in the warranty: there is no "
                "price to accept.",
                mode=mode.name,
                ticket=self.number,
            )
        if decision.kind == cover.CONTRACT:
            return self.env._(
                "%(mode)s on ticket %(ticket)s is covered by a contract: there is no "
                "price to accept.",
                mode=mode.name,
                ticket=self.number,
            )
        return self.env._(
            "Ticket %(ticket)s: nothing covers %(mode)s, and the company gives no help "
            "without a contract.",
            mode=mode.name,
            ticket=self.number,
        )

    def _support_offer_price(self, mode, limit=0, send=True):
        """Offer the customer the price of help in ``mode``. An open offer of the same
        mode is replaced.

        :param int limit: how many minutes may be charged; 0: no limit
        :param bool send: whether the customer is told by a message
        :return: the offer
        """
        values = self._support_prepare_price(mode)
        self._support_lock()
        for known in self._support_get_offer(mode):
            known._decline(self.env.user.name)
        # nobody may write acceptances; the right to the ticket is checked above
        offer = (
            self.env["support.price.acceptance"]
            .sudo()
            .create(
                values
                | {
                    "limit_minutes": limit,
                    "offered_on": self.env["res.company"]._support_now(),
                    "recorded_by_id": self.env.uid,
                }
            )
            .sudo(self.env.su)
        )
        if send:
            self._support_send_price(offer)
        return offer

    def _support_accept_by_phone(self, mode, name, moment, limit=0, partner=None):
        """Record that the customer has accepted by phone the price that was offered,
        or the present one. Technicians record it, also afterwards.

        :param str name: who has accepted
        :param datetime moment: when (UTC), not in the future
        :param int limit: how many minutes may be charged; 0: no limit
        :return: the acceptance
        """
        self.ensure_one()
        self.check_access("write")
        offer = self._support_get_offer(mode)
        if not offer:
            offer = self._support_offer_price(mode, limit, send=False)
        offer._accept("phone", name, moment, partner=partner, limit=limit)
        return offer

    def _support_get_offer(self, mode):
        """The open offer of ``mode``, if there is one."""
        return self.support_acceptance_ids.filtered(
            lambda price: price.state == "offered" and price.work_mode_id == mode
        )[:1]

    def _support_send_price(self, offer):
        """Tell the customer, as a message of the current user in his language."""
        # the template reads the offer and its ticket, which the user may write
        template = self.env.ref("support_contract.mail_template_price_offer").sudo()
        rendered = template._generate_template(offer.ids, ("subject", "body_html"))[
            offer.id
        ]
        self.message_post(
            body=rendered["body_html"],
            subject=rendered["subject"],
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.partner_id.ids,
        )
