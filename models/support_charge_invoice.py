# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import groupby


class InvoiceGroup(NamedTuple):
    """What charges have in common that stand on one invoice; records, the last two
    may be empty: what follows from the customer."""

    company: models.Model
    partner: models.Model
    currency: models.Model
    fiscal_position: models.Model
    payment_term: models.Model


class SupportCharge(models.Model):
    """From open charges to invoices: one for each customer, currency, fiscal position
    and payment term, a credit note where the total is negative."""

    _inherit = "support.charge"

    def action_invoice(self):
        """Invoice the chosen charges that are open, and show the invoices.

        :raise UserError: for everybody but contract managers, or if none is open
        """
        self._require_manager()
        self.check_access("read")
        # who may invoice these charges is checked above
        moves = self.sudo()._invoice_open()
        if not moves:
            raise UserError(
                self.env._("None of these charges is open: they are invoiced already.")
            )
        return self._show_invoices(moves)

    def _require_manager(self):
        if not (
            self.env.su
            or self.env.user.has_group("support_contract.group_support_manager")
        ):
            raise UserError(self.env._("Only a contract manager may invoice."))

    @api.model
    def _show_invoices(self, moves):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_out_invoice_type"
        )
        if len(moves) == 1:
            action |= {"views": [(False, "form")], "res_id": moves.id}
        return action | {
            "domain": [("id", "in", moves.ids)],
            "context": {"create": False, "default_move_type": "out_invoice"},
        }

    # ------------------------------------------------------------------
    # The job
    # ------------------------------------------------------------------

    @api.model
    def _cron_invoice(self, batch_size=100):
        """Invoice what is due in the companies that want it done by itself, in
        committed batches of whole customers."""
        companies = self.env["res.company"].search(
            [("support_invoice_auto", "=", True)]
        )
        groups = self._read_group(
            [
                ("company_id", "in", companies.ids),
                ("state", "=", "open"),
                ("kind", "!=", "note"),
                # the latest local date that any company may already have
                ("date", "<=", fields.Date.add(fields.Date.today(), days=1)),
            ],
            ["company_id", "commercial_partner_id"],
            ["id:array_agg"],
        )
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(groups))
        batch = []
        for _company, _partner, ids in groups:
            batch.append(ids)
            if len(batch) == batch_size and not self._invoice_batch(batch):
                return
        self._invoice_batch(batch)

    @api.model
    def _invoice_batch(self, batch):
        """One committed batch of customers; empties the list of ids' lists.

        :return: False if the job's time is over
        """
        count = len(batch)
        charges = self.browse(charge_id for ids in batch for charge_id in ids)
        batch.clear()
        if charges:
            charges._run_batch("_invoice_open")
        return bool(self.env["ir.cron"]._commit_progress(count))

    def _split_job_batch(self):
        """A customer's charges stay together: what is bad about one of them keeps
        back his invoice, and nobody else's."""
        return [
            self.browse(charge.id for charge in charges)
            for _key, charges in groupby(
                self,
                lambda charge: (charge.company_id.id, charge.commercial_partner_id.id),
            )
        ]

    # ------------------------------------------------------------------
    # Invoices
    # ------------------------------------------------------------------

    def _invoice_open(self):
        """Put the open charges among these on invoices, posted if the company wants
        it. Notes about covered work of the same customers go along.

        Charges are locked first: of two who invoice at once, one gets them, the other
        is tried again and finds nothing open.

        :return: the new invoices and credit notes
        """
        charges = self.exists()._with_notes()
        charges._lock_rows()
        charges = charges._filter_due()
        groups = charges._get_invoice_groups()
        values = []
        for company in charges.company_id:
            values += charges._prepare_moves(company, groups)
        moves = (
            self.env["account.move"]
            .with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
            .create(values)
        )
        if moves:
            text = self.env._("Made from support charges.")
            moves._message_log_batch(bodies=dict.fromkeys(moves.ids, text))
        moves = moves.with_context(
            mail_create_nolog=False, mail_create_nosubscribe=False
        )
        moves.filtered(
            lambda move: move.company_id.support_invoicing == "posted"
        ).action_post()
        return moves

    def _get_invoice_groups(self):
        """The charges of each invoice to make.

        :return: ``{InvoiceGroup: charges}`` in the order of the charges' dates
        """
        addresses = self._get_invoice_addresses()
        groups = {}
        real = self.filtered(lambda charge: charge.kind != "note")
        for charge in real.sorted(lambda item: (item.date, item.id)):
            contract = charge.contract_id
            group = InvoiceGroup(
                charge.company_id,
                addresses[charge.commercial_partner_id or charge.partner_id],
                charge.currency_id,
                contract.fiscal_position_id,
                contract.payment_term_id,
            )
            groups[group] = groups.get(group, self.browse()) + charge
        for note in (self - real).sorted(lambda item: (item.date, item.id)):
            # on the first invoice of its contract, or else of its customer
            own = [
                (note.contract_id not in charges.contract_id, index, group)
                for index, (group, charges) in enumerate(groups.items())
                if group.company == note.company_id
                and note.commercial_partner_id in charges.commercial_partner_id
            ]
            if own:
                groups[min(own)[2]] += note
        return groups

    def _with_notes(self):
        """These charges and the notes about covered work of the same customers."""
        return self | self.search(
            [
                ("kind", "=", "note"),
                ("state", "=", "open"),
                ("company_id", "in", self.company_id.ids),
                ("commercial_partner_id", "in", self.commercial_partner_id.ids),
            ]
        )

    def _filter_due(self):
        """Those that wait for an invoice and whose day has come."""
        return self.filtered(
            lambda charge: (
                charge.state == "open"
                and charge.date <= charge.company_id._support_day()
            )
        )

    def _get_invoice_addresses(self):
        """``{customer: contact that gets the invoices}``."""
        customers = self.commercial_partner_id | self.partner_id
        families = {
            customer.id
            for [customer] in self.env["res.partner"]._read_group(
                [
                    ("type", "=", "invoice"),
                    ("commercial_partner_id", "in", customers.ids),
                ],
                ["commercial_partner_id"],
            )
        }
        return {
            customer: customer.browse(customer.address_get(["invoice"])["invoice"])
            if customer.id in families
            else customer
            for customer in customers
        }

    @api.model
    def _prepare_moves(self, company, groups):
        """Values of the invoices of one company. Odoo would look for the journal and
        for analytic distribution models once for each invoice."""
        model = self.with_company(company)
        models = model.env["account.analytic.distribution.model"]
        # only whether there are any
        distributed = bool(models.sudo().search_count([], limit=1))
        journals, values = {}, []
        for group, charges in groups.items():
            if group.company == company:
                move = charges.with_env(model.env)._prepare_move_values(group)
                kind = (move["move_type"], move["currency_id"])
                if kind not in journals:
                    names = ("move_type", "currency_id", "company_id")
                    draft = model.env["account.move"].new(
                        {name: move[name] for name in names}
                    )
                    journals[kind] = draft.journal_id.id
                values.append(move | {"journal_id": journals[kind]})
                if not distributed:
                    for _command, _id, line in move["invoice_line_ids"]:
                        line.setdefault("analytic_distribution", False)
        return values

    def _prepare_move_values(self, group):
        sign = -1 if sum(self.mapped("amount")) < 0 else 1
        contracts = self.contract_id
        values = {
            "move_type": "out_invoice" if sign > 0 else "out_refund",
            "company_id": group.company.id,
            "partner_id": group.partner.id,
            "currency_id": group.currency.id,
            "invoice_origin": ", ".join(contracts.mapped("name")),
            "ref": ", ".join(
                dict.fromkeys(
                    contracts.filtered("customer_reference").mapped(
                        "customer_reference"
                    )
                )
            ),
            "invoice_line_ids": [
                Command.create(charge._prepare_line_values(group, sign))
                for charge in self
            ],
        }
        if len(contracts.user_id) == 1:
            values["invoice_user_id"] = contracts.user_id.id
        if group.company.support_invoicing == "posted":
            values["invoice_date"] = group.company._support_day()
        if group.fiscal_position:
            values["fiscal_position_id"] = group.fiscal_position.id
        if group.payment_term:
            values["invoice_payment_term_id"] = group.payment_term.id
        return values

    def _prepare_line_values(self, group, sign):
        """Values of the invoice line; ``sign`` -1 on a credit note."""
        self.ensure_one()
        values = {"name": self.name, "support_charge_id": self.id}
        if self.kind == "note":
            return values | {"display_type": "line_note"}
        quantity = self.quantity
        values |= {
            "product_id": self.product_id.id,
            "quantity": sign * quantity,
            "price_unit": self._get_invoice_price(group),
        }
        if self.minutes and round(abs(quantity) * 60) != abs(self.minutes):
            # not "1 hour": the text says which minutes at which rate
            values["product_uom_id"] = self.env.ref("uom.product_uom_unit").id
        account = self.contract_id.analytic_account_id
        if account:
            values["analytic_distribution"] = {str(account.id): 100}
        return values

    def _get_invoice_price(self, group):
        """Price of one unit as the invoice takes it: a charge is untaxed, but a
        product whose taxes are included in its price wants them added."""
        self.ensure_one()
        price = self.amount / self.quantity
        taxes = self.product_id.taxes_id._filter_taxes_by_company(group.company)
        if not taxes:
            return price
        position = group.fiscal_position or self.env[
            "account.fiscal.position"
        ]._get_fiscal_position(
            group.partner,
            # as the invoice finds it
            delivery=group.partner.browse(
                group.partner.address_get(["delivery"])["delivery"]
            ),
        )
        taxes = position.map_tax(taxes)
        if not any(taxes.mapped("price_include")):
            return price
        details = taxes._get_tax_details(
            price,
            1.0,
            precision_rounding=1e-9,
            rounding_method="round_globally",
            product=self.product_id,
            special_mode="total_excluded",
        )
        return details["total_excluded"] + sum(
            data["tax_amount"]
            for data in details["taxes_data"]
            if data["tax"].price_include
        )
