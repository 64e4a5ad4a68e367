# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A vendor in Rome with a product per work mode, and the people of its service."""

from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from unittest.mock import patch

import psycopg2
import pytz

from odoo import Command
from odoo.exceptions import UserError
from odoo.tools import mute_logger

from odoo.addons.base.tests.common import BaseCommon


class SupportCommon(BaseCommon):
    """Company ``self.company`` (EUR, Europe/Rome), work modes ``phone``, ``remote``
    and ``on_site``, users ``technician``, ``contract_user`` and ``manager``, customers
    ``customer`` and ``other_customer`` with the logins ``portal_user`` and
    ``other_portal_user``.

    Nothing here depends on today's date, so that tests may freeze the time.
    """

    #: in front of logins, where vendors share a database
    mark = ""

    @classmethod
    def setup_independent_company(cls, **kwargs):
        return cls.env["res.company"].create(
            {
                "name": "Vendor",
                "currency_id": cls._enable_currency("EUR").id,
                "support_tz": "Europe/Rome",
                "support_grace_days": 5,
                **kwargs,
            }
        )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_vendor()

    @classmethod
    def in_environment(cls, env):
        """The same vendor, made in ``env`` of another database: a class that offers
        the helpers below."""
        vendor = type("Vendor", (cls,), {"env": env})
        vendor.company = vendor.setup_independent_company()
        env.user.company_ids += vendor.company
        env.user.company_id = vendor.company
        vendor.env = env(context={**cls.default_env_context(), **env.context})
        vendor._set_up_vendor()
        return vendor

    @classmethod
    def _set_up_vendor(cls):
        cls.uom_hour = cls.env.ref("uom.product_uom_hour")
        cls.product_phone = cls._create_hour_product("Phone help", 60)
        cls.product_remote = cls._create_hour_product("Remote help", 80)
        cls.product_on_site = cls._create_hour_product("Help on site", 120)
        cls.phone = cls._create_work_mode("Phone", cls.product_phone)
        cls.remote = cls._create_work_mode("Remote", cls.product_remote)
        cls.on_site = cls._create_work_mode(
            "On site", cls.product_on_site, on_site=True
        )
        cls.company.support_work_mode_id = cls.remote
        cls.category = cls.env["helpdesk.ticket.category"].create(
            {"name": "Question", "company_id": cls.company.id}
        )
        cls.customer = cls._create_customer("Alpha")
        cls.contact = cls._create_contact(cls.customer, "Anna Alpha")
        cls.other_customer = cls._create_customer("Beta")
        cls.technician, cls.contract_user, cls.manager = cls._create_users(
            {
                "technician": "helpdesk_mgmt.group_helpdesk_user",
                "contract_user": "support_contract.group_support_user",
                "contract_manager": "support_contract.group_support_manager",
            }
        )
        cls.portal_user, cls.other_portal_user = cls._create_portal_users(
            {"alpha_portal": cls.customer, "beta_portal": cls.other_customer}
        )

    # ------------------------------------------------------------------
    # People
    # ------------------------------------------------------------------

    @classmethod
    def _create_customer(cls, name, **vals):
        return cls.env["res.partner"].create({"name": name, "is_company": True, **vals})

    @classmethod
    def _create_contact(cls, customer, name, **vals):
        return cls.env["res.partner"].create(
            {"name": name, "parent_id": customer.id, **vals}
        )

    @classmethod
    def _create_user(cls, login, groups, **vals):
        """An internal user of the vendor, who logs in with the login as password."""
        return cls._create_users({login: groups}, **vals)

    @classmethod
    def _create_users(cls, groups_by_login, **vals):
        """Internal users of the vendor, as one is: at once it costs less."""
        # a welcome that nobody reads
        no_welcome = patch.object(
            cls.env.registry["res.users"], "_generate_onboarding_todo", create=True
        )
        with no_welcome:
            users = cls._create_logins(
                {
                    login: f"base.group_user,{groups}" if groups else "base.group_user"
                    for login, groups in groups_by_login.items()
                },
                "vendor.example.com",
                **vals,
            )
        # who works for customers is an employee, with a cost of his hour
        cls.env["hr.employee"].create(
            [
                {
                    "name": user.name,
                    "user_id": user.id,
                    "company_id": cls.company.id,
                    "hourly_cost": 30,
                }
                for user in users
            ]
        )
        return users

    @classmethod
    def _create_portal_user(cls, login, customer, **vals):
        return cls._create_portal_users({login: customer}, **vals)

    @classmethod
    def _create_portal_users(cls, customers_by_login, **vals):
        users = cls._create_logins(
            dict.fromkeys(customers_by_login, "base.group_portal"),
            "example.com",
            **vals,
        )
        for user, customer in zip(users, customers_by_login.values(), strict=True):
            user.partner_id.parent_id = customer
        return users

    @classmethod
    def _create_logins(cls, groups_by_login, domain, **vals):
        """What ``new_test_user`` makes one by one."""
        return cls.env["res.users"].create(
            [
                {
                    "name": f"support_{cls.mark}{login} ({groups})",
                    "login": f"support_{cls.mark}{login}",
                    "password": f"support_{cls.mark}{login}",
                    "email": f"{cls.mark}{login}@{domain}",
                    "group_ids": [
                        Command.set(
                            [cls.env.ref(name).id for name in groups.split(",")]
                        )
                    ],
                    "company_id": cls.company.id,
                    "company_ids": [Command.link(cls.company.id)],
                    **vals,
                }
                for login, groups in groups_by_login.items()
            ]
        )

    # ------------------------------------------------------------------
    # Products, work modes, types
    # ------------------------------------------------------------------

    @classmethod
    def _create_hour_product(cls, name, price, **vals):
        """A service sold by the hour, untaxed."""
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "uom_id": cls.uom_hour.id,
                "list_price": price,
                "taxes_id": [Command.clear()],
                "company_id": cls.company.id,
                **vals,
            }
        )

    @classmethod
    def _create_work_mode(cls, name, product, **vals):
        return cls.env["support.work.mode"].create(
            {
                "name": name,
                "product_id": product.id,
                "company_id": cls.company.id,
                **vals,
            }
        )

    @classmethod
    def _create_type(cls, **vals):
        """A contract type for 12 months. ``allotments`` is a list of dicts."""
        allotments = vals.pop("allotments", [])
        return cls.env["support.contract.type"].create(
            {
                "name": "Support",
                "company_id": cls.company.id,
                "allotment_ids": [Command.create(values) for values in allotments],
                **vals,
            }
        )

    @classmethod
    def _create_time_type(cls, minutes=600, **vals):
        """A type with ``minutes`` for a term, for every work mode."""
        return cls._create_type(
            allotments=[{"unit": "time", "quantity": minutes}], **vals
        )

    # ------------------------------------------------------------------
    # Contracts and ledgers
    # ------------------------------------------------------------------

    @classmethod
    def _create_contract(cls, contract_type, partner=None, activate=True, **vals):
        """A contract of ``partner`` (default: ``customer``), running from
        ``date_start`` (default: today) unless ``activate`` is False."""
        contract = cls.env["support.contract"].create(
            {
                "type_id": contract_type.id,
                "partner_id": (partner or cls.customer).id,
                "company_id": cls.company.id,
                "user_id": cls.manager.id,
                **vals,
            }
        )
        if activate:
            contract.action_activate()
        return contract

    @classmethod
    def _create_ledger(cls, unit="time", partner=None, work_modes=None, **vals):
        """An empty ledger of a running contract without allotments, whose entries the
        test posts itself."""
        contract = cls._create_contract(cls._create_type(), partner, **vals)
        return cls.env["support.ledger"].create(
            {
                "contract_id": contract.id,
                "unit": unit,
                "currency_id": contract.currency_id.id if unit == "money" else False,
                "work_mode_ids": [Command.set(work_modes.ids if work_modes else [])],
            }
        )

    @classmethod
    def _credit(cls, ledger, quantity, first_day, last_day=None, **vals):
        """A lot of ``ledger``: a paid top-up."""
        first_day = cls._day(first_day)
        return ledger._credit(
            quantity,
            vals.pop("kind", "topup"),
            vals.pop("day", first_day),
            first_day,
            cls._day(last_day),
            **vals,
        )

    # ------------------------------------------------------------------
    # Tickets and work
    # ------------------------------------------------------------------

    @classmethod
    def _create_ticket(cls, partner=None, **vals):
        """A ticket of ``partner`` (default: a contact of ``customer``)."""
        return cls._create_alike_tickets(1, partner, **vals)

    @classmethod
    def _create_alike_tickets(cls, number, partner=None, **vals):
        """So many tickets that are alike."""
        return cls.env["helpdesk.ticket"].create(
            [
                {
                    "name": "It does not start",
                    "description": "<p>Please help</p>",
                    "partner_id": (partner or cls.contact).id,
                    "company_id": cls.company.id,
                    **vals,
                }
                for _ in range(number)
            ]
        )

    @classmethod
    def _accept_price(cls, ticket, mode=None, moment=None, limit=0):
        """The customer accepts by phone the price of help that nothing covers.

        :param mode: work mode, default: the ticket's
        :param moment: when (UTC), default: two years ago, before all work
        :param limit: minutes that may be charged; 0: no limit
        """
        now = cls.env["res.company"]._support_now()
        return ticket._support_accept_by_phone(
            mode or ticket.support_work_mode_id,
            "Anna Alpha",
            moment or now - timedelta(days=731),
            limit=limit,
        )

    @classmethod
    def _log_work(
        cls, ticket, minutes, start=None, mode=None, done=True, accept=True, **vals
    ):
        """Work of ``minutes`` on ``ticket``.

        :param start: day (worked at 9:00 in the company's zone) or moment (UTC);
            default: it ends now
        :param accept: if a price is needed, the customer has accepted it before
        """
        if start is None:
            begin = datetime.now().replace(microsecond=0) - timedelta(minutes=minutes)
        elif isinstance(start, datetime):
            begin = start
        else:
            begin = cls._moment(cls._day(start), time(9))
        work = cls.env["support.intervention"].create(
            {
                "name": "Looked at it",
                "ticket_id": ticket.id,
                "user_id": cls.technician.id,
                "start": begin,
                "end": begin + timedelta(minutes=minutes),
                **({"work_mode_id": mode.id} if mode else {}),
                **vals,
            }
        )
        if done:
            if accept:
                cls._accept_if_needed(work)
            work.action_done()
        return work

    @classmethod
    def _accept_if_needed(cls, work):
        """The customer accepts the price of this work, if there is one to accept and
        he has not yet."""
        ticket = work.ticket_id
        if not (
            ticket.partner_id
            and ticket.sudo().support_cover_confirmed
            and not ticket.support_rejected
            and (work.billable_minutes or not work.billable_by_hand)
        ):
            return
        decision = ticket._support_decide_work(work.day, work.work_mode_id)
        if not work._needs_acceptance(decision):
            return
        known = ticket.sudo().support_acceptance_ids.filtered(
            lambda price: (
                price.state == "accepted"
                and price.work_mode_id == work.work_mode_id
                and price.contract_id.id == (decision.contract_id or False)
            )
        )
        if known:
            return
        values = ticket.sudo()._support_prepare_price(work.work_mode_id, work.day)
        now = cls.env["res.company"]._support_now()
        cls.env["support.price.acceptance"].sudo().create(
            values
            | {
                "state": "accepted",
                "channel": "phone",
                "accepted_by": "Anna Alpha",
                "accepted_on": now - timedelta(days=731),
                "offered_on": now,
            }
        )

    # ------------------------------------------------------------------
    # Days
    # ------------------------------------------------------------------

    @classmethod
    def _day(cls, day):
        """A date from ``2026-01-31``, a date, or None."""
        return date.fromisoformat(day) if isinstance(day, str) else day

    @classmethod
    def _moment(cls, day, clock):
        """The naive UTC datetime of a local time in the company's zone."""
        zone = pytz.timezone(cls.company.support_tz)
        local = zone.localize(datetime.combine(cls._day(day), clock))
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    # ------------------------------------------------------------------
    # Assertions
    # ------------------------------------------------------------------

    @contextmanager
    def _assert_refused(self, message="."):
        """What happens inside is refused, by a method, by a right or by the database,
        with ``message`` (regular expression), and leaves nothing behind.

        A refusal of the database is given as Odoo tells it to people."""
        self.env.flush_all()
        text = ""
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                yield
                self.env.flush_all()
        except UserError as error:
            text = str(error)
        except psycopg2.IntegrityError as error:
            text = self._get_message(error)
        except (ValueError, OverflowError) as error:
            # no float field takes these, and Odoo says so in Python's words
            self.assertIn("cannot convert float", str(error))
            text = f"Quantity: {error}"
        else:
            self.fail("It was not refused.")
        self.env.invalidate_all()
        self.assertRegex(text, message)

    def _get_message(self, error):
        """What Odoo tells people about an error of the database."""
        model = self.env["base"]
        for model_class in self.env.registry.values():
            if model_class._table == error.diag.table_name:
                model = self.env[model_class._name]
                break
        return model._sql_error_to_message(error)

    def _flushed(self, ledger):
        """``ledger`` as the database has it."""
        self.env.flush_all()
        self.env.invalidate_all()
        return ledger

    def _assert_sound(self):
        """Every balance equals its entries, lots and reservations, and the database
        guards them."""
        self.assertEqual(self.env["support.ledger.check"]._find(), [])

    def _assert_entries(self, ledger, expected):
        """``expected``: (kind, quantity) of all entries in the order of posting."""
        self._flushed(ledger)
        entries = ledger.entry_ids.sorted("id")
        self.assertEqual([(e.kind, e.quantity) for e in entries], expected)
