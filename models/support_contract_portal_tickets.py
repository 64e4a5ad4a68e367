# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.fields import Domain


class SupportContract(models.Model):
    """What waits for the customer on the tickets of a contract."""

    _inherit = "support.contract"

    def _get_portal_todos(self, partner):
        """Add the files that are asked for and the prices that wait for an answer.
        Those of tickets without a contract, in the companies of the environment, stand
        under the key ``False``."""
        todos = super()._get_portal_todos(partner)
        own = Domain(
            "ticket_id.commercial_partner_id", "=", partner.commercial_partner_id.id
        )
        without = Domain("ticket_id.support_contract_id", "=", False) & Domain(
            "ticket_id.company_id", "in", self.env.companies.ids
        )
        of_these = Domain("ticket_id.support_contract_id", "in", self.ids) | without
        requests = self.env["support.file.request"].search_fetch(
            Domain("state", "=", "asked") & own & of_these
        )
        for request in requests:
            ticket = request.ticket_id
            todos.setdefault(ticket.support_contract_id.id, []).append(
                {
                    "kind": "file",
                    "text": self.env._(
                        "Ticket %(ticket)s: send us the file that we need",
                        ticket=ticket.number,
                    ),
                    "url": f"/my/ticket/{ticket.id}#support_files",
                },
            )
        prices = self.env["support.price.acceptance"].search_fetch(
            Domain("state", "=", "offered")
            & Domain("ticket_id.closed", "=", False)
            & own
            & (
                Domain("contract_id", "in", self.ids)
                | (Domain("contract_id", "=", False) & of_these)
            )
        )
        for price in prices:
            if not price._is_answerable(partner):
                continue
            ticket = price.ticket_id
            contract = price.contract_id or ticket.support_contract_id
            todos.setdefault(contract.id, []).append(
                {
                    "kind": "price",
                    "text": self.env._(
                        "Ticket %(ticket)s: accept or refuse the price",
                        ticket=ticket.number,
                    ),
                    "url": f"/my/ticket/{ticket.id}#support_prices",
                },
            )
        return todos
