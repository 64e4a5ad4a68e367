# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, fields, models

#: how long a form that was sent is remembered
DAYS_KEPT = 30


class SupportPortalForm(models.Model):
    """A form of the portal that was sent, and where it led to.

    Each form that is shown has a key. The same form sent twice (a double click, a
    request that is repeated, the back button) does what it asks for once
    (``trust.md``, rule 13). Only the portal's controllers read and write it.
    """

    _name = "support.portal.form"
    _description = "Sent Portal Form"
    _log_access = True

    key = fields.Char(required=True, help="The user and the key of the form.")
    url = fields.Char(help="Where the first sending led to.")

    _key_unique = models.UniqueIndex("(key)", "This form was sent already.")

    @api.autovacuum
    def _gc_forms(self):
        limit = self.env.cr.now() - timedelta(days=DAYS_KEPT)
        self.search([("create_date", "<", limit)]).unlink()
