# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.fields import Domain

PEOPLE = 100


class SupportContract(models.Model):
    """A contract as the call desk shows it."""

    _inherit = "support.contract"

    def _get_people(self, customer):
        """Contacts of ``customer`` who may be calling: those who may ask for help under
        the contract (may be empty) first, the customer itself last."""
        # whether a contact may call is what the operator has to know
        callers = self.sudo().caller_ids
        people = self.env["res.partner"].search(
            Domain("commercial_partner_id", "=", customer.id), limit=PEOPLE
        )
        return (callers.sudo(self.env.su) | people).sorted(
            lambda person: (person not in callers, person.is_company, person.name or "")
        )

    def _describe_people(self, customer):
        """What the call desk shows of each of them, named field by field."""
        callers = self.sudo().caller_ids  # only whether somebody is one is told
        return [
            {
                "id": person.id,
                "name": person.name or person.display_name,
                "function": person.function or "",
                "phone": person.phone or "",
                "allowed": not callers or person in callers,
            }
            for person in self._get_people(customer)
        ]

    def _describe_for_desk(self, given):
        """What the call desk shows of the contract, read as the user.

        :param bool given: whether the caller gave the code of this contract
        """
        self.ensure_one()
        states = dict(self._fields["state"]._description_selection(self.env))
        return {
            "id": self.id,
            "name": self.name,
            "type": self.type_id.name,
            "state": self.state,
            "state_label": states[self.state],
            "way_back": self._get_way_back(),
            "given": given,
            "phone": self._has_phone_support(),
            "included": self.fee_work_mode_ids.mapped("name"),
            "flat": self.fee_pays_help and not self.allotment_ids,
            "balances": [
                {
                    "id": ledger.id,
                    "label": ledger.label,
                    "usable": ledger._format_quantity(ledger.usable),
                    "empty": ledger.usable <= 0,
                }
                for ledger in self._get_ledgers_for(self.env["support.work.mode"])
            ],
        }
