# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

#: activations that a customer may state
STATED_LIMIT = 100000


class SupportContract(models.Model):
    """Activations as the customer states them (S9): of each installation, or of the
    contract where none is known. What is paid for is compared by the vendor."""

    _inherit = "support.contract"

    activations_stated_on = fields.Date(
        string="Stated On",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="When the customer last stated its activations in the portal.",
    )

    stated_activity_id = fields.Many2one(
        comodel_name="mail.activity",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups="base.group_user",
        help="The to-do about activations that differ from what is agreed.",
    )

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {
            "activations_stated_on",
            "stated_activity_id",
        }

    def _get_portal_stated(self):
        """What the customer may state about activations.

        :return: dict with ``asked`` (whether they matter) and ``number``, what is
            agreed
        """
        self.ensure_one()
        return {
            "asked": self._compares_activations(),
            "number": self.activation_count,
        }

    def _get_portal_todos(self, partner):
        todos = super()._get_portal_todos(partner)
        for contract in self.filtered(lambda item: item.state == "offered"):
            # who signs states them on the way
            signs = contract.signature_required and contract._may_sign(partner)
            if (
                contract._compares_activations()
                and not contract.activations_stated_on
                and contract._may_order(partner)
                and not signs
            ):
                todos[contract.id].append(
                    {
                        "kind": "activations",
                        "text": self.env._(
                            "State the number of activations of %s.", contract.name
                        ),
                        "url": f"{contract.access_url}#installations",
                    }
                )
        return todos

    def _state_activations(self, number, partner, installation=None):
        """Take over what ``partner`` states, and tell the owner what differs from what
        is agreed. An offer that no order has made takes the number over at once: its
        fee is due for what is stated.

        The caller has checked that ``partner`` may read the contract.

        :param int number: activations in use
        :param installation: ``support.installation`` of the contract; None: the whole
            contract, where it has none
        :raise UserError: for everybody who may not order, a number that cannot be, or
            a contract that is over
        """
        self.ensure_one()
        contract = self.sudo()  # the customer states, nobody else writes
        contract._check_statement(number, partner, installation)
        contract._lock_activations()
        contract.invalidate_recordset()
        if installation:
            before, name = installation.activations_stated, installation.name
            installation.sudo().activations_stated = number
            number_of_all = sum(contract.installation_ids.mapped("activations_stated"))
        else:
            before, name = contract.activation_count, contract.name
            number_of_all = number
        contract.activations_stated_on = contract.company_id._support_day()
        told = contract._get_owners_env()
        told.message_post(
            body=told.env._(
                "%(person)s states %(number)s activations of %(what)s (before: "
                "%(before)s).",
                person=partner.name,
                number=number,
                what=name,
                before=before,
            ),
            author_id=partner.id,
            subtype_xmlid="mail.mt_note",
        )
        contract._take_statement(number_of_all, partner)

    def _check_statement(self, number, partner, installation):
        if not self._may_order(partner):
            raise UserError(
                self.env._("Activations are stated by those who may order.")
            )
        if not self._compares_activations():
            raise UserError(
                self.env._("Contract %s: activations do not matter.", self.name)
            )
        if not 1 <= number <= STATED_LIMIT:
            raise UserError(
                self.env._(
                    "Activations: enter a whole number from 1 to %s.", STATED_LIMIT
                )
            )
        if bool(installation) != bool(self.installation_ids) or (
            installation and installation not in self.installation_ids
        ):
            raise UserError(self.env._("Choose one of the contract's installations."))

    def _take_statement(self, number, partner):
        """``number`` activations are stated in all. One to-do for the owner says by how
        many they differ, whatever was stated before."""
        if number < 1:
            return
        activity = self.stated_activity_id.exists().filtered("active")
        if number == self.activation_count:
            # nothing to do any more
            activity.unlink()
            return
        if self.state == "offered" and not self._is_sold_by_order():
            self.activation_count = number
            return
        told = self._get_owners_env()
        summary = told.env._(
            "The customer states %(stated)s activations, %(agreed)s are agreed",
            stated=number,
            agreed=self.activation_count,
        )
        note = told.env._("Stated by %s in the portal.", partner.name)
        if activity:
            activity.write({"summary": summary, "note": note})
            return
        self.stated_activity_id = self.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=self.company_id._support_day(),
            summary=summary,
            note=note,
            user_id=self.user_id.id or self.env.uid,
        )
