# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class SupportInstallation(models.Model):
    """A new licence for software that a customer has already."""

    _inherit = "support.installation"

    def _take_new_licence(self, reinstatement):
        """The contract came back with a new licence: the old key counts no more, and
        the owner enters the new one.

        :param reinstatement: ``support.reinstatement`` that sold it
        """
        for installation in self:
            line = reinstatement.sale_line_id
            installation.message_post(
                body=self.env._(
                    "New licence bought with %(order)s. The old key was %(key)s.",
                    order=line.order_id.name or reinstatement.contract_id.name,
                    key=installation.licence_key or self.env._("not recorded"),
                )
            )
            installation.licence_key = False
            installation.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Enter the new licence key"),
                user_id=installation.user_id.id
                or reinstatement.user_id.id
                or self.env.uid,
            )
