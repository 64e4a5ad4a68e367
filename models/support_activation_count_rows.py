# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import re
from dataclasses import dataclass
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools import activation_rows
from .support_activation_count import CountRow

#: what a row may hold, in the order of the template
COLUMNS = ("contract", "customer", "installation", "licence_key", "number", "day")

#: a contract that is over is not counted any more
COUNTED_STATES = ("draft", "offered", "signed", "active", "suspended", "expired")


@dataclass
class FoundRow:
    """A row as it was understood: what it counts, or the reason why it counts
    nothing. ``known`` if the same was counted before."""

    line: int
    contract: models.Model
    installation: models.Model
    day: object = None
    number: int | None = None
    reason: str = ""
    known: bool = False

    def get_count(self):
        return CountRow(self.contract, self.installation, self.day, self.number)


class Directory(NamedTuple):
    """What the texts of all rows may mean, read once: contracts by number, numbers of
    contracts of other companies, customers by reference or VAT number, their
    contracts, and installations by name and by licence key."""

    contracts: dict
    foreign: set
    customers: dict
    customers_contracts: dict
    installations: dict
    keys: dict


class SupportActivationCount(models.Model):
    """Rows of a file or another system, understood one by one: a bad row is left with
    its reason and does not stop the others."""

    _inherit = "support.activation.count"

    @api.model
    def _read_rows(self, rows):
        """Understand rows for the present company. The number of queries does not
        depend on how many there are.

        :param rows: ``[(line, {column: plain value}), ...]``, see :data:`COLUMNS`
        :return: list of :class:`FoundRow`, in the same order
        """
        company = self.env.company
        texts = [self._read_texts(line, row) for line, row in rows]
        directory = self._read_directory([text for text, _ in texts], company)
        month_first = self._is_month_first()
        found, lines = [], {}
        for (line, row), (text, reason) in zip(rows, texts, strict=True):
            result = FoundRow(
                line,
                self.env["support.contract"],
                self.env["support.installation"],
                reason=reason,
            )
            found.append(result)
            if reason:
                continue
            try:
                result.number = activation_rows.to_number(row.get("number"))
                result.day = activation_rows.to_day(row.get("day"), month_first)
                self._check_day(result.day, company)
                self._find_subject(result, text, directory)
                self._check_once(result, lines)
            except activation_rows.BadValue as error:
                result.reason = self._explain_value(error)
            except UserError as error:
                result.reason = str(error)
        self._mark_known([row for row in found if not row.reason])
        return found

    @api.model
    def _read_texts(self, line, row):
        """``({column: text}, reason)`` of the columns that name something."""
        texts = {}
        for name in COLUMNS[:4]:
            try:
                texts[name] = activation_rows.to_text(row.get(name))
            except activation_rows.BadValue as error:
                return dict.fromkeys(COLUMNS[:4], ""), self._explain_value(error)
        return texts, ""

    @api.model
    def _is_month_first(self):
        """Whether the user's language writes 03/31/2026."""
        formats = self.env["res.lang"]._get_data(code=self.env.user.lang).date_format
        return (formats or "").lstrip("%").startswith(("m", "b", "B"))

    @api.model
    def _mark_known(self, rows):
        known = self._read_revisions([row.get_count() for row in rows])
        for row in rows:
            key = (row.contract.id, row.installation.id, row.day)
            row.known = known.get(key, (0, None))[1] == row.number

    # ------------------------------------------------------------------
    # What a row is about
    # ------------------------------------------------------------------

    @api.model
    def _read_directory(self, texts, company):
        def named(name):
            return list({text[name] for text in texts if text[name]})

        contracts = {
            contract.name: contract
            for contract in self.env["support.contract"].search(
                [("company_id", "=", company.id), ("name", "in", named("contract"))]
            )
        }
        # with the rights of the user: what he may not see simply does not exist
        foreign = self.env["support.contract"].search(
            [
                ("company_id", "!=", company.id),
                ("name", "in", list(set(named("contract")) - contracts.keys())),
            ]
        )
        customers = self._read_customers(named("customer"), company)
        installations, keys = {}, {}
        for installation in self.env["support.installation"].search(
            Domain("company_id", "=", company.id)
            & (
                Domain("name", "in", named("installation"))
                | Domain("licence_key", "in", named("licence_key"))
            )
        ):
            installations.setdefault(installation.name, []).append(installation)
            keys.setdefault(installation.licence_key, []).append(installation)
        owners = set().union(
            *(partners.ids for partners in customers.values()),
            (
                item.commercial_partner_id.id
                for items in keys.values()
                for item in items
            ),
        )
        customers_contracts = {}
        for contract in self.env["support.contract"].search(
            Domain("company_id", "=", company.id)
            & Domain("commercial_partner_id", "in", list(owners))
            & Domain("state", "in", COUNTED_STATES)
            & self.env["support.contract"]._get_compared_domain(),
            order="id",
        ):
            customers_contracts.setdefault(contract.commercial_partner_id, []).append(
                contract
            )
        return Directory(
            contracts,
            set(foreign.mapped("name")),
            customers,
            customers_contracts,
            installations,
            keys,
        )

    @api.model
    def _read_customers(self, texts, company):
        """``{text: the companies of the customers with this reference or VAT
        number}``."""
        vats = {text: _plain_vat(text) for text in texts}
        partners = self.env["res.partner"].search(
            Domain("company_id", "in", (False, company.id))
            & (
                Domain("ref", "in", texts)
                | Domain("vat", "in", list({*vats, *vats.values()}))
            )
        )
        found = {}
        for text, vat in vats.items():
            matching = partners.filtered(
                lambda partner, text=text, vat=vat: (
                    partner.ref == text
                    or (partner.vat and _plain_vat(partner.vat) == vat)
                )
            )
            found[text] = matching.commercial_partner_id
        return found

    @api.model
    def _find_subject(self, row, text, directory):
        """Set the contract and the installation that a row counts.

        :raise UserError: if the row names none, or something that is not there
        """
        customer = self._find_customer(text["customer"], directory)
        contract = self._find_contract(text["contract"], directory)
        if not (contract or customer or text["licence_key"]):
            raise UserError(self.env._("Name the contract or the customer."))
        if contract and customer and contract.commercial_partner_id != customer:
            raise UserError(
                self.env._(
                    "Contract %(contract)s is not one of %(customer)s.",
                    contract=contract.name,
                    customer=customer.display_name,
                )
            )
        customer = customer or contract.commercial_partner_id
        row.installation = self._find_installation(text, customer, directory)
        covering = row.installation.contract_id
        row.contract = contract or (
            covering
            if covering.state in COUNTED_STATES
            else self._find_only_contract(
                customer or row.installation.commercial_partner_id, directory
            )
        )
        if covering and covering != row.contract:
            raise UserError(
                self.env._(
                    "Installation %(installation)s is covered by contract "
                    "%(contract)s.",
                    installation=row.installation.display_name,
                    contract=covering.name,
                )
            )

    @api.model
    def _find_customer(self, text, directory):
        none = self.env["res.partner"]
        if not text:
            return none
        found = directory.customers.get(text, none)
        if len(found) != 1:
            raise UserError(
                self.env._(
                    "“%s” is not the reference or VAT number of exactly one customer.",
                    text,
                )
            )
        return found

    @api.model
    def _find_contract(self, text, directory):
        if not text:
            return self.env["support.contract"]
        contract = directory.contracts.get(text)
        if contract is None:
            if text in directory.foreign:
                raise UserError(
                    self.env._("Contract %s belongs to another company.", text)
                )
            raise UserError(self.env._("There is no contract “%s”.", text))
        if contract.state not in COUNTED_STATES:
            raise UserError(self.env._("Contract %s is over.", text))
        return contract

    @api.model
    def _find_installation(self, text, customer, directory):
        """The installation with the licence key or the name, or none if neither is
        given."""
        none = self.env["support.installation"]
        key, name = text["licence_key"], text["installation"]
        if not (key or name):
            return none
        found = directory.keys.get(key) if key else directory.installations.get(name)
        found = [
            installation
            for installation in found or []
            if not customer or installation.commercial_partner_id == customer
            if not (key and name) or installation.name == name
        ]
        if len(found) == 1:
            return found[0]
        if found:
            raise UserError(
                self.env._(
                    "There are several installations “%s”: name the licence key.",
                    name or key,
                )
            )
        raise UserError(
            self.env._("The customer has no installation “%s”.", key or name)
        )

    @api.model
    def _find_only_contract(self, customer, directory):
        found = directory.customers_contracts.get(customer, [])
        # what follows a contract begins with what was counted there
        found = [
            contract
            for contract in found
            if contract.sudo().renewal_of_id not in found  # only whether
        ]
        if len(found) == 1:
            return found[0]
        if found:
            raise UserError(
                self.env._(
                    "%(customer)s has %(count)s contracts by activations: name the "
                    "contract.",
                    customer=customer.display_name,
                    count=len(found),
                )
            )
        raise UserError(
            self.env._("%s has no contract by activations.", customer.display_name)
        )

    @api.model
    def _check_once(self, row, lines):
        """:raise UserError: if an earlier row counts the same on the same day"""
        key = (row.contract.id, row.installation.id, row.day)
        if key in lines:
            raise UserError(
                self.env._("Row %s counts the same on this day already.", lines[key])
            )
        lines[key] = row.line

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------

    @api.model
    def _get_labels(self):
        """``{column: label}`` in the user's language."""
        return {
            "contract": self.env._("Contract"),
            "customer": self.env._("Customer"),
            "installation": self.env._("Installation"),
            "licence_key": self.env._("Licence Key"),
            "number": self.env._("Counted"),
            "day": self.env._("Day"),
        }

    @api.model
    def _get_known_labels(self):
        """``{label: column}``: also in English, and the technical names."""
        english = self.with_context(lang="en_US")._get_labels()
        labels = {name: name for name in COLUMNS}
        labels |= {label: name for name, label in english.items()}
        return labels | {label: name for name, label in self._get_labels().items()}

    @api.model
    def _explain_value(self, error):
        """A :class:`BadValue` in the reader's language."""
        value = error.value
        return {
            "formula": lambda: self.env._("A formula is not read: “%s”.", value),
            "too_long": lambda: self.env._("The text is too long: “%s”.", value[:40]),
            "no_number": lambda: self.env._("The number is missing."),
            "not_whole": lambda: self.env._("“%s” is not a whole number.", value),
            "negative": lambda: self.env._("“%s”: a number cannot be negative.", value),
            "huge": lambda: self.env._(
                "“%(value)s” is more than %(limit)s.",
                value=value[:40],
                limit=activation_rows.MAX_NUMBER,
            ),
            "no_day": lambda: self.env._("The day is missing."),
            "not_a_day": lambda: self.env._(
                "“%s” is not a day that exists; write it like 2026-03-31.", value
            ),
            "long_ago": lambda: self.env._("“%s” is too long ago.", value),
        }[error.code]()


def _plain_vat(text):
    return re.sub(r"[\s.-]", "", text).upper()
