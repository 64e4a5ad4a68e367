# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A portal user of another customer gets nothing, by any route, number, token or call.

The test finds the routes and models by itself: a new one is tried without being named
here, and one whose numbers it cannot fill fails.
"""

import inspect
import json
import re
import uuid
from contextlib import contextmanager

from odoo.exceptions import AccessError, MissingError
from odoo.http import Request
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.support_contract import controllers
from odoo.addons.support_contract.controllers.support_portal import SupportPortal

from .common import SupportCommon

ADDONS = ("support_contract", "helpdesk_mgmt")
#: a word in everything that the customer has
SECRET = "Zeppelin"
#: which record a number in a route is
MODELS = {
    "ticket_id": "helpdesk.ticket",
    "contract_id": "support.contract",
    "ledger_id": "support.ledger",
    "document_id": "support.document",
    "intervention_id": "support.intervention",
    "work_id": "support.intervention",
    "work": "support.intervention",
    "contract": "support.contract",
    "number": "support.contract",
    "release_id": "support.release",
    "file_id": "support.release.file",
    "type_id": "support.contract.type",
    "report_id": "support.service.report",
    "order_id": "sale.order",
}


@tagged("post_install", "-at_install")
class TestWalls(SupportCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.victim = cls._create_customer(f"{SECRET} Works", is_company=True)
        cls.owner = cls._create_portal_user("walls_owner", cls.victim)
        cls.owner.name = f"{SECRET} Owner"
        cls.stranger_customer = cls._create_customer("Stranger", is_company=True)
        cls.stranger = cls._create_portal_user("walls_other", cls.stranger_customer)
        cls._create_contract(cls._create_time_type(), partner=cls.stranger_customer)
        cls.contract = cls._create_contract(
            cls._create_time_type(),
            partner=cls.victim,
            signatory_id=cls.owner.partner_id.id,
            customer_reference=f"{SECRET} reference",
        )
        cls.ticket = cls._create_ticket(
            partner=cls.owner.partner_id,
            name=f"{SECRET} ticket",
            description=f"{SECRET} description",
        )
        cls.ticket.support_contract_id = cls.contract
        cls.work = cls._log_work(cls.ticket, 30, description=f"{SECRET} work was done")
        cls.records = cls._collect()

    @classmethod
    def _collect(cls):
        """The victim's records by model, as far as they lead to him."""
        env = cls.env
        customer = cls.victim
        found = {}
        for name, model in env.items():
            if model._abstract or model._transient or not model._auto:
                continue
            if not name.startswith("support.") and name != "helpdesk.ticket":
                continue
            path = cls._find_path(model)
            if path:
                found[name] = model.search([(path, "=", customer.id)])
        return found

    @classmethod
    def _find_path(cls, model):
        paths = (
            "commercial_partner_id",
            "contract_id.commercial_partner_id",
            "ticket_id.commercial_partner_id",
            "ledger_id.commercial_partner_id",
        )
        for path in paths:
            field = model._fields.get(path.split(".")[0])
            if (
                field
                and field.store
                and field.comodel_name
                in (
                    "res.partner",
                    "support.contract",
                    "helpdesk.ticket",
                    "support.ledger",
                )
            ):
                return path
        return None

    # ------------------------------------------------------------------
    # Records
    # ------------------------------------------------------------------

    def test_some_records_are_there(self):
        """what the walls are tried with"""
        filled = {name for name, records in self.records.items() if records}
        self.assertLessEqual(
            {
                "helpdesk.ticket",
                "support.contract",
                "support.contract.term",
                "support.contract.allotment",
                "support.ledger",
                "support.ledger.entry",
                "support.intervention",
            },
            filled,
        )

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.orm.models")
    def test_no_model_shows_anything(self):
        for name, records in self.records.items():
            model = self.env[name].with_user(self.stranger)
            with self.subTest(model=name):
                try:
                    seen = model.search([])
                except AccessError:
                    seen = model
                self.assertFalse(set(seen.ids) & set(records.ids))
                for record in records[:3]:
                    with self._refused():
                        model.browse(record.id).read(["id", "display_name"])
                    with self._refused():
                        model.browse(record.id).check_access("write")

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.orm.models")
    def test_no_model_of_others_tells_of_him(self):
        """partners, messages, files, invoices, orders, payments, appointments"""
        for name in (
            *("res.partner", "mail.message", "ir.attachment", "account.move"),
            *("sale.order", "sale.order.line", "account.move.line"),
            *("payment.transaction", "calendar.event", "account.analytic.line"),
        ):
            model = self.env[name].with_user(self.stranger)
            with self.subTest(model=name):
                try:
                    texts = json.dumps(model.search([]).read(), default=str)
                except AccessError:
                    continue
                self.assertNotIn(SECRET, texts)

    @contextmanager
    def _refused(self):
        """The test's own check wants one class of error; either will do here."""
        try:
            yield
        except (AccessError, MissingError):
            return
        self.fail("nothing was refused")

    # ------------------------------------------------------------------
    # Routes
    # ------------------------------------------------------------------

    def _get_routes(self):
        """``[(path, routing, endpoint)]`` of the addon and the helpdesk below it."""
        modules = sorted(self.env.registry._init_modules)
        rules = self.env["ir.http"]._generate_routing_rules(modules, converters=None)
        return [
            (path, endpoint.routing, endpoint)
            for path, endpoint in rules
            # Odoo's own route with our limits is tried with the ticket's page
            if path != "/mail/attachment/upload"
            and any(
                f"odoo.addons.{addon}." in endpoint.func.__module__ for addon in ADDONS
            )
        ]

    def test_no_page_takes_the_method_of_another(self):
        """Odoo makes one class of all that extend the portal: two methods of the same
        name would replace each other unseen."""
        owners = {}
        for module in vars(controllers).values():
            for item in vars(module).values() if inspect.ismodule(module) else ():
                if not (inspect.isclass(item) and issubclass(item, CustomerPortal)):
                    continue
                if item.__module__ != module.__name__:
                    continue
                for name in vars(item):
                    if not name.startswith("__") and not hasattr(SupportPortal, name):
                        owners.setdefault(name, set()).add(item.__name__)
        shared = {name: found for name, found in owners.items() if len(found) > 1}
        # extends helpdesk_mgmt's own, each with super()
        shared.pop("_ticket_get_page_view_values", None)
        self.assertEqual(shared, {})

    def _fill(self, path):
        """The path of a route with the victim's numbers, and a token that is none."""

        def fill(match):
            argument = match[1]
            if argument.endswith("token"):
                return "x" * 43
            if argument in ("page", "day"):
                return "1"
            model = MODELS.get(argument)
            self.assertTrue(model, f"{path}: say in MODELS which record it is")
            records = self.records.get(model) or self.env[model].search([], limit=1)
            return str(records[:1].id or 1)

        return re.sub(r"<(?:\w+:)?(\w+)>", fill, path)

    def _try(self, path, routing):
        """Each method of a route with the victim's numbers, everywhere one fits."""
        path = self._fill(path)
        stages = self.ticket.team_id._get_applicable_stages()
        ids = {
            **{
                argument: self.records[model][:1].id
                for argument, model in MODELS.items()
                if self.records.get(model)
            },
            "stage_id": stages[-1:].id,
            "submission_key": str(uuid.uuid4()),
            "access_token": "x" * 36,
        }
        if routing["type"] == "jsonrpc":
            return [self.url_open(path, json={"params": ids}, timeout=60)]
        responses = []
        methods = routing.get("methods") or ["GET", "POST"]
        if "GET" in methods:
            responses.append(self.url_open(path, timeout=60))
        if "POST" in methods:
            data = ids | {"csrf_token": Request.csrf_token(self)}
            responses.append(self.url_open(path, data=data, timeout=60))
        return responses

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.http")
    def test_no_route_shows_or_changes_anything(self):
        before = self._get_state()
        self.authenticate(self.stranger.login, self.stranger.login)
        routes = self._get_routes()
        self.assertGreater(len(routes), 40)
        for path, routing, _endpoint in routes:
            with self.subTest(route=path):
                for response in self._try(path, routing):
                    self.assertLess(response.status_code, 500, path)
                    self.assertNotIn(SECRET, response.text, path)
        self.assertEqual(self._get_state(), before)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.http")
    def test_nobody_gets_in_without_login(self):
        before = self._get_state()
        self.authenticate(None, None)
        for path, routing, _endpoint in self._get_routes():
            with self.subTest(route=path):
                for response in self._try(path, routing):
                    self.assertLess(response.status_code, 500, path)
                    self.assertNotIn(SECRET, response.text, path)
        self.assertEqual(self._get_state(), before)

    def _get_state(self):
        """What nobody of another customer may move."""
        self.env.invalidate_all()
        return {
            name: sorted(
                (record.id, str(record.write_date)) for record in records.exists()
            )
            for name, records in self._collect().items()
        }
