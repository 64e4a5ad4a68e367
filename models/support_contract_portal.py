# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import SUPERUSER_ID, models


class SupportContract(models.Model):
    """What a customer's person may do with a contract in the portal (``design.md``,
    "Who sees what"). Everybody of the customer reads; the rest is for those named."""

    _inherit = "support.contract"

    def _may_sign(self, partner):
        """Whether ``partner`` signs for the customer: the signatory, nobody else."""
        self.ensure_one()
        return bool(partner) and self.signatory_id == partner

    def _may_order(self, partner):
        """Whether ``partner`` orders and pays: those named, the signatory, and a
        customer that is itself one person."""
        self.ensure_one()
        return bool(partner) and partner in (
            self.orderer_ids | self.signatory_id | self._get_person()
        )

    def _may_see_code(self, partner):
        """Whether ``partner`` is told the support code: those who may ask for help.
        If nobody is named, that is everybody of the customer."""
        self.ensure_one()
        if self.caller_ids:
            return partner in self.caller_ids
        return bool(partner) and (
            partner.commercial_partner_id == self.commercial_partner_id
        )

    def _get_person(self):
        """The customer, if it is no company."""
        customer = self.commercial_partner_id
        return customer.browse() if customer.is_company else customer

    def _get_owners_env(self):
        """The contract as the vendor's own: a visitor writes no messages, and what he
        does is told in the owner's language, else in the vendor's."""
        self.ensure_one()
        lang = self.user_id.lang or self.company_id.partner_id.lang
        return self.with_user(SUPERUSER_ID).with_context(lang=lang)

    def _get_portal_todos(self, partner):
        """What waits for ``partner`` on each contract; extended where it arises.

        :return: ``{contract id: [{"kind", "text", "url"}, ...]}``
        """
        return {contract.id: [] for contract in self}

    def _get_portal_actions(self, partner):
        """What ``partner`` can do with the contract, as links; extended where it is
        made possible.

        :return: list of dicts ``text``, ``url`` and ``primary``
        """
        self.ensure_one()
        return []
