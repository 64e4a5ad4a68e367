# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount

from ..tools import quantity, work_parts
from .support_terms_mixin import TRAVEL_CHARGES


class SupportPriceAcceptance(models.Model):
    """The price of help that nothing covers, as it was shown to the customer, and that
    he has accepted it: who, when and how far.

    The price that was accepted is the one that is charged, with its surcharges and
    the cost of travel; what becomes dearer later does not matter. Nobody has a right
    to change acceptances: the ticket's methods record them.

    Technicians otherwise see no prices. They see this one, because they are the ones
    who tell it to the customer on the phone.
    """

    _name = "support.price.acceptance"
    _description = "Price to Be Accepted"
    _order = "id desc"
    _check_company_auto = True

    ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    company_id = fields.Many2one(
        related="ticket_id.company_id", store=True, index=True, precompute=True
    )
    contract_id = fields.Many2one(
        comodel_name="support.contract",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Contract whose rates apply. Empty: on-call help.",
    )
    work_mode_id = fields.Many2one(
        comodel_name="support.work.mode",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency", required=True, readonly=True
    )
    hourly_price = fields.Monetary(
        required=True,
        readonly=True,
        aggregator=None,
        help="Untaxed price of an hour, without surcharges.",
    )
    outside_surcharge = fields.Float(digits=(5, 2), readonly=True, aggregator=None)
    day_off_surcharge = fields.Float(digits=(5, 2), readonly=True, aggregator=None)
    travel_charge = fields.Selection(
        selection=TRAVEL_CHARGES, string="Travel", required=True, readonly=True
    )
    travel_percent = fields.Float(digits=(5, 2), readonly=True, aggregator=None)
    travel_product_id = fields.Many2one(
        comodel_name="product.product", readonly=True, ondelete="restrict"
    )
    travel_price = fields.Monetary(
        readonly=True, aggregator=None, help="Untaxed price of one visit."
    )
    terms = fields.Char(
        string="Beside the Hour",
        compute="_compute_terms",
        help="Surcharges and travel, in words.",
    )
    limit_minutes = fields.Integer(
        string="Limit",
        readonly=True,
        help="How much may be charged at this price. 0: no limit.",
    )
    state = fields.Selection(
        selection=[
            ("offered", "Offered"),
            ("accepted", "Accepted"),
            ("declined", "Declined"),
        ],
        required=True,
        readonly=True,
        default="offered",
    )
    channel = fields.Selection(
        selection=[("portal", "Reserved area"), ("phone", "Phone")],
        string="Accepted by Way of",
        readonly=True,
    )
    accepted_by = fields.Char(readonly=True)
    accepted_partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Accepted by Contact",
        readonly=True,
        ondelete="set null",
    )
    accepted_on = fields.Datetime(readonly=True)
    offered_on = fields.Datetime(required=True, readonly=True)
    recorded_by_id = fields.Many2one(
        comodel_name="res.users", readonly=True, ondelete="restrict"
    )
    intervention_ids = fields.One2many(
        comodel_name="support.intervention",
        inverse_name="acceptance_id",
        string="Work",
        readonly=True,
    )

    _price_limit = models.Constraint(
        "CHECK (hourly_price > 0 AND hourly_price < 1e12)",
        "The price of an hour must be above zero.",
    )
    _limit_positive = models.Constraint(
        "CHECK (limit_minutes >= 0 AND limit_minutes < 1000000)",
        "The limit cannot be negative.",
    )
    _accepted_by_somebody = models.Constraint(
        "CHECK ((state = 'accepted') = (accepted_on IS NOT NULL) "
        "AND (state = 'accepted') = (accepted_by IS NOT NULL) "
        "AND (state = 'accepted') = (channel IS NOT NULL))",
        "An accepted price names who accepted it, when and how.",
    )

    @api.depends("hourly_price", "work_mode_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for acceptance in self:
            price = format_amount(
                self.env, acceptance.hourly_price, acceptance.currency_id
            )
            acceptance.display_name = f"{acceptance.work_mode_id.name} {price}/h"

    @api.depends("outside_surcharge", "day_off_surcharge", "travel_charge")
    @api.depends_context("lang")
    def _compute_terms(self):
        for acceptance in self:
            acceptance.terms = self._describe_terms(
                acceptance._get_tariff(),
                acceptance.work_mode_id,
                acceptance.travel_price,
                acceptance.currency_id,
            )

    @api.model
    def _describe_terms(self, tariff, mode, travel_price, currency):
        """What an hour costs beside its price, in words."""
        texts = []
        if tariff.outside:
            texts.append(
                self.env._("outside the hours +%s %%", f"{float(tariff.outside):g}")
            )
        if tariff.day_off:
            texts.append(self.env._("days off +%s %%", f"{float(tariff.day_off):g}"))
        if mode.on_site and tariff.travel == work_parts.BY_TIME:
            texts.append(
                self.env._(
                    "travel at %s %% of the hour", f"{float(tariff.travel_percent):g}"
                )
            )
        if mode.on_site and tariff.travel == work_parts.FLAT and travel_price:
            texts.append(
                self.env._(
                    "%s for the visit", format_amount(self.env, travel_price, currency)
                )
            )
        return ", ".join(texts)

    def _get_tariff(self):
        """The :class:`work_parts.Tariff` that was shown."""
        self.ensure_one()
        return work_parts.Tariff(
            outside=Decimal(str(self.outside_surcharge)),
            day_off=Decimal(str(self.day_off_surcharge)),
            on_time=False,
            travel=self.travel_charge or work_parts.NO_CHARGE,
            travel_percent=Decimal(str(self.travel_percent)),
            # what the fee is called is no secret; its price is in travel_price
            travel_product=self.sudo().travel_product_id.id or 0,
        )

    def _get_room(self):
        """Minutes that may still be charged at this price, or None without a limit."""
        self.ensure_one()
        if not self.limit_minutes:
            return None
        # counts everybody's work
        done = self.sudo().intervention_ids.filtered(lambda work: work.state == "done")
        return max(self.limit_minutes - sum(done.mapped("overage_minutes")), 0)

    def _format_limit(self):
        """The limit in words, for the customer."""
        self.ensure_one()
        if not self.limit_minutes:
            return self.env._("no limit")
        return self.env._(
            "up to %s h at the most", quantity.format_minutes(self.limit_minutes)
        )

    # ------------------------------------------------------------------
    # Answers
    # ------------------------------------------------------------------

    def _accept(self, channel, name, moment, partner=None, limit=None):
        """Record that the customer has accepted the price.

        :param str channel: ``portal`` or ``phone``
        :param str name: who
        :param datetime moment: when (UTC), not in the future
        :param partner: the contact, if it is one
        :param int limit: minutes; None leaves the offer's
        :raise UserError: if the offer has been answered already, or a value is wrong
        """
        self.ensure_one()
        self._lock_offer()
        name = (name or partner and partner.name or "").strip()
        if not name:
            raise UserError(
                self.env._("Accepted by: enter who has accepted the price.")
            )
        if not moment or moment > self.env["res.company"]._support_now():
            raise UserError(
                self.env._("Accepted on: a price cannot be accepted in the future.")
            )
        values = {
            "state": "accepted",
            "channel": channel,
            "accepted_by": name,
            "accepted_partner_id": partner.id if partner else False,
            "accepted_on": moment,
            "recorded_by_id": self.env.uid,
        }
        if limit is not None:
            values["limit_minutes"] = limit
        # nobody may write acceptances: the callers have checked who answers
        offer = self.sudo()
        offer.write(values)
        told = offer.with_env(offer.ticket_id._support_for_team().env)
        offer.ticket_id.message_post(
            body=told.env._(
                "%(who)s has accepted the price: %(price)s, %(limit)s.",
                who=name,
                price=", ".join(filter(None, [told.display_name, told.terms])),
                limit=told._format_limit(),
            ),
            author_id=self.env.user.partner_id.id,
            subtype_xmlid="mail.mt_note",
        )

    def _accept_by_customer(self, limit=None):
        """The current portal user accepts the price for his company.

        Possession of a link is no identity, and nobody of the vendor accepts for a
        customer: only a logged-in portal user of the ticket's customer may, and under
        a contract that names who may order only one of those.

        :param int limit: "up to three hours" in minutes; None leaves the offer's
        :raise AccessError: if it is not his to accept
        """
        self.ensure_one()
        self._check_customer()
        partner = self.env.user.partner_id
        # the customer may not write acceptances; it was checked that it is his own
        self.sudo()._accept(
            "portal",
            partner.name,
            self.env["res.company"]._support_now(),
            partner=partner,
            limit=limit,
        )

    def _decline_by_customer(self):
        """The current portal user declines the price; see
        :meth:`_accept_by_customer`."""
        self.ensure_one()
        self._check_customer()
        self._decline(self.env.user.partner_id.name)

    def _check_customer(self):
        if not (
            self.env.user._is_portal() and self._is_answerable(self.env.user.partner_id)
        ):
            raise AccessError(self.env._("You cannot accept this price."))

    def _is_answerable(self, partner):
        """Whether ``partner`` may accept or decline the price for the ticket's
        customer."""
        self.ensure_one()
        # compared only
        offer = self.sudo()
        owner = offer.ticket_id.partner_id.commercial_partner_id
        contract = offer.contract_id
        named = contract.orderer_ids | contract.signatory_id
        return (
            bool(owner)
            and partner.commercial_partner_id == owner
            and (not named or contract._may_order(partner))
        )

    def _get_portal_price(self):
        """The price as the customer reads it: plain texts, in his language.

        Called on an offer of the reader's own company, or one only thought of.
        """
        self.ensure_one()
        return {
            "mode": self.work_mode_id.name,
            "hour": format_amount(self.env, self.hourly_price, self.currency_id),
            "terms": self.terms or "",
            "rounding": self.ticket_id._support_describe_rounding(
                self.contract_id, self.work_mode_id
            ),
        }

    def action_decline(self):
        """The customer does not want help at this price."""
        self.ensure_one()
        self.ticket_id.check_access("write")
        self._decline(self.env.user.name)

    def _decline(self, name):
        self._lock_offer()
        # nobody may write acceptances: the callers have checked who answers
        offer = self.sudo()
        offer.state = "declined"
        told = offer.ticket_id._support_for_team()
        offer.ticket_id.message_post(
            body=told.env._("The price was declined (%s).", name),
            author_id=self.env.user.partner_id.id,
            subtype_xmlid="mail.mt_note",
        )

    def _lock_offer(self):
        """Answers to one offer wait for each other; an offer is answered once."""
        self.ticket_id._support_lock()
        self.invalidate_recordset(["state"])
        if self.sudo().state != "offered":  # whoever answers may know that it was
            raise UserError(self.env._("This price has been answered already."))
