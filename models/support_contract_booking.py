# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.fields import Domain


class SupportContract(models.Model):
    """What the customer may do in the portal with work that is planned and done."""

    _inherit = "support.contract"

    def _may_book(self, partner):
        """Whether ``partner`` asks for dates, moves and cancels them: who may ask for
        help, and who may order."""
        self.ensure_one()
        return self._may_see_code(partner) or self._may_order(partner)

    def _get_portal_todos(self, partner):
        """Sheets of visits that nobody has signed yet: one entry for each contract,
        however many there are."""
        todos = super()._get_portal_todos(partner)
        works = self.env["support.intervention"]
        # everybody of the customer reads and signs them
        groups = works.sudo()._read_group(
            works._get_unsigned_domain(self.company_id[:1])
            & Domain("contract_id", "in", self.ids),
            ["contract_id"],
            ["id:max", "__count"],
        )
        for contract, last, count in groups:
            work = works.sudo().browse(last)
            if count == 1:
                text = self.env._("Sign what was done: %s", work.name)
                url = work._get_portal_url()
            else:
                text = self.env._("Sign what was done: %s sheets", count)
                url = "/my/support/interventions?filterby=unsigned"
            todos[contract.id].append({"kind": "sign", "text": text, "url": url})
        return todos
