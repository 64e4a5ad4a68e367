# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import hashlib
from base64 import b64encode

from markupsafe import Markup

from odoo import fields, models

#: a pattern over the whole page, whatever its size
SAMPLE_MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="480" height="330">'
    '<text x="240" y="180" font-size="%(size)s" font-family="sans-serif" '
    'fill="#ececec" text-anchor="middle" transform="rotate(-30 240 165)">'
    "%(word)s</text></svg>"
)


class SupportContractType(models.Model):
    """The contract of a type before there is one (S8: a sample can be viewed)."""

    _inherit = "support.contract.type"

    def _ask_sample(self, lang, partner=None):
        """The sample contract as PDF, made by a job if it is not there. The key holds a
        digest of what it says, so that changed terms make a new one.

        The caller has checked that the type is on offer.

        :param str lang: code of the language
        :param partner: who gets a mail when it is ready
        :return: ``support.document``
        """
        self.ensure_one()
        company = self.company_id or self.env.company
        contract_type = self.with_company(company).with_context(lang=lang)
        name = contract_type.env._("Sample contract %s", contract_type.name)
        return contract_type.env["support.document"]._ask(
            contract_type._get_sample_key(company),
            {
                "name": name.replace("/", "-"),
                "kind": "sample",
                "company_id": company.id,
                "type_id": self.id,
                "lang": lang,
            },
            partner,
        )

    def _get_sample_key(self, company):
        """What tells whether the sample still says what was printed, in the language of
        the environment."""
        self.ensure_one()
        says = repr(self._get_sample_values(company))
        digest = hashlib.sha256(says.encode()).hexdigest()[:16]
        return f"sample:{company.id}:{self.id}:{self.env.lang}:{digest}"

    def _get_sample_values(self, company):
        """What the contract of this type prints for nobody, without dates.

        :return: dict as of ``support.contract._get_document_values``
        """
        self.ensure_one()
        packages = self._get_portal_products(company)[self].filtered(
            lambda product: product.support_sells == "package"
        )
        contract = self._get_sample_contract(company, packages[:1])
        blank = "……………………………"
        return contract._get_document_values() | {
            "title": self.env._("Sample contract"),
            "subtitle": self.name,
            "number": "",
            "mark": self._get_sample_mark(),
            "parties": [
                (
                    self.env._("Provider"),
                    company.partner_id._support_get_letter_lines(),
                ),
                (self.env._("Customer"), [self.env._("Your company"), blank, blank]),
            ],
            "dates": [],
            "sections": list(
                contract._get_portal_sections(packages, hours_apart=True).items()
            ),
            "signers": [(company.name, ""), (self.env._("Your company"), "")],
        }

    def _get_sample_mark(self):
        """The word that stands aslant behind every page: a picture as ``data:`` URL,
        which the printing program repeats."""
        word = Markup.escape(self.env._("SAMPLE"))
        # a long word keeps inside the page
        size = min(76, 520 // max(len(word), 1))
        picture = SAMPLE_MARK % {"size": size, "word": word}
        return f"data:image/svg+xml;base64,{b64encode(picture.encode()).decode()}"


class SupportDocument(models.Model):
    """The sample of a contract type, the same for every customer."""

    _inherit = "support.document"

    kind = fields.Selection(
        selection_add=[("sample", "Sample Contract")],
        ondelete={"sample": "cascade"},
    )
    type_id = fields.Many2one(
        comodel_name="support.contract.type",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
        groups="base.group_user",
    )

    def _get_sample_report(self):
        return "support_contract.report_sample_contract", self

    def _get_sample_key(self):
        return self.type_id._get_sample_key(self.company_id)

    def _get_sample_back_url(self):
        return f"/my/support/offers/{self.type_id.id}"

    def _get_sample_values(self):
        self.ensure_one()
        return self.type_id._get_sample_values(self.company_id)
