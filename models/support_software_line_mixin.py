# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.tools import SQL


class SupportSoftwareLineMixin(models.AbstractModel):
    """What lines of orders and of invoices that sell software have in common."""

    _name = "support.software.line.mixin"
    _description = "Line That Sells Supported Software"

    def _support_lock_software(self):
        """Wait for whoever makes installations of these lines just now; a line that
        was changed since this transaction began makes it fail and be tried again.

        :return: the lines, as they are now
        """
        if self:
            self.env.flush_all()
            self.env.cr.execute(
                SQL(
                    "UPDATE %(table)s SET write_date = write_date WHERE id IN ("
                    "SELECT id FROM %(table)s WHERE id = ANY(%(ids)s) "
                    "ORDER BY id FOR NO KEY UPDATE)",
                    table=SQL.identifier(self._table),
                    ids=self.ids,
                )
            )
        return self.sorted("id")

    def _support_get_internal_user(self):
        """Who looks after the customer where nobody is named: the user, unless it is
        the customer himself who has ordered and paid."""
        return self.env.uid if self.env.user._is_internal() else False
