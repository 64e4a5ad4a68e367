# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import Counter

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_amount, format_date

#: how many refusals are listed one by one
LISTED = 50


class SupportTypeComparisonLine(models.TransientModel):
    """What a customer's requests would have cost under one contract type, or on call,
    and what he would not have got."""

    _name = "support.type.comparison.line"
    _description = "Contract Type Compared"
    _order = "sequence, id"

    comparison_id = fields.Many2one(
        comodel_name="support.type.comparison",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    sequence = fields.Integer(readonly=True)
    company_id = fields.Many2one(related="comparison_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    type_id = fields.Many2one(
        comodel_name="support.contract.type",
        string="Contract Type",
        readonly=True,
        ondelete="cascade",
        help="Empty: help on call.",
    )
    package_id = fields.Many2one(
        comodel_name="product.product",
        string="First Package",
        readonly=True,
        ondelete="cascade",
    )
    name = fields.Char(string="Type", required=True, readonly=True)
    own = fields.Boolean(
        string="Had",
        readonly=True,
        help="The customer really had this: his own contracts are reckoned with.",
    )
    fee = fields.Monetary(
        string="Fees", readonly=True, help="Fees, packages and top-ups, untaxed."
    )
    work = fields.Monetary(
        readonly=True,
        help="Untaxed: what no balance covers, help on call, travel and material.",
    )
    total = fields.Monetary(readonly=True)
    refused = fields.Integer(
        readonly=True, help="Requests that would not have got all their help."
    )
    drawn_minutes = fields.Integer(string="Hours Used", readonly=True)
    lost_minutes = fields.Integer(
        string="Hours Lost",
        readonly=True,
        help="Hours that would have ended without having been used.",
    )
    promise = fields.Char(string="What We Promise", readonly=True)
    best = fields.Boolean(
        string="Cheapest",
        readonly=True,
        help="The least total of those that refuse nothing.",
    )
    details = fields.Html(readonly=True, sanitize=False)
    cost_ids = fields.One2many(
        comodel_name="support.type.comparison.cost",
        inverse_name="line_id",
        string="Cost",
        readonly=True,
    )

    @api.model
    def _prepare_rows(self, rows):
        """Values of the lines for the rows of ``support.suits``."""
        full = [row.outcome.total for row in rows if self._may_be_best(row)]
        least = min(full, default=None)
        return [
            self._prepare_row(sequence, row, least) for sequence, row in enumerate(rows)
        ]

    @api.model
    def _may_be_best(self, row):
        """Whether the row refuses nothing and has a price: a type whose fee is not set
        yet would always be the cheapest."""
        unpriced = row.contract_type.product_id and not row.outcome.fee
        return not row.outcome.refused and not unpriced

    @api.model
    def _prepare_row(self, sequence, row, least):
        outcome = row.outcome
        packages = [bought.key for bought in outcome.bought if bought.key]
        costs = {"fee": float(outcome.fee), "work": float(outcome.work)}
        return {
            "sequence": sequence,
            "type_id": row.contract_type.id,
            "package_id": packages[0] if packages else False,
            "name": row.contract_type.name or self.env._("On call, no contract"),
            "own": row.own,
            "fee": costs["fee"],
            "work": costs["work"],
            "total": float(outcome.total),
            "refused": outcome.refused,
            "drawn_minutes": int(outcome.drawn("time")),
            "lost_minutes": int(outcome.lost("time")),
            "promise": " ".join(
                target._get_promise_sentence() for target in row.targets
            )
            or self.env._("No guaranteed time"),
            "best": self._may_be_best(row) and outcome.total == least,
            "details": self._describe(row),
            "cost_ids": [
                Command.create({"kind": kind, "amount": amount})
                for kind, amount in costs.items()
            ],
        }

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------

    @api.model
    def _describe(self, row):
        """What was bought, used, lost and refused, for people."""
        sections = [
            (self.env._("What the customer would have bought"), self._tell_bought(row)),
            (self.env._("What was included"), self._tell_uses(row)),
            (self.env._("Promised times"), self._tell_promises(row)),
            (self.env._("What would have been refused"), self._tell_refusals(row)),
        ]
        return Markup("").join(
            Markup("<h5>%s</h5><ul>%s</ul>")
            % (title, Markup("").join(Markup("<li>%s</li>") % text for text in lines))
            for title, lines in sections
            if lines
        )

    @api.model
    def _format(self, value, unit, currency):
        return self.env["support.unit.mixin"]._format_in_unit(value, unit, currency)

    @api.model
    def _tell_bought(self, row):
        lines = []
        products = self.env["product.product"]
        for bought in row.outcome.bought:
            product = products.browse(bought.key or [])
            values = {
                "day": format_date(self.env, bought.day),
                "what": product.name or self.env._("Recharge of the wallet"),
                "price": format_amount(self.env, float(bought.amount), row.currency),
            }
            lines.append(self.env._("%(day)s: %(what)s, %(price)s", **values))
        if row.contract_type.package_ids and not row.own and not lines:
            lines.append(self.env._("Nothing: no package was needed."))
        return lines

    @api.model
    def _tell_uses(self, row):
        uses = Counter()
        for use in row.outcome.uses:
            for part in ("drawn", "lost", "left"):
                uses[use.unit, use.modes, part] += getattr(use, part)
        lines = []
        for unit, modes in dict.fromkeys((key[0], key[1]) for key in uses):
            values = {
                part: self._format(uses[unit, modes, part], unit, row.currency)
                for part in ("drawn", "lost", "left")
            }
            text = self.env._(
                "%(drawn)s used, %(lost)s lost, %(left)s left at the end", **values
            )
            names = self.env["support.work.mode"].browse(sorted(modes)).mapped("name")
            if names:
                text = self.env._(
                    "%(modes)s: %(text)s", modes=", ".join(names), text=text
                )
            lines.append(text)
        return lines

    @api.model
    def _tell_promises(self, row):
        kinds = dict(
            self.env["support.sla.target"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        lines = []
        for promise, count in row.outcome.promised.items():
            values = {
                "kind": kinds[promise.kind],
                "time": self._format(promise.minutes, "time", None),
                "count": count,
            }
            if promise.measure == "elapsed":
                text = self.env._(
                    "%(kind)s within %(time)s, day and night: %(count)s tickets",
                    **values,
                )
            else:
                text = self.env._(
                    "%(kind)s within %(time)s of coverage hours: %(count)s tickets",
                    **values,
                )
            lines.append(text)
        return lines

    @api.model
    def _tell_refusals(self, row):
        refusals = sorted(row.outcome.refusals, key=lambda item: (item.day, item.work))
        tickets = self.env["helpdesk.ticket"].browse(
            {refusal.ticket for refusal in refusals[:LISTED]}
        )
        numbers = {ticket.id: ticket.number for ticket in tickets}
        explain = self.env["support.cover"]._explain_one
        lines = []
        for refusal in refusals[:LISTED]:
            why = "; ".join(
                explain(reason.code, reason.params, row.currency)
                for reason in refusal.reasons
            )
            values = {
                "day": format_date(self.env, refusal.day),
                "ticket": numbers.get(refusal.ticket, ""),
                "why": why,
            }
            if refusal.minutes:
                lines.append(
                    self.env._(
                        "%(day)s, %(ticket)s, %(time)s: %(why)s",
                        time=self._format(refusal.minutes, "time", None),
                        **values,
                    )
                )
            else:
                lines.append(self.env._("%(day)s, %(ticket)s: %(why)s", **values))
        if len(refusals) > LISTED:
            lines.append(self.env._("and %s more", len(refusals) - LISTED))
        return lines

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_make_offer(self):
        """Make a draft contract of this type for the customer, and open it.

        :raise UserError: if there is no type to offer
        :raise AccessError: without a right to make contracts
        """
        self.ensure_one()
        if not self.type_id:
            raise UserError(
                self.env._("Help on call needs no contract: there is nothing to offer.")
            )
        if self.type_id.withdrawn:
            raise UserError(
                self.env._(
                    "Contract type %s is withdrawn: choose another one.",
                    self.type_id.name,
                )
            )
        comparison = self.comparison_id
        contract = self.env["support.contract"].create(
            {
                "type_id": self.type_id.id,
                "package_id": self.package_id.id,
                "partner_id": comparison.partner_id.commercial_partner_id.id,
                "company_id": comparison.company_id.id,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "support.contract",
            "res_id": contract.id,
            "view_mode": "form",
        }
