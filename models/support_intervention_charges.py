# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

from ..tools import cover, quantity, rounding, work_parts

#: what may change only while the work is not done
COST_INPUTS = {"travel_minutes", "material_ids"}


class SupportIntervention(models.Model):
    """What work consists of and what of it is charged: its parts, the travel, the
    material, and the charges that follow when it is done."""

    _inherit = "support.intervention"

    on_site = fields.Boolean(related="work_mode_id.on_site")
    travel_minutes = fields.Integer(
        string="Travel",
        copy=False,
        help="Time to the customer and back. What it costs is agreed in the contract, "
        "or set in the on-call tariff.",
    )
    part_ids = fields.One2many(
        comodel_name="support.intervention.part",
        inverse_name="intervention_id",
        string="Parts",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    material_ids = fields.One2many(
        comodel_name="support.intervention.material",
        inverse_name="intervention_id",
        string="Material",
        copy=False,
        groups="base.group_user",
    )
    charge_ids = fields.One2many(
        comodel_name="support.charge",
        inverse_name="intervention_id",
        string="Charges",
        readonly=True,
        copy=False,
        groups="support_contract.group_support_user",
    )
    posting = fields.Integer(
        readonly=True,
        copy=False,
        aggregator=None,
        groups="base.group_user",
        export_string_translation=False,
        help="Technical: how often the work was drawn and charged. Makes the keys of "
        "its charges unique when it is undone and done again.",
    )

    _travel_limit = models.Constraint(
        "CHECK (travel_minutes >= 0 AND travel_minutes < 1000000)",
        "The travel time cannot be negative.",
    )

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {"posting"}

    def write(self, vals):
        if not self.env.su and COST_INPUTS & vals.keys():
            self._check_draft()
        return super().write(vals)

    # ------------------------------------------------------------------
    # Parts
    # ------------------------------------------------------------------

    def _get_tariff(self, contract):
        """The :class:`Tariff` of ``contract``, or on call if there is none."""
        self.ensure_one()
        if contract:
            return contract._get_tariff(self.day)
        return self.company_id._support_get_tariff()

    def _get_calendar(self, contract):
        """The hours outside of which work is dearer: those that ``contract`` (may be
        empty) covers on the channel of the work mode, else of the ticket; without
        such hours the team's, else the company's, as for promised times.

        :return: a calendar, maybe empty: then nothing is outside
        """
        self.ensure_one()
        # who works need not read calendars; nothing of them is shown
        work = self.sudo()
        channel = work.work_mode_id.channel_id or work.ticket_id.channel_id
        for calendar in (
            contract.sudo().coverage_ids._get_calendar(channel),
            work.ticket_id.team_id.support_calendar_id,
            work.company_id.resource_calendar_id,
        ):
            if calendar and calendar.schedule_type != "flexible":
                return calendar
        return self.env["resource.calendar"]

    def _split(self, contract, tariff):
        """The parts (:class:`work_parts.Part`) of the billable time, in the order in
        which they are drawn."""
        self.ensure_one()
        hours, zone = None, ""
        calendar = self._get_calendar(contract)
        if calendar and self.billable_minutes and (tariff.outside or tariff.day_off):
            hours, zone = calendar._support_working_time().intervals, calendar.tz
        return work_parts.cut_work(
            self.start,
            self.end,
            self.billable_minutes,
            self.travel_minutes if self.work_mode_id.on_site else 0,
            hours,
            zone,
            tariff,
        )

    def _prepare_part_values(self, sequence, drawn, currency):
        return {
            "intervention_id": self.id,
            "sequence": sequence,
            "kind": drawn.part.kind,
            "when": drawn.part.when,
            "minutes": drawn.part.minutes,
            "percent": float(drawn.part.percent),
            "drawn_minutes": drawn.part.minutes - drawn.minutes,
            "charged_minutes": drawn.minutes,
            "currency_id": currency.id,
            "hourly_price": float(drawn.price),
            "amount": float(drawn.amount),
        }

    # ------------------------------------------------------------------
    # Prices
    # ------------------------------------------------------------------

    def _get_currency(self, contract):
        return (contract or self.company_id).currency_id

    def _get_hour(self, contract):
        """Untaxed price of an hour at the agreed rate of ``contract``, or at the
        on-call tariff.

        :return: Decimal
        :raise UserError: if no price is set
        """
        self.ensure_one()
        price = self.work_mode_id._get_hourly_price(
            self.env["product.pricelist"].browse(
                self._get_tariff(contract).pricelist or []
            ),
            self._get_currency(contract),
            self.day,
            self.company_id,
            self.partner_id,
        )
        if price is None:
            raise UserError(
                self.env._(
                    "Work mode %(mode)s has no hourly price: set the price of its "
                    "product or of the pricelist.",
                    mode=self.work_mode_id.name,
                )
            )
        return price

    def _get_unit_price(self, product, count, contract):
        """Untaxed price of one unit of ``product`` when ``count`` are taken.

        :return: Decimal, 6 digits
        """
        self.ensure_one()
        # what is read here is stored where technicians do not see it
        pricelist = self.env["product.pricelist"].sudo()
        return product.sudo()._support_get_unit_price(
            pricelist.browse(self._get_tariff(contract).pricelist or []),
            count,
            self._get_currency(contract),
            self.day,
            self.company_id,
        )

    def _get_amount(self, price, count, currency):
        """``count`` units at ``price`` (Decimals), rounded in ``currency``."""
        # an hourly price of 60 units of a sixtieth is the price of one unit
        return rounding.price_of_minutes(price * count, 60, currency.decimal_places)

    # ------------------------------------------------------------------
    # Charges
    # ------------------------------------------------------------------

    def _charge(self, contract, decision, drawn):
        """Charge what is not covered: time, travel and material; and name what is
        covered, if the company wants that on its invoices.

        :param drawn: list of :class:`Drawn`, the parts with who pays them
        """
        self.ensure_one()
        lang = self.partner_id.lang or self.env.lang
        # in the customer's language: it is the text of his invoice
        work = self.with_context(lang=lang)
        contract = contract.with_context(lang=lang)
        free = decision.treatment == cover.FREE
        rows = [
            *work._prepare_part_charges(contract, drawn),
            *work._prepare_travel_charge(contract, free),
            *work._prepare_material_charges(contract),
            *work._prepare_covered_note(contract, drawn, decision),
        ]
        self.env["support.charge"]._add(rows)

    def _prepare_charge_values(self, contract, kind, mark, name, **values):
        """:param mark: tells the charge from others of its kind and this work"""
        key = f"{kind}:{self.id}:{self.posting}"
        return {
            "key": f"{key}:{mark}" if mark != "" else key,
            "kind": kind,
            "name": name,
            "company_id": self.company_id.id,
            "currency_id": self._get_currency(contract).id,
            "partner_id": (contract.partner_id or self.commercial_partner_id).id,
            "contract_id": contract.id,
            "date": self.day,
            "first_day": self.day,
            "last_day": self.day,
            "ticket_id": self.ticket_id.id,
            "intervention_id": self.id,
            **values,
        }

    def _prepare_part_charges(self, contract, drawn):
        product = self.work_mode_id.product_id
        digits = self._get_currency(contract).decimal_places
        rows = []
        for index, part in enumerate(drawn):
            if not (part.minutes and part.amount):
                continue
            # hours as an invoice shows them, if they say what is owed
            hours = (Decimal(part.minutes) / 60).quantize(Decimal("0.01"))
            unit, price = Decimal(1), part.amount
            if rounding.price_of_minutes(part.price * hours, 60, digits) == part.amount:
                unit, price = hours, part.price
            rows.append(
                self._prepare_charge_values(
                    contract,
                    part.part.kind,
                    index,
                    self._describe_part(contract, part),
                    product_id=product.id,
                    minutes=part.minutes,
                    quantity=float(unit),
                    price_unit=float(price),
                    amount=float(part.amount),
                )
            )
        return rows

    def _prepare_travel_charge(self, contract, free):
        """The call-out fee, once for each visit, also if hours cover the work; not for
        goodwill, nor for a request that is free."""
        tariff = self._get_cost_tariff(contract)
        if not (
            tariff.travel == work_parts.FLAT
            and tariff.travel_product
            and self.work_mode_id.on_site
            and self.billable_minutes
            and not free
            # we come of our own accord to install a release
            and not self.sudo().ticket_id.support_release_id
        ):
            return []
        product = self.env["product.product"].browse(tariff.travel_product)
        currency = self._get_currency(contract)
        price = self._get_travel_price(contract, product)
        amount = self._get_amount(price, Decimal(1), currency)
        if not amount:
            return []
        return [
            self._prepare_charge_values(
                contract,
                "travel",
                "flat",
                self._describe_product(product.display_name),
                product_id=product.id,
                quantity=1.0,
                price_unit=float(price),
                amount=float(amount),
            )
        ]

    def _get_cost_tariff(self, contract):
        """The tariff that is charged; an accepted price may have fixed it."""
        return self._get_tariff(contract)

    def _get_travel_price(self, contract, product):
        """Untaxed price of one visit."""
        return self._get_unit_price(product, 1.0, contract)

    def _prepare_material_charges(self, contract):
        """Price the material; also what it is free of charge keeps its price."""
        currency = self._get_currency(contract)
        rows = []
        for material in self.material_ids:
            count = Decimal(str(round(material.quantity, 6)))
            price = self._get_unit_price(
                material.product_id, material.quantity, contract
            )
            amount = self._get_amount(price, count, currency)
            if not amount and not material.free:
                raise UserError(
                    self.env._(
                        "Material %s has no price: set the price of the product, or "
                        "mark it as free of charge.",
                        material.name,
                    )
                )
            material.write(
                {
                    "price_unit": float(price),
                    "amount": 0.0 if material.free else float(amount),
                    "currency_id": currency.id,
                }
            )
            if not material.free:
                rows.append(
                    self._prepare_charge_values(
                        contract,
                        "material",
                        material.id,
                        self._describe_product(material.name),
                        product_id=material.product_id.id,
                        quantity=material.quantity,
                        price_unit=float(price),
                        amount=float(amount),
                    )
                )
        return rows

    def _prepare_covered_note(self, contract, drawn, decision):
        """What the warranty or the contract has covered, and what is left of it."""
        minutes = sum(part.part.minutes - part.minutes for part in drawn)
        warranty = decision.kind == cover.WARRANTY
        if not (minutes and self.company_id.support_invoice_covered) or not (
            contract or warranty
        ):
            return []
        left = ", ".join(
            ledger._format_quantity(ledger.usable)
            for ledger in contract._get_ledgers_for(self.work_mode_id)
        )
        time = quantity.format_minutes(minutes)
        if warranty:
            text = self.env._("%s h covered by the warranty", time)
        elif left:
            text = self.env._(
                "%(time)s h covered by contract %(contract)s, %(left)s left",
                time=time,
                contract=contract.name,
                left=left,
            )
        else:
            text = self.env._(
                "%(time)s h covered by contract %(contract)s",
                time=time,
                contract=contract.name,
            )
        return [
            self._prepare_charge_values(
                contract,
                "note",
                "",
                self._describe(text),
                product_id=self.work_mode_id.product_id.id,
                minutes=minutes,
                quantity=1.0,
                price_unit=0.0,
                amount=0.0,
            )
        ]

    def _describe(self, text):
        """A line of an invoice about this work."""
        return self.env._(
            "%(day)s, %(ticket)s %(work)s: %(text)s",
            day=format_date(self.env, self.day),
            ticket=self.ticket_id.number,
            work=self.name,
            text=text,
        )

    def _describe_product(self, name):
        """A product and the work that it belongs to, as Odoo writes lines of invoices:
        the product first."""
        text = self.env._(
            "%(day)s, %(ticket)s %(work)s",
            day=format_date(self.env, self.day),
            ticket=self.ticket_id.number,
            work=self.name,
        )
        return f"{name}\n{text}"

    def _describe_part(self, contract, drawn):
        """The time and rate of a part in words: "1:30 h at 120.00 €/h, outside the
        hours +50 %"."""
        part = drawn.part
        price = format_amount(
            self.env, float(drawn.price), self._get_currency(contract)
        )
        values = {"time": quantity.format_minutes(drawn.minutes), "price": price}
        if part.kind == work_parts.TRAVEL:
            text = self.env._("travel %(time)s h at %(price)s/h", **values)
        else:
            text = self.env._("%(time)s h at %(price)s/h", **values)
        reason = {
            work_parts.OUTSIDE: self.env._("outside the hours"),
            work_parts.DAY_OFF: self.env._("day off"),
        }.get(part.when)
        if reason and part.kind == work_parts.WORK:
            more = f"{part.percent - work_parts.FULL:f}"
            more = more.rstrip("0").rstrip(".") if "." in more else more
            text = self.env._(
                "%(text)s, %(reason)s +%(percent)s %%",
                text=text,
                reason=reason,
                percent=more,
            )
        return self._describe(text)

    # ------------------------------------------------------------------
    # Taken back
    # ------------------------------------------------------------------

    def _get_live_charges(self):
        """What the last posting of each work has charged, unless cancelled."""
        # callers check the right to the work; charges are nobody's to write
        return self.sudo().charge_ids.filtered(
            lambda charge: (
                charge.kind != "refund"
                and not charge.cancelled
                and charge.key.split(":")[2] == str(charge.intervention_id.posting)
            )
        )

    def _check_may_take_back(self):
        """:raise UserError: if the work is on an invoice, unless a contract manager
        asks (``edge_cases.md``, "a usage is corrected after it is invoiced")"""
        manager = self.env.user.has_group("support_contract.group_support_manager")
        for work in self:
            if work._get_live_charges().filtered(
                lambda charge: charge.state == "invoiced"
            ) and not (manager or self.env.su):
                raise UserError(
                    self.env._(
                        "“%s” has been invoiced: only a contract manager may undo it. "
                        "What was charged is then refunded with the next invoice.",
                        work.name,
                    )
                )

    def _take_back(self, reason):
        """Withdraw the charges, and forget the parts and prices. What was drawn from
        ledgers is reversed by the caller, who has checked who may do this."""
        work = self.sudo()  # see above
        charges = work._get_live_charges()
        # a line without an amount needs no refund: it stays on its invoice
        charges.filtered(
            lambda charge: charge.kind != "note" or charge.state != "invoiced"
        )._withdraw(reason)
        work.part_ids.unlink()
        work.material_ids.write({"price_unit": 0.0, "amount": 0.0})
