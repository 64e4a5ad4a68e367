# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class SupportDemo(models.AbstractModel):
    """The door of the demo data to its history.

    XML can only call a method of a model, and balances are made by the real methods
    alone, so that months of them have to be played, not listed. What happens in them
    stands in ``demo/history.py``.
    """

    _name = "support.demo"
    _description = "Demo Data of Support Contracts"

    @api.model
    def _open_demo_books(self):
        """Prepare the books of the company that the demo data is about."""
        from ..demo import books

        books.open_books(self.env)

    @api.model
    def _load_demo_history(self):
        """Play the demo data's history up to today, once."""
        # nobody needs the story but a database with demo data
        from ..demo import history

        history.play(self.env)
