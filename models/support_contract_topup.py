# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .sale_order_line import RUNNING


class SupportContract(models.Model):
    """A contract that is sold with an order, and topped up with others."""

    _inherit = "support.contract"

    sale_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Sold with",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups="support_contract.group_support_user",
        help="The order line charges the fee of the first fee period.",
    )
    topup_ids = fields.One2many(
        comodel_name="support.topup",
        inverse_name="contract_id",
        string="Top-Ups",
        readonly=True,
        groups="support_contract.group_support_user",
    )
    topup_count = fields.Integer(
        compute="_compute_topup_count",
        groups="support_contract.group_support_user",
    )

    def _compute_topup_count(self):
        counts = dict(
            self.env["support.topup"]._read_group(
                [("contract_id", "in", self.ids)], ["contract_id"], ["__count"]
            )
        )
        for contract in self:
            contract.topup_count = counts.get(contract, 0)

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {"sale_line_id"}

    # ------------------------------------------------------------------
    # Where a top-up goes
    # ------------------------------------------------------------------

    def _fits_product(self, product):
        """Whether ``product``, a top-up or activation, makes sense for the
        contract."""
        self.ensure_one()
        if product.support_sells == "activation":
            return self.fee_basis == "activation"
        return bool(self._get_topup_ledgers(product))

    def _get_topup_ledgers(self, product):
        """The ledgers that a top-up may go to, the most fitting ones alone: made for
        just its work modes, else for these and the fewest others, else for all."""
        self.ensure_one()
        modes = product.support_work_mode_ids
        ledgers = self.ledger_ids.filtered(
            lambda ledger: (
                ledger.unit == product.support_unit
                and (not ledger.work_mode_ids or modes <= ledger.work_mode_ids)
            )
        )
        general = ledgers.filtered(lambda ledger: not ledger.work_mode_ids)
        if not modes:
            return general or ledgers
        own = ledgers - general
        fewest = min((len(ledger.work_mode_ids) for ledger in own), default=0)
        return own.filtered(lambda item: len(item.work_mode_ids) == fewest) or general

    def _find_topup_ledger(self, product):
        """The ledger that a top-up goes to; empty if it will need a new one.

        :raise UserError: if the contract has several that would do
        """
        ledgers = self._get_topup_ledgers(product)
        if len(ledgers) > 1:
            raise UserError(
                self.env._(
                    "Contract %(contract)s has several balances that %(product)s could "
                    "go to: sell a top-up for certain work modes.",
                    contract=self.name,
                    product=product.display_name,
                )
            )
        return ledgers

    def _open_topup_ledger(self, product):
        """The ledger that a top-up goes to, made if the contract has none."""
        ledger = self._find_topup_ledger(product)
        if ledger:
            return ledger
        money = product.support_unit == "money"
        return self.env["support.ledger"].create(
            {
                "contract_id": self.id,
                "unit": product.support_unit,
                "currency_id": self.currency_id.id if money else False,
                "work_mode_ids": [Command.set(product.support_work_mode_ids.ids)],
            }
        )

    # ------------------------------------------------------------------
    # Selling
    # ------------------------------------------------------------------

    def action_sell_topup(self):
        """Choose what to sell; it becomes a quotation."""
        self.ensure_one()
        return self._open_wizard("support.contract.topup", self.env._("Sell a Top-Up"))

    def action_view_topups(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_topup_action"
        )
        return action | {"domain": [("contract_id", "=", self.id)], "context": {}}

    def _order_topup(self, product, pieces, **values):
        """A quotation for a top-up or activations of this contract.

        The caller has checked who may order.

        :param product: ``product.product`` that sells a top-up or activations
        :param pieces: whole number of pieces, above zero
        :param values: further values of the order
        :raise UserError: if the product or the number will not do
        :return: the ``sale.order``, a draft
        """
        self.ensure_one()
        if product.support_sells not in ("topup", "activation"):
            raise UserError(
                self.env._(
                    "%s is neither a top-up nor new activations.", product.display_name
                )
            )
        if isinstance(pieces, float) and not pieces.is_integer():
            raise UserError(self.env._("Pieces: enter a whole number."))
        if not 0 < int(pieces) < 1_000_000:
            raise UserError(self.env._("Pieces: enter a number above zero."))
        if self.state not in RUNNING:
            raise UserError(
                self.env._("Contract %s is not running: it has no balance.", self.name)
            )
        return (
            self.env["sale.order"]
            .with_company(self.company_id)
            .create(
                {
                    "partner_id": self.partner_id.id,
                    "company_id": self.company_id.id,
                    "user_id": self.user_id.id,
                    "origin": self.name,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "product_uom_qty": int(pieces),
                                "support_contract_id": self.id,
                            }
                        )
                    ],
                    **values,
                }
            )
        )
