# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The books of the demo vendor, which keeps them in euro."""

from odoo import SUPERUSER_ID, Command

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

MODULE = "support_contract"


def open_books(env):
    """Give the company a chart of accounts, euro as its currency and a bank account
    that payments arrive on."""
    company = env.ref("base.main_company")
    if not company.chart_template:
        # nothing of it needs the registry to be complete, which try_loading asks for
        env["account.chart.template"]._load("generic_coa", company, False)
    euro = env.ref("base.EUR")
    euro.active = True
    if company.currency_id != euro and _forget_samples(env, company):
        company.currency_id = euro
        # the one that Odoo makes as soon as there are two currencies
        env["product.pricelist"].search([("company_id", "=", company.id)]).write(
            {"currency_id": euro.id}
        )
    company.support_invoicing = "posted"
    names = env["ir.model.data"].search(
        [
            ("module", "=", MODULE),
            ("model", "=", "res.partner"),
            ("name", "=like", "partner\\_%"),
        ]
    )
    customers = env["res.partner"].with_company(company).browse(names.mapped("res_id"))
    customers.property_payment_term_id = env.ref("account.account_payment_term_15days")
    bank = get_bank(env, company)
    lines = bank.inbound_payment_method_line_ids
    if not any(lines.mapped("payment_account_id")):
        lines.payment_account_id = env["account.account"].create(
            {
                "name": "Outstanding Receipts",
                "code": "101490",
                "account_type": "asset_current",
                "reconcile": True,
                "company_ids": [Command.set(company.ids)],
            }
        )


def get_bank(env, company):
    return env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
    )


def _forget_samples(env, company):
    """Odoo's own sample invoices keep the company in dollars: remove them, in a
    database that was made with samples, unless there is an entry that a person made.

    :return: whether the books are empty
    """
    own = [("company_id", "=", company.id)]
    if not env.ref("base.module_account").demo:
        return not env["account.move"].search_count(own, limit=1)
    moves = env["account.move"].search(own)
    if moves.filtered(lambda move: move.create_uid.id != SUPERUSER_ID):
        return False
    # as Odoo itself does when a company changes its chart of accounts
    flag = {MODULE_UNINSTALL_FLAG: True}
    for model in ("account.payment", "account.bank.statement.line", "account.move"):
        env[model].search(own).with_context(**flag).unlink()
    return True
