# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models
from odoo.tools import format_date

from ..tools import sla
from .fetch_lines import fetch_lines
from .support_contract_page import STATE_COLOURS

#: states of contracts that are over, shown small
OVER = ("lapsed", "terminated")
#: of promises and appointments the next ones are shown
NEXT = 3
#: earlier contracts that are listed
EARLIER = 10


class SupportContract(models.Model):
    """The overview in the portal: what matters now.

    All methods are called on records with all rights, which the page found with its
    reader's own; what they return are texts in the reader's language.
    """

    _inherit = "support.contract"

    def _get_portal_overview(self, reader):
        """Everything that the overview shows of these contracts, which are those of one
        customer.

        :param reader: ``res.users``
        :return: dict of texts, lists and dicts, never records
        """
        fetch_lines(self, "ledger_ids")
        todos = self._get_portal_todos(reader.partner_id)
        over = self.filtered(lambda contract: contract.state in OVER)
        current = (self - over).sorted(
            lambda contract: (contract.state != "active", contract.date_end)
        )
        return {
            # requests without a contract wait under no contract
            "todos": [todo | {"contract": ""} for todo in todos.get(False, [])]
            + [
                todo | {"contract": contract.name}
                for contract in self
                for todo in todos[contract.id]
            ],
            "promises": self._get_portal_promises(reader),
            "appointments": self._get_portal_appointments(reader),
            "contracts": current._get_portal_cards(),
            "earlier": over[:EARLIER]._get_portal_cards(),
        }

    def _get_portal_cards(self):
        """What the overview shows of each contract.

        :return: list of dicts; ``ledgers`` as ``support.ledger._get_portal_bars``
        """
        states = dict(self._fields["state"]._description_selection(self.env))
        return [
            {
                "name": contract.name,
                "type": contract.type_id.name,
                "package": contract.package_id.name or "",
                "state_text": states[contract.state],
                "state_colour": STATE_COLOURS.get(contract.state, "secondary"),
                "until": self.env._(
                    "until %s", format_date(self.env, contract._get_portal_end())
                ),
                "url": contract.access_url,
                "ledgers": contract.ledger_ids._get_portal_bars(),
            }
            for contract in self
        ]

    def _get_portal_end(self):
        """The last day of the contract, also if it was ended early."""
        self.ensure_one()
        if self.terminated_on:
            return min(self.date_end, fields.Date.subtract(self.terminated_on, days=1))
        return self.date_end

    def _get_portal_promises(self, reader):
        """The open promises that are due next, of all requests of the customer."""
        clocks = self.env["support.sla.clock"].search_fetch(
            [
                (
                    "ticket_id.commercial_partner_id",
                    "=",
                    reader.commercial_partner_id.id,
                ),
                ("ticket_id.company_id", "in", reader._get_company_ids()),
                ("ticket_id.active", "=", True),
                ("state", "=", sla.RUNNING),
                ("deadline", "!=", False),
                ("ended_on", "=", False),
            ],
            order="deadline, id",
            limit=NEXT,
        )
        return [
            {
                "text": clock._get_promise(),
                "ticket": clock.ticket_id.number,
                "subject": clock.ticket_id.name,
                "url": f"/my/ticket/{clock.ticket_id.id}",
            }
            for clock in clocks
        ]

    def _get_portal_appointments(self, reader):
        """The next planned work at the customer's."""
        works = self.env["support.intervention"].search_fetch(
            [
                ("commercial_partner_id", "=", reader.commercial_partner_id.id),
                ("company_id", "in", reader._get_company_ids()),
                ("state", "=", "planned"),
                ("planned_start", ">=", self.env["res.company"]._support_now()),
            ],
            order="planned_start, id",
            limit=NEXT,
        )
        return [
            {
                # appointments are kept in the vendor's zone, as everywhere
                "text": work.ticket_id.with_context(tz=False)._support_format_promise(
                    work.planned_start
                ),
                "mode": work.work_mode_id.name,
                "technician": work.user_id.name,
                "ticket": work.ticket_id.number,
                "url": f"/my/support/interventions/{work.id}",
            }
            for work in works
        ]
