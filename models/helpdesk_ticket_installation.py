# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError


class HelpdeskTicket(models.Model):
    """The installation that a ticket is about."""

    _inherit = "helpdesk.ticket"

    support_installation_id = fields.Many2one(
        comodel_name="support.installation",
        string="Installation",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        groups="base.group_user",
        domain="[('commercial_partner_id', '=?', commercial_partner_id)]",
        help="The software that the request is about: its warranty or contract pays.",
    )

    @api.constrains("support_installation_id", "partner_id")
    def _check_support_installation(self):
        for ticket in self.sudo().filtered("support_installation_id"):  # compared only
            installation = ticket.support_installation_id
            customer = ticket.partner_id.commercial_partner_id
            if customer and installation.commercial_partner_id != customer:
                raise ValidationError(
                    self.env._(
                        "Installation %(installation)s is not one of %(customer)s: "
                        "choose an installation of this customer.",
                        installation=installation.display_name,
                        customer=customer.display_name,
                    )
                )
