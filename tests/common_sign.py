# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from .common import SupportCommon
from .test_tools_signature import draw, encode

DRAWING = encode(draw())
SIGNED_PDF = b"%PDF-1.4 signed"


class SignContractCommon(SupportCommon):
    """An offer of yearly maintenance per activation with general conditions, which
    ``portal_user`` signs for the customer; ``colleague`` is another login of it."""

    @classmethod
    def _set_up_vendor(cls):
        result = super()._set_up_vendor()
        cls.signatory = cls.portal_user.partner_id
        cls.conditions = cls.env["support.conditions"].create(
            {
                "name": "General Terms",
                "body": "<p>The law applies.</p><img src='http://10.0.0.1/x.png'>",
                "company_id": cls.company.id,
            }
        )
        cls.conditions.action_publish()
        cls.small_type = cls._create_type(
            name="On call", conditions_id=cls.conditions.id, signature_required=True
        )
        cls.yearly_type = cls._create_type(
            name="Maintenance",
            fee_basis="activation",
            compare_activations=True,
            signature_required=True,
            conditions_id=cls.conditions.id,
            alternative_ids=cls.small_type.ids,
            product_id=cls._create_hour_product("Maintenance fee", 100).id,
        )
        cls.contract = cls._create_offer()
        return result

    @classmethod
    def _create_offer(cls, contract_type=None, **vals):
        contract = cls._create_contract(
            contract_type or cls.yearly_type,
            activate=False,
            **{"signatory_id": cls.signatory.id, **vals},
        )
        contract.action_mark_offered()
        return contract

    @classmethod
    def _sign_all(cls, contract=None, **evidence):
        """All steps, as the page does them."""
        contract = (contract or cls.contract).sudo()
        if contract._compares_activations():
            contract._sign_activations({0: 3}, "Anna Alpha")
        if len(contract._get_sign_choices()) > 1:
            contract._sign_choose_type(contract.type_id, "Anna Alpha")
        for part in contract._get_sign_parts():
            cls._sign(part, contract, **evidence)

    @classmethod
    def _sign(cls, part, contract=None, **vals):
        contract = (contract or cls.contract).sudo()
        digest = contract._get_sign_digest(contract._get_sign_text(part))
        values = {
            "digest": digest,
            "signer": "Anna Alpha",
            "role": "Director",
            "drawing": DRAWING,
            "partner": cls.signatory,
            "ip": "192.0.2.1",
            "user_agent": "Browser",
            **vals,
        }
        return contract._sign_part(part, **values)
