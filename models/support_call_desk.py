# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools.support_code import parse_code
from .res_company_phone import PHONE_LENGTH
from .support_call import NOTE_LENGTH

SEARCH_LENGTH = 100
MATCHES, LINES = 8, 20

#: contracts that the desk shows beside the one whose code was given
SHOWN_STATES = ("signed", "active", "suspended", "expired", "lapsed")


class SupportCall(models.Model):
    """What the screen "Incoming Call" asks for. Every public method here checks that
    the user is a technician of the helpdesk; what it tells about a customer is read
    with that user's own rights, or named field by field."""

    _inherit = "support.call"

    # ------------------------------------------------------------------
    # Who is calling
    # ------------------------------------------------------------------

    @api.model
    def desk_open(self):
        """What the screen shows before a caller is known.

        :return: dict with ``hours`` (the company's) and ``locked`` (why no code can be
            entered now, or "")
        """
        self._require_operator()
        locked_until = self.env["support.code.guard"]._get_locked_until()
        return {
            "hours": self.env.company._support_describe_phone_hours(),
            "locked": self._describe_lock(locked_until) if locked_until else "",
        }

    @api.model
    def desk_find_code(self, code, number=None):
        """Recognise a caller by the support code, and log the call.

        :param str code: as the operator typed it
        :param str number: the caller's number, if it is known
        :return: :meth:`_get_desk_values`, or a dict with ``refused``: why not, in
            words. A wrong code tells nothing of any customer.
        """
        self._require_operator()
        contract, refused = self._check_code(code)
        if refused:
            return {"refused": refused}
        number = self._clean_number(number)
        # only who calls and whose contract it is; what the operator sees of it is read
        # as the user
        partner = contract.sudo().partner_id.sudo(self.env.su)
        caller = self._guess_caller(contract, number)
        call = self._log(
            "code",
            caller or partner,
            company=contract.sudo().company_id.sudo(self.env.su),
            contract_id=contract.id,
            number=number,
        )
        return call._get_desk_values()

    @api.model
    def desk_find_phone(self, number):
        """Contacts with a telephone number, as the user may read them. Only one: the
        call is logged at once.

        :return: :meth:`_get_desk_values`, or a dict with ``number`` (in its
            international form), ``matches`` and ``refused`` if there are none
        """
        self._require_operator()
        number = self._clean_number(number)
        partners = self._find_by_number(number)
        if len(partners) == 1:
            return self._log("phone", partners, number=number)._get_desk_values()
        result = {"number": number, "matches": self._describe_matches(partners)}
        if not partners:
            result["refused"] = (
                self.env._("No contact has the number %s.", number)
                if number
                else self.env._("Phone number: enter the number of the caller.")
            )
        return result

    @api.model
    def desk_search(self, text):
        """Contacts by name, e-mail or number, as the user may read them.

        :return: dict with ``matches`` and ``refused`` if there are none
        """
        self._require_operator()
        text = str(text or "").strip()[:SEARCH_LENGTH]
        if len(text) < 2:
            return {
                "matches": [],
                "refused": self.env._("Contact: enter at least two letters."),
            }
        partners = self.env["res.partner"]
        found = partners.name_search(text, operator="ilike", limit=MATCHES)
        partners = partners.browse([partner_id for partner_id, _name in found])
        result = {"matches": self._describe_matches(partners)}
        if not partners:
            result["refused"] = self.env._("No contact is called “%s”.", text)
        return result

    @api.model
    def desk_identify(self, partner_id, identified_by, number=None):
        """Log a call of the contact that the operator chose from the matches.

        :param identified_by: ``phone`` or ``search``
        :return: :meth:`_get_desk_values`
        """
        self._require_operator()
        partner = self.env["res.partner"].search(
            [("id", "=", self._clean_id(partner_id))]
        )
        if not partner:
            raise UserError(self.env._("This contact does not exist any more."))
        by_phone = identified_by == "phone"
        number = self._clean_number(number)
        if by_phone and partner not in self._find_by_number(number):
            by_phone = False  # the log says how it was, not what a client claims
        call = self._log("phone" if by_phone else "search", partner, number=number)
        return call._get_desk_values()

    @api.model
    def _check_code(self, text):
        """The contract with a support code, in the user's companies.

        Each wrong code counts, and after some of them entry is locked for a while
        (``support.code.guard``). Nothing is looked at while it is locked.

        :return: ``(contract, "")``, or ``(empty, why)``
        """
        guard = self.env["support.code.guard"]
        none = self.env["support.contract"]
        locked_until = guard._take_try()
        if locked_until:
            return none, self._describe_lock(locked_until)
        code = parse_code(text)
        contract = none
        if code:
            # the field is closed to everybody; only the user's companies are searched
            contract = (
                none.sudo()
                .with_context(active_test=False)
                .search(
                    Domain("support_code", "=", code)
                    & Domain("company_id", "in", self.env.companies.ids)
                )
                .sudo(self.env.su)
            )
        if contract:
            guard._forgive()
            return contract, ""
        left, locked_until = guard._refuse(text, "unknown" if code else "malformed")
        why = (
            self.env._("Nobody has this support code: ask for it again.")
            if code
            else self.env._(
                "This is not a support code: look at the digits. It has nine, and the "
                "last one must fit the others."
            )
        )
        more = (
            self._describe_lock(locked_until)
            if locked_until
            else self.env._("Tries left: %s.", left)
        )
        return none, f"{why} {more}"

    @api.model
    def _describe_lock(self, until):
        return self.env._(
            "Too many wrong codes: you can enter codes again at %s. A contract manager "
            "can lift this; you can still look for the number or the contact.",
            self.env.company._support_describe_moment(until),
        )

    @api.model
    def _find_by_number(self, number):
        """Contacts with this number, among those that the user may read."""
        partners = self.env["res.partner"]
        if not number:
            return partners
        digits = self.env.company._support_format_phone(number, force_format="E164")
        if digits:
            return partners.search([("phone_sanitized", "=", digits)], limit=MATCHES)
        if len(number) < 3:
            return partners
        # an extension, or a number that the library does not know
        return partners.search([("phone_mobile_search", "=", number)], limit=MATCHES)

    @api.model
    def _guess_caller(self, contract, number):
        """Who of the customer calls with the code: the only contact with that number,
        or the only one who may."""
        # whose code it is; what is shown of the contacts is read as the user
        customer = contract.sudo().commercial_partner_id
        by_number = self._find_by_number(number).filtered(
            lambda person: person.commercial_partner_id == customer
        )
        if len(by_number) == 1:
            return by_number
        # as above
        callers = contract.sudo().caller_ids.sudo(self.env.su)
        return callers if len(callers) == 1 else callers.browse()

    @api.model
    def _clean_number(self, number):
        """A number as it is logged: international if possible, else as typed."""
        number = " ".join(str(number or "").split())[:PHONE_LENGTH]
        return self.env.company._support_format_phone(number) or number

    @api.model
    def _clean_id(self, value):
        """A record's number as it came from outside, 0 for anything else."""
        valid = isinstance(value, int) and not isinstance(value, bool)
        return value if valid and 0 < value < 2**31 else 0

    # ------------------------------------------------------------------
    # What the screen shows
    # ------------------------------------------------------------------

    @api.model
    def _describe_matches(self, partners):
        return [
            {
                "id": partner.id,
                "name": partner.name or partner.display_name,
                "customer": partner.commercial_partner_id.name
                if partner.commercial_partner_id != partner
                else "",
                "city": partner.city or partner.commercial_partner_id.city or "",
                "phone": partner.phone or "",
            }
            for partner in partners
        ]

    def desk_state(self):
        """The call as the screen shows it, for its own operator.

        :raise AccessError: for a call of another operator
        """
        self.ensure_one()
        self._require_operator()
        self.check_access("read")
        return self._get_desk_values()

    def _get_desk_values(self):
        """All that the screen needs about a call; texts in the user's language, moments
        in the company's zone.

        :return: dict with ``call``, ``customer``, ``people``, ``contracts``,
            ``hours``, ``installations``, ``tickets``, ``callbacks`` and ``warnings``
        """
        self.ensure_one()
        customer = self.partner_id
        contracts = self._get_desk_contracts()
        # the hours of the contract that the call is about, else the best one's
        contract = (
            self.contract_id
            or contracts.filtered(
                lambda one: one.state == "active" and one._has_phone_support()
            ).sorted(lambda one: (one.rank, one.id))[:1]
        )
        return {
            "call": {
                "id": self.id,
                "number": self.number or "",
                "identified_by": self.identified_by,
                "caller_id": self.caller_id.id,
                "ended": bool(self.end),
                "outcome": self.outcome,
                "ticket_id": self.ticket_id.id,
                "callback_id": self.callback_id.id,
                "contract_id": contract.id,
                "company_id": self.company_id.id,
            },
            "customer": {
                "id": customer.id,
                "name": customer.name,
                "city": customer.city or "",
                "phone": customer.phone or "",
            },
            "people": contract._describe_people(customer),
            "contracts": [
                one._describe_for_desk(one == self.contract_id) for one in contracts
            ],
            "hours": self.company_id._support_describe_phone_hours(contract),
            "installations": self._describe_installations(),
            "tickets": self._describe_tickets(),
            "callbacks": self._describe_callbacks(),
            "warnings": self._get_desk_warnings(),
        }

    def _get_desk_contracts(self):
        contracts = self.env["support.contract"].search(
            Domain("commercial_partner_id", "=", self.partner_id.id)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("state", "in", SHOWN_STATES)
            # what was followed by another contract is history
            & Domain("renewal_state", "!=", "agreed"),
            limit=LINES,
        )
        return self.contract_id | contracts

    def _describe_installations(self):
        """What software the customer has, and whether it is in warranty or covered."""
        installations = self.env["support.installation"].search(
            Domain("commercial_partner_id", "=", self.partner_id.id)
            & Domain("company_id", "=", self.company_id.id),
            limit=LINES,
        )
        states = dict(installations._fields["state"]._description_selection(self.env))
        return [
            {
                "id": installation.id,
                "name": installation.name,
                "version": installation.version or "",
                "state": installation.state,
                "state_label": states[installation.state],
                "until": format_date(self.env, installation.warranty_end)
                if installation.state == "warranty"
                else "",
            }
            for installation in installations
        ]

    def _describe_tickets(self):
        tickets = self.env["helpdesk.ticket"].search(
            Domain("commercial_partner_id", "=", self.partner_id.id)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("closed", "=", False),
            limit=LINES,
        )
        now = self.company_id._support_now()
        return [
            {
                "id": ticket.id,
                "number": ticket.number,
                "name": ticket.name,
                "stage": ticket.stage_id.name or "",
                "deadline": self.company_id._support_describe_moment(
                    ticket.support_deadline
                )
                if ticket.support_deadline
                else "",
                "late": bool(ticket.support_deadline) and ticket.support_deadline < now,
            }
            for ticket in tickets
        ]

    def _describe_callbacks(self):
        callbacks = self.env["support.callback"].search(
            Domain("commercial_partner_id", "=", self.partner_id.id)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("state", "=", "waiting"),
            limit=LINES,
        )
        return [
            {
                "id": callback.id,
                "topic": callback.topic,
                "due": self.company_id._support_describe_moment(callback.due_from),
                "late": callback.late,
                "user": callback.user_id.name or "",
            }
            for callback in callbacks
        ]

    def _get_desk_warnings(self):
        """What the operator must know before anything else. Only called once the code
        or the contact is known."""
        contract = self.contract_id
        if not contract:
            return []
        states = dict(contract._fields["state"]._description_selection(self.env))
        warnings = []
        if not contract.active:
            warnings.append(
                self.env._(
                    "The code is right, but contract %s is archived.", contract.name
                )
            )
        elif contract.state == "lapsed":
            warnings.append(contract._get_way_back())
        elif contract.state != "active":
            warnings.append(
                self.env._(
                    "The code is right, but contract %(name)s is not active: it is "
                    "%(state)s.",
                    name=contract.name,
                    state=states[contract.state].lower(),
                )
            )
        if not contract._has_phone_support():
            warnings.append(
                self.env._("Contract %s does not include help by phone.", contract.name)
            )
        return warnings

    # ------------------------------------------------------------------
    # What becomes of the call
    # ------------------------------------------------------------------

    def desk_open_ticket(self, topic, caller_id=None):
        """Open a ticket about the call, with the user's own rights, and end the call.

        :param str topic: one line
        :param int caller_id: contact of the customer who called
        :return: dict with ``ticket_id``, ``name`` and ``cover``: in words, what covers
            it or why nothing does
        :raise UserError: without a topic, or if the call has an outcome already
        """
        self.ensure_one()
        self._take()
        self._set_caller(caller_id)
        ticket = self._open_ticket(topic)
        return {
            "ticket_id": ticket.id,
            "name": ticket.display_name,
            "cover": self._describe_cover(ticket),
        }

    def desk_add_to_ticket(self, ticket_id, note, caller_id=None):
        """Add the call to an open ticket of the customer that the user may change, and
        end the call.

        :return: dict with ``ticket_id`` and ``name``
        :raise UserError: if it is no such ticket
        """
        self.ensure_one()
        self._take()
        self._set_caller(caller_id)
        ticket = self.env["helpdesk.ticket"].search(
            [("id", "=", self._clean_id(ticket_id))]
        )
        self._add_to_ticket(ticket, note)
        return {"ticket_id": ticket.id, "name": ticket.display_name}

    def desk_finish(self, note=None):
        """End a call that needs neither a ticket nor a call-back."""
        self.ensure_one()
        self._take()
        self._end("none", note=str(note or "").strip()[:NOTE_LENGTH])

    def _set_caller(self, caller_id):
        """Record who of the customer called.

        :raise UserError: if it is a contact of somebody else
        """
        if not caller_id:
            return
        caller = self.env["res.partner"].search(
            Domain("id", "=", self._clean_id(caller_id))
            & Domain("commercial_partner_id", "=", self.partner_id.id)
        )
        if not caller:
            raise UserError(
                self.env._("Caller: choose a contact of %s.", self.partner_id.name)
            )
        # the log is written by the desk alone
        self.sudo().caller_id = caller if caller != self.partner_id else False

    @api.model
    def _describe_cover(self, ticket):
        """What covers a new ticket, or why nothing does, in a sentence."""
        if ticket.support_cover == "contract":
            # the number of the contract is shown on the ticket too
            contract = ticket.support_contract_id.sudo()
            return self.env._("Covered by %s.", contract.display_name)
        reasons = self.env["support.cover"]._explain(ticket.support_cover_reasons or [])
        if ticket.support_cover == "warranty":
            return self.env._("In warranty: %s.", reasons[0]["text"])
        why = "; ".join(reason["text"] for reason in reasons)
        if ticket.support_cover == "on_call":
            return self.env._("On call: %s.", why)
        return self.env._("Not covered: %s.", why)
