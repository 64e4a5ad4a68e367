# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A vendor with a chart of accounts, whose charges become invoices."""

from odoo import Command

from .common import SupportCommon


class InvoicingCommon(SupportCommon):
    """The vendor keeps books in ``chart``; fees are sold with ``fee_product`` (no
    taxes unless a test adds some)."""

    chart = "generic_coa"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        currency = cls.company.currency_id
        cls.env["account.chart.template"].try_loading(
            cls.chart, company=cls.company, install_demo=False
        )
        cls.company.currency_id = currency
        cls.fee_product = cls._create_fee_product("Support fee", 1000)
        cls.fee_type = cls._create_type(product_id=cls.fee_product.id)

    @classmethod
    def _create_fee_product(cls, name, price, **vals):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "list_price": price,
                "taxes_id": [Command.clear()],
                "company_id": cls.company.id,
                **vals,
            }
        )

    @classmethod
    def _create_tax(cls, name, percent, **vals):
        return cls.env["account.tax"].create(
            {
                "name": name,
                "amount": percent,
                "amount_type": "percent",
                "type_tax_use": "sale",
                "company_id": cls.company.id,
                "country_id": cls.company.account_fiscal_country_id.id,
                **vals,
            }
        )

    @classmethod
    def _create_charge(cls, amount, partner=None, **vals):
        """An open charge of today, on call unless a contract is named."""
        cls.charge_number = getattr(cls, "charge_number", 0) + 1
        contract = vals.pop("contract", cls.env["support.contract"])
        return cls.env["support.charge"]._add(
            [
                {
                    "key": f"test:{cls.charge_number}",
                    "kind": "work",
                    "name": f"Charge {cls.charge_number}",
                    "company_id": cls.company.id,
                    "currency_id": (contract or cls.company).currency_id.id,
                    "partner_id": (partner or contract.partner_id or cls.customer).id,
                    "contract_id": contract.id,
                    "date": cls.company._support_day(),
                    "product_id": cls.fee_product.id,
                    "quantity": -1 if amount < 0 else 1,
                    "price_unit": abs(amount),
                    "amount": amount,
                    **vals,
                }
            ]
        )

    def _charges(self, contract):
        return self.env["support.charge"].search(
            [("contract_id", "=", contract.id)], order="date, id"
        )

    def _assert_lines(self, move, expected):
        """``expected``: (name, quantity, unit price, subtotal) of the lines."""
        self.assertEqual(
            [
                (line.name, line.quantity, line.price_unit, line.price_subtotal)
                for line in move.invoice_line_ids
            ],
            expected,
        )
