# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.fields import Command, Domain
from odoo.tools import format_date

from .fetch_lines import fetch_lines


class SupportContractType(models.Model):
    """The types that customers see and ask for in the portal, side by side, before
    they have a contract.

    Portal users read no types: these methods work with all rights on the types that
    are on offer, and give plain values in the reader's language."""

    _inherit = "support.contract.type"

    portal_shown = fields.Boolean(
        string="Offered in the Portal",
        tracking=True,
        help="Customers see the type in the portal, compare it with the others, and "
        "ask for it.",
    )

    # ------------------------------------------------------------------
    # What is on offer
    # ------------------------------------------------------------------

    @api.model
    def _get_portal_types(self, company):
        """The types that ``company`` offers in the portal, in their order."""
        return self.search(
            Domain("portal_shown", "=", True)
            & Domain("withdrawn", "=", False)
            & Domain("company_id", "in", (False, company.id))
        )

    def _get_portal_products(self, company):
        """``{type: products on sale that sell a contract or a package of it}``."""
        products = self.env["product.product"].search(
            Domain("support_contract_type_id", "in", self.ids)
            & Domain("support_sells", "in", ("contract", "package"))
            & Domain("sale_ok", "=", True)
            & Domain("company_id", "in", (False, company.id))
        )
        return {
            contract_type: products.filtered(
                lambda product, item=contract_type: (
                    product.support_contract_type_id == item
                )
            ).sorted(lambda product: (product.support_quantity, product.id))
            for contract_type in self
        }

    def _get_portal_offers(self, company, partner):
        """What the types are, and cost ``partner``.

        :return: list of dicts: ``id``, ``name``, ``url``, ``description``,
            ``sections`` (title: sentences), ``products`` (dicts ``id``, ``name``,
            ``price``, ``taxed``) and ``online``: whether it is ordered and paid at once
        """
        products = self._get_portal_products(company)
        everything = self.env["product.product"].union(*products.values())
        contracts = self.env["support.contract"]
        prices = contracts._get_buy_prices(company, partner, everything)
        # read together what the sentences would read one by one
        fetch_lines(
            self,
            *("allotment_ids", "request_ids", "work_mode_terms_ids"),
            *("threshold_ids", "notice_ids", "reinstatement_ids", "coverage_ids"),
        )
        fetch_lines(self.sla_policy_id, "target_ids")
        calendars = self.coverage_ids.calendar_id | company.resource_calendar_id
        calendars.fetch(["tz", "two_weeks_calendar"])
        fetch_lines(calendars, "attendance_ids")
        offers = []
        for contract_type in self:
            priced = products[contract_type].filtered(
                lambda product: prices[product].price_total > 0
            )
            packages = priced.filtered(
                lambda product: product.support_sells == "package"
            )
            sample = contract_type._get_sample_contract(company, packages[:1])
            offers.append(
                {
                    "id": contract_type.id,
                    "name": contract_type.name,
                    "url": f"/my/support/offers/{contract_type.id}",
                    "description": contract_type.description,
                    "sections": sample._get_portal_sections(packages),
                    "products": [
                        {
                            "id": product.id,
                            "name": product.name,
                            **contracts._describe_buy_price(prices[product]),
                        }
                        for product in priced
                    ],
                    "online": bool(priced) and not contract_type.signature_required,
                }
            )
        return offers

    @api.model
    def _get_offer_titles(self, offers):
        """The titles of all sections of ``offers``, in their order: that of the offer
        that has the most."""
        by_number = sorted(offers, key=lambda offer: -len(offer["sections"]))
        return list(
            dict.fromkeys(title for offer in by_number for title in offer["sections"])
        )

    def _get_sample_contract(self, company, package=None):
        """A contract as it would be made today, for nobody and not stored.

        :param package: ``product.product`` of the package, if the type sells any
        """
        self.ensure_one()
        contracts = self.env["support.contract"].with_company(company)
        package = package or self.env["product.product"]
        # from this very record, whose neighbours are read along with it
        terms = contracts._prepare_terms_values(
            self, package, company.currency_id, company
        )
        return contracts.new(
            terms
            | {
                "type_id": self.id,
                "package_id": package.id,
                "company_id": company.id,
                "currency_id": company.currency_id.id,
                "date_start": company._support_day(),
                "activation_count": 1,
            }
        )

    # ------------------------------------------------------------------
    # Asked for
    # ------------------------------------------------------------------

    def _get_request_key(self, company, customer):
        self.ensure_one()
        return f"type:{company.id}:{customer.id}:{self.id}"

    def _get_portal_requests(self, company, customer):
        """What the customer has asked for and waits for.

        :return: ``{type: (sentence, link or None)}``
        """
        keys = {
            contract_type._get_request_key(company, customer): contract_type
            for contract_type in self
        }
        requests = {}
        contracts = self.env["support.contract"].search(
            Domain("portal_request_key", "in", list(keys))
            & Domain("state", "in", ("draft", "offered"))
        )
        for contract in contracts:
            requests[keys[contract.portal_request_key]] = (
                self.env._(
                    "You asked for it on %s: we prepare our offer.",
                    format_date(self.env, company._support_day(contract.create_date)),
                ),
                contract.access_url if contract.state == "offered" else None,
            )
        for order in self._get_request_orders(list(keys)):
            if order._support_is_open():
                requests[keys[order.support_portal_key]] = (
                    self.env._(
                        "You ordered it with %s, which waits for its payment.",
                        order.name,
                    ),
                    order.access_url,
                )
        return requests

    def _get_request_orders(self, keys):
        return self.env["sale.order"].search(
            Domain("support_portal_key", "in", keys)
            & Domain("state", "in", ("draft", "sent"))
        )

    def _portal_request(self, company, partner, product_id=None):
        """``partner`` asks for a contract of this type: what has a price and needs no
        signature is an order, everything else a draft for the salesperson.

        One open request for each type and customer: asking again leads to it.

        :param company: the vendor's company that the portal user belongs to
        :param product_id: of what is on sale, where there is a choice
        :raise UserError: if he may not, or the choice will not do
        :return: the page to go on
        """
        self.ensure_one()
        if not company._support_may_buy(partner):
            raise UserError(self._get_buy_bar())
        requests = self._get_portal_requests(company, partner.commercial_partner_id)
        if self in requests:
            return requests[self][1] or f"/my/support/offers/{self.id}"
        [offer] = self._get_portal_offers(company, partner)
        choices = [product["id"] for product in offer["products"]]
        if len(choices) == 1 and not product_id:
            product_id = choices[0]
        if (choices or product_id) and product_id not in choices:
            raise UserError(self.env._("Choose one of the packages on offer."))
        key = self._get_request_key(company, partner.commercial_partner_id)
        product = self.env["product.product"].browse(product_id or [])
        try:
            with self.env.cr.savepoint():
                if offer["online"]:
                    return self._portal_order(company, partner, product, key)
                return self._portal_draft(company, partner, product, key)
        except UniqueViolation as violation:
            # a colleague asked a moment earlier; repeated, this finds his request
            raise ConcurrencyError("Contract asked for twice") from violation

    @api.model
    def _get_buy_bar(self):
        return self.env._(
            "Only those named in your contracts order for your company: please ask "
            "them, or us."
        )

    def _portal_order(self, company, partner, product, key):
        self.ensure_one()
        # one that expired gives way
        self._get_request_orders([key])._support_give_way()
        order = (
            self.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "user_id": company._support_get_seller(
                        partner.commercial_partner_id
                    ).id,
                    "order_line": [
                        Command.create(
                            {"product_id": product.id, "product_uom_qty": 1.0}
                        )
                    ],
                }
            )
        )
        return order._support_place(partner, key)

    def _portal_draft(self, company, partner, product, key):
        """A draft with an activity for the one who makes the offer."""
        self.ensure_one()
        seller = company._support_get_seller(partner.commercial_partner_id)
        package = product.filtered(lambda item: item.support_sells == "package")
        contract = (
            self.env["support.contract"]
            .with_company(company)
            .create(
                {
                    "type_id": self.id,
                    "package_id": package.id,
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "currency_id": company.currency_id.id,
                    "date_start": company._support_day(),
                    "user_id": seller.id,
                    "orderer_ids": [Command.set(partner.ids)],
                    "portal_request_key": key,
                }
            )
        )
        contract._tell_portal_request(
            partner,
            lambda env: env._("Asked for in the portal: %s", self.name),
        )
        return f"/my/support/offers/{self.id}"
