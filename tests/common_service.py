# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The shipped services, sold by a vendor who has set its prices."""

from datetime import time, timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError

from .common import SupportCommon

AGREED = {"phone": 55, "remote": 60, "on_site": 70}
ON_CALL = {"phone": 85, "remote": 90, "on_site": 110}


class ServiceCommon(SupportCommon):
    """The shipped work modes, request types and contract types instead of those of
    :class:`SupportCommon`, with agreed prices and an on-call tariff."""

    #: prices of an hour in each work mode
    agreed_prices = AGREED
    on_call_prices = ON_CALL

    @classmethod
    def _set_up_vendor(cls):
        result = super()._set_up_vendor()
        cls.modes = {
            mode: cls.env.ref(f"support_contract.work_mode_{mode}") for mode in AGREED
        }
        cls.company.support_work_mode_id = cls.modes["remote"]
        cls.agreed = cls._create_pricelist("Agreed", cls.agreed_prices)
        cls.tariff = cls._create_pricelist("On call", cls.on_call_prices)
        cls.company.write(
            {"support_on_call": True, "support_on_call_pricelist_id": cls.tariff.id}
        )
        cls.env.ref("support_contract.type_presidio").pricelist_id = cls.agreed
        cls.env.ref("support_contract.type_plafond").pricelist_id = cls.agreed
        cls.env.ref("support_contract.type_sla_monthly").pricelist_id = cls.agreed
        return result

    @classmethod
    def _create_pricelist(cls, name, prices):
        return cls.env["product.pricelist"].create(
            {
                "name": name,
                "company_id": False,
                "currency_id": cls.company.currency_id.id,
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "0_product_variant",
                            "product_id": cls.modes[mode].product_id.id,
                            "compute_price": "fixed",
                            "fixed_price": price,
                        }
                    )
                    for mode, price in prices.items()
                ],
            }
        )

    # ------------------------------------------------------------------
    # What people do
    # ------------------------------------------------------------------

    def _at(self, day, hour=10, minute=0):
        """Freeze the time at a local time of the company."""
        return freeze_time(self._moment(day, time(hour, minute)))

    def _sell(self, kind, package=None, amount=None, partner=None, **vals):
        """A contract of the shipped type ``kind``: made and offered by a contract
        user, signed and activated today.

        :param amount: quantity of the only allotment, if it differs from the type's
        """
        contract = (
            self.env["support.contract"]
            .with_user(self.contract_user)
            .create(
                {
                    "type_id": self.env.ref(f"support_contract.type_{kind}").id,
                    "package_id": package
                    and self.env.ref(f"support_contract.product_{package}").id,
                    "partner_id": (partner or self.customer).id,
                    "company_id": self.company.id,
                    **vals,
                }
            )
        )
        if amount is not None:
            contract.allotment_ids.quantity = amount
        contract.action_mark_offered()
        contract = contract.with_user(self.manager)
        if contract.signature_required:
            contract._record_signature(self.company._support_day(), "Anna Alpha")
        contract.action_activate()
        return contract.with_env(self.env)

    def _ask(self, mode="remote", category="fault", partner=None, **vals):
        """A ticket that a technician opens for a contact of the customer."""
        ticket = (
            self.env["helpdesk.ticket"]
            .with_user(self.technician)
            .create(
                {
                    "name": "Help",
                    "description": "<p>Please help</p>",
                    "partner_id": (partner or self.contact).id,
                    "company_id": self.company.id,
                    "category_id": self.env.ref(
                        f"support_contract.category_{category}"
                    ).id,
                    "support_work_mode_id": self.modes[mode].id,
                    **vals,
                }
            )
        )
        return ticket.with_env(self.env)

    def _work(self, ticket, minutes, mode=None, accept=True):
        """Work of the technician that has just ended; if nothing covers it, the
        customer has accepted its price, unless ``accept`` is False."""
        now = fields.Datetime.now()
        work = (
            self.env["support.intervention"]
            .with_user(self.technician)
            .create(
                {
                    "name": "Work",
                    "ticket_id": ticket.id,
                    "start": now - timedelta(minutes=minutes),
                    "end": now,
                    **({"work_mode_id": self.modes[mode].id} if mode else {}),
                }
            )
        )
        if accept:
            self._accept_if_needed(work.with_env(self.env))
        work.action_done()
        return work.with_env(self.env)

    def _nightly_jobs(self):
        """What the jobs of the night do, without their commits."""
        contracts = self.env["support.contract"].search(
            [("company_id", "=", self.company.id)]
        )
        contracts = contracts.filtered_domain(contracts._get_grant_domain())
        contracts._update_states()
        contracts._grant_due()
        contracts._expire_due()

    def _fire_stages(self):
        """What the job of promised times does, without its commits."""
        clocks = self.env["support.sla.clock"].search(
            [("next_due", "<=", fields.Datetime.now())]
        )
        clocks._fire_due()
        self.env.invalidate_all()

    def _answer(self, ticket):
        """The technician writes to the customer."""
        ticket.with_user(self.technician).message_post(
            body="Please try again",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=ticket.partner_id.ids,
        )

    # ------------------------------------------------------------------
    # What they see
    # ------------------------------------------------------------------

    def _balance(self, contract, mode=None):
        """What the customer can use today, as the portal user reads it: hours."""
        ledgers = contract._get_ledgers_for(self.modes[mode] if mode else None)
        ledgers = self._flushed(ledgers).with_user(self.portal_user)
        return self._plain(
            ", ".join(ledger._format_quantity(ledger.usable) for ledger in ledgers)
        )

    def _drawn(self, work):
        """What work has drawn, as the portal user reads it: hours or an amount."""
        return self._plain(self._flushed(work).with_user(self.portal_user).drawn)

    def _why(self, ticket):
        """The reasons of a ticket's cover, in words."""
        lines = self.env["support.cover"]._explain(ticket.support_cover_reasons)
        return [self._plain(line["text"]) for line in lines]

    def _plain(self, text):
        return text.replace("\N{NO-BREAK SPACE}", " ").replace(
            "\N{NARROW NO-BREAK SPACE}", " "
        )

    def _promised(self, ticket):
        """What the customer reads about his ticket's promised time."""
        self.env.flush_all()
        self.env.invalidate_all()
        reader = ticket.with_user(self.portal_user).with_context(tz="Europe/Rome")
        return self._plain(reader.support_promise)

    def _result(self, ticket):
        """How the only promise of the ticket stands, and how often people were told
        of it."""
        self.env.flush_all()
        self.env.invalidate_all()
        told = ticket.message_ids.filtered(
            lambda message: "promised by" in (message.body or "")
        )
        return ticket.support_clock_ids.state, len(told)

    def _assert_cannot_work(self, ticket, minutes, text):
        """Work is refused for the reason ``text``, and nothing is drawn."""
        with self.assertRaisesRegex(UserError, text), self.env.cr.savepoint():
            self._work(ticket, minutes)

    def _assert_covered(self, ticket, contract, *reasons):
        self.assertEqual(ticket.support_cover, "contract")
        self.assertEqual(ticket.support_contract_id, contract)
        if reasons:
            self.assertEqual(self._why(ticket), list(reasons))

    def _assert_refused(self, ticket, *reasons):
        self.assertEqual(ticket.support_cover, "none")
        self.assertFalse(ticket.support_contract_id)
        self.assertEqual(self._why(ticket), list(reasons))
