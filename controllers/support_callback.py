# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The portal's page to ask for a call-back."""

import uuid
from datetime import datetime, timedelta

import pytz
from psycopg2.errors import UniqueViolation

from odoo.exceptions import ConcurrencyError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal

from ..models.support_callback import NAME_LENGTH, TOPIC_LENGTH
from .tools import parse_record_id, strip_nul

#: call-backs that a customer may have open at once
OPEN_LIMIT = 10
#: how far ahead a call may be wished
WISH_DAYS = 60
FIELDS = (
    *("topic", "number", "caller_name", "contract"),
    *("wanted_from", "wanted_until"),
)


class SupportCallbackPortal(CustomerPortal):
    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "callback_count" in counters:
            callbacks = request.env["support.callback"]
            values["callback_count"] = (
                callbacks.search_count(self._get_open_callback_domain())
                if callbacks.has_access("read")
                else 0
            )
        return values

    @route("/my/callback", type="http", auth="user", website=True, methods=["GET"])
    def portal_my_callback(self, sent=None, **kw):
        """The form, and what is promised already."""
        if not request.env.user._is_portal():
            return request.redirect("/my")
        contracts = self._get_callback_contracts()
        values = {
            "number": request.env.user.partner_id.phone or "",
            "caller_name": request.env.user.name,
            "contract": str(contracts.id) if len(contracts) == 1 else "",
        }
        return self._show_callback_form(values, sent=parse_record_id(sent))

    @route("/my/callback", type="http", auth="user", website=True, methods=["POST"])
    def portal_ask_for_callback(self, **kw):
        """Promise a call, once for each form that was shown."""
        if not request.env.user._is_portal():
            return request.redirect("/my")
        key = self._get_callback_key(kw)
        callback = self._find_callback(key)
        if callback:
            return request.redirect(f"/my/callback?sent={callback.id}")
        values = self._clean_callback(kw)
        error = self._check_callback(values)
        if error:
            return self._show_callback_form(values, error=error)
        try:
            callback = self._create_callback(values, key)
            request.env.flush_all()
        except UniqueViolation as violation:
            index = request.env["support.callback"]._submission_key_unique
            name = index.full_name(request.env["support.callback"])
            if violation.diag.constraint_name != name:
                raise
            # the same form arrived a moment earlier: repeated on a fresh view of the
            # database, the request finds its call-back
            raise ConcurrencyError("Portal form sent twice") from violation
        return request.redirect(f"/my/callback?sent={callback.id}")

    # ------------------------------------------------------------------
    # The page
    # ------------------------------------------------------------------

    def _show_callback_form(self, values, error=None, sent=None):
        callbacks = request.env["support.callback"].search(
            self._get_open_callback_domain()
        )
        contracts = self._get_callback_contracts()
        company = self._get_callback_company(values)
        return request.render(
            "support_contract.portal_my_callback",
            {
                **self._prepare_portal_layout_values(),
                **dict.fromkeys(FIELDS, ""),
                **values,
                "page_name": "support_callback",
                "crumbs": [(request.env._("Call-Backs"), None)],
                "error": error,
                "sent": callbacks.filtered(lambda callback: callback.id == sent),
                "callbacks": callbacks,
                "contracts": [
                    (str(one.id), self._name_callback_contract(one))
                    for one in contracts
                ],
                "hours": company._support_describe_phone_hours(
                    contracts if len(contracts) == 1 else None
                )["text"],
                "zone": company.support_tz,
                "topic_length": TOPIC_LENGTH,
                "name_length": NAME_LENGTH,
                "submission_key": str(uuid.uuid4()),
            },
        )

    def _get_open_callback_domain(self):
        """Whose they are is the portal rule's affair."""
        return Domain("state", "=", "waiting")

    def _get_callback_contracts(self):
        """The customer's contracts in force, as the portal user reads them."""
        return request.env["support.contract"].search([("state", "=", "active")])

    def _name_callback_contract(self, contract):
        # number and type of a contract that the user reads; types are not his to read
        return contract.sudo().display_name

    def _get_callback_company(self, values):
        contract = self._find_callback_contract(values)
        return contract.company_id or request.env.company

    # ------------------------------------------------------------------
    # What is accepted
    # ------------------------------------------------------------------

    def _clean_callback(self, kw):
        """The texts as they may be stored, whatever else was posted."""
        return {
            name: " ".join(strip_nul(str(kw.get(name) or "")).split())
            for name in FIELDS
        }

    def _find_callback_contract(self, values):
        number = parse_record_id(values.get("contract")) or 0
        return self._get_callback_contracts().filtered(
            lambda contract: contract.id == number
        )

    def _check_callback(self, values):
        """Why nobody can call back, in words for the customer."""
        return (
            self._check_callback_texts(values)
            or self._check_callback_contract(values)
            or self._check_callback_wish(values)
            or self._check_callback_count()
        )

    def _check_callback_texts(self, values):
        if not values["topic"]:
            return request.env._("Please say what the call is about.")
        if len(values["topic"]) > TOPIC_LENGTH:
            return request.env._(
                "Please say in at most %(count)s characters what the call is about.",
                count=TOPIC_LENGTH,
            )
        if len(values["caller_name"]) > NAME_LENGTH:
            return request.env._(
                "Please use at most %(count)s characters.", count=NAME_LENGTH
            )
        if not self._format_callback_number(values):
            return request.env._(
                "This is not a telephone number that we can call. Please enter it with "
                "its prefix, such as +39 06 1234567."
            )
        return False

    def _format_callback_number(self, values):
        country = request.env.user.commercial_partner_id.country_id
        company = self._get_callback_company(values)
        return company._support_format_phone(values["number"], country)

    def _check_callback_contract(self, values):
        contracts = self._get_callback_contracts()
        if not contracts:
            return request.env._(
                "You have no contract in force that includes help by phone. Please "
                "open a ticket instead."
            )
        contract = self._find_callback_contract(values)
        if not contract:
            return request.env._("Please choose one of your contracts.")
        if not contract._has_phone_support():
            return request.env._(
                "Contract %(name)s does not include help by phone. Please open a "
                "ticket instead.",
                name=self._name_callback_contract(contract),
            )
        # only whether the user is one of them is told
        callers = contract.sudo().caller_ids
        if callers and request.env.user.partner_id not in callers:
            return request.env._(
                "Contract %(name)s names who may ask for help, and you are not one of "
                "them. Please ask a colleague to do it.",
                name=self._name_callback_contract(contract),
            )
        return False

    def _check_callback_wish(self, values):
        company = self._get_callback_company(values)
        now = company._support_now()
        moments = []
        for name in ("wanted_from", "wanted_until"):
            moment = self._parse_callback_wish(values[name], company)
            if values[name] and not moment:
                return request.env._("Please enter day and time of your wish.")
            moments.append(moment)
        start, end = moments
        if end and end <= now:
            return request.env._(
                "The time until which you wish the call has passed already."
            )
        if start and end and end <= start:
            return request.env._(
                "Please wish for a call that ends later than it begins."
            )
        if start and start > now + timedelta(days=WISH_DAYS):
            return request.env._(
                "Please wish for a call within the next %(count)s days.",
                count=WISH_DAYS,
            )
        return False

    def _check_callback_count(self):
        count = request.env["support.callback"].search_count(
            self._get_open_callback_domain(), limit=OPEN_LIMIT
        )
        if count >= OPEN_LIMIT:
            return request.env._(
                "You wait for %(count)s calls already: please wait for one of them, or "
                "open a ticket.",
                count=count,
            )
        return False

    @staticmethod
    def _parse_callback_wish(text, company):
        """A local time of the company, as browsers send it, as naive UTC; or None."""
        try:
            local = datetime.fromisoformat(text)
        except ValueError:
            return None
        if local.tzinfo or not 2000 <= local.year <= 2100:
            return None
        zone = pytz.timezone(company.support_tz or "UTC")
        return zone.localize(local).astimezone(pytz.utc).replace(tzinfo=None)

    # ------------------------------------------------------------------
    # Sent
    # ------------------------------------------------------------------

    def _get_callback_key(self, kw):
        """The form's key made the user's own, or None if it has none."""
        try:
            key = uuid.UUID(str(kw.get("submission_key")))
        except ValueError:
            return None
        return f"{request.env.uid}:{key}"

    def _find_callback(self, key):
        callbacks = request.env["support.callback"]
        if not key:
            return callbacks
        # the key holds the user, who sent this very form: it is his own call-back. The
        # field itself is closed to everybody.
        return callbacks.sudo().search([("submission_key", "=", key)], limit=1)

    def _create_callback(self, values, key):
        contract = self._find_callback_contract(values)
        company = contract.company_id
        # portal users have no right to create; everything was checked just before
        callbacks = request.env["support.callback"].sudo().with_company(company)
        return callbacks.with_context(mail_create_nosubscribe=True).create(
            {
                "topic": values["topic"],
                "number": self._format_callback_number(values),
                "caller_name": values["caller_name"] or request.env.user.name,
                "partner_id": request.env.user.partner_id.id,
                "contract_id": contract.id,
                "company_id": company.id,
                "wanted_from": self._parse_callback_wish(
                    values["wanted_from"], company
                ),
                "wanted_until": self._parse_callback_wish(
                    values["wanted_until"], company
                ),
                "submission_key": key,
            }
        )
