# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        """The scripts of customers' pages speak their language, too: the pad for
        signatures, the form of a ticket, and the conversation below it."""
        modules = super()._get_translation_frontend_modules_name()
        return [*modules, "helpdesk_mgmt", "mail", "support_contract"]

    def session_info(self):
        """Whether the user takes calls, so that the web client need not ask."""
        result = super().session_info()
        result["support_call_desk"] = self.env.user.has_group(
            "helpdesk_mgmt.group_helpdesk_user_own"
        )
        return result
