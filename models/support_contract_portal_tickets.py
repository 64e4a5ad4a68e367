# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import SUPERUSER_ID, models


class SupportContract(models.Model):
    """What waits for the customer on the tickets of a contract."""

    _inherit = "support.contract"

    def _get_portal_todos(self, partner):
        """Add the files that are asked for and the prices that wait for an answer.
        Those of tickets without a contract stand under the key ``False``."""
        todos = super()._get_portal_todos(partner)
        tickets = (
            ("commercial_partner_id", "=", partner.commercial_partner_id.id),
            ("company_id", "in", self._get_todo_company_ids(partner)),
        )
        requests = self.env["support.file.request"].search_fetch(
            [("state", "=", "asked"), *tickets]
        )
        for request in requests:
            ticket = request.ticket_id
            self._add_portal_todo(
                todos,
                ticket.support_contract_id,
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
            [
                ("state", "=", "offered"),
                ("ticket_id.closed", "=", False),
                *(("ticket_id." + name, *rest) for name, *rest in tickets),
            ]
        )
        for price in prices:
            if not price._is_answerable(partner):
                continue
            ticket = price.ticket_id
            self._add_portal_todo(
                todos,
                price.contract_id or ticket.support_contract_id,
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

    def _get_todo_company_ids(self, partner):
        """The companies whose tickets ``partner`` opens: those of his own user. The one
        of the environment may be another, also Odoo's own, as on a contract's page."""
        users = self.env.user
        if self.env.uid == SUPERUSER_ID or users.partner_id != partner:
            # which companies somebody belongs to, to leave others out
            users = partner.sudo().user_ids
        found = {company for user in users for company in user._get_company_ids()}
        return list(found) or self.company_id.ids

    def _add_portal_todo(self, todos, contract, todo):
        """Put it where it belongs; contracts that are not asked about are left out."""
        if not contract or contract in self:
            todos.setdefault(contract.id, []).append(todo)
