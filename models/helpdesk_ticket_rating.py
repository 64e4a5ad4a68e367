# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models
from odoo.exceptions import UserError

#: how a customer may rate help, as Odoo's ratings count it
GRADES = (5, 3, 1)


class HelpdeskTicket(models.Model):
    """Whether the customer was satisfied, by Odoo's own ratings.

    Only a logged-in person of the ticket's customer rates, on the ticket's page; no
    link is sent that anybody could use.
    """

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "rating.mixin"]

    @api.model
    def _support_get_grades(self):
        """``[(value, text, icon), ...]``, the best first."""
        texts = {
            5: (self.env._("Satisfied"), "fa-smile-o"),
            3: (self.env._("So-so"), "fa-meh-o"),
            1: (self.env._("Dissatisfied"), "fa-frown-o"),
        }
        return [(grade, *texts[grade]) for grade in GRADES]

    def _support_get_portal_rating(self):
        """The rating that the page shows or asks for; None while the ticket is open."""
        self.ensure_one()
        if not self.closed or self.support_rejected or self.duplicate_id:
            return None
        rating = self.rating_ids.filtered("consumed")[:1]
        return {
            "grades": [
                {"value": value, "text": text, "icon": icon}
                for value, text, icon in self._support_get_grades()
            ],
            "value": round(rating.rating) if rating else 0,
            "comment": rating.feedback or "" if rating else "",
        }

    def _support_rate_by_customer(self, grade, comment):
        """The current portal user says how satisfied his company was. Rating again
        changes the rating.

        :param int grade: one of ``GRADES``
        :param str comment: plain text, may be empty
        :raise UserError: if the ticket is open, or the grade is not offered
        """
        self.ensure_one()
        if grade not in GRADES:
            raise UserError(self.env._("Please choose how satisfied you were."))
        self._support_lock()
        if self._support_get_portal_rating() is None:
            raise UserError(
                self.env._("You can rate our help once the ticket is closed.")
            )
        rating = self.rating_ids[:1] or self.env["rating.rating"].create(
            {
                "partner_id": self.env.user.partner_id.id,
                "rated_partner_id": self._rating_get_operator().id,
                "res_model_id": self.env["ir.model"]._get_id(self._name),
                "res_id": self.id,
                "is_internal": False,
            }
        )
        rating.write({"rating": grade, "feedback": comment, "consumed": True})
        told = self._support_for_team()
        grades = {value: text for value, text, _icon in told._support_get_grades()}
        self._message_log(
            body=told.env._("The customer's rating: %s", grades[grade]),
            author_id=self.env.user.partner_id.id,
        )
