# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class SupportFileRequest(models.Model):
    """A file that a technician needs from the customer (S3: "the technician may ask
    the customer to send a certain file").

    Nobody has a right to write one: asking, answering and cancelling are methods that
    check the right to the ticket.
    """

    _name = "support.file.request"
    _description = "File Asked For"
    _order = "id desc"

    ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="ticket_id.company_id", store=True)
    commercial_partner_id = fields.Many2one(
        related="ticket_id.commercial_partner_id",
        string="Customer",
        store=True,
        index="btree_not_null",
    )
    text = fields.Text(string="What Is Needed", required=True, readonly=True)
    state = fields.Selection(
        selection=[
            ("asked", "Asked"),
            ("answered", "Answered"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="asked",
    )
    asked_on = fields.Datetime(required=True, readonly=True)
    asked_by = fields.Many2one(
        comodel_name="res.users",
        required=True,
        readonly=True,
        ondelete="restrict",
        groups="base.group_user",
    )
    due_day = fields.Date(
        string="Needed Until",
        readonly=True,
        help="The customer is asked to send it by the end of this day.",
    )
    answered_on = fields.Datetime(readonly=True)
    answered_by = fields.Many2one(
        comodel_name="res.partner", readonly=True, ondelete="set null"
    )
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        string="Files",
        readonly=True,
    )

    @api.depends("ticket_id.number", "text")
    def _compute_display_name(self):
        for request in self:
            first_line = (request.text or "").strip().partition("\n")[0]
            # only the number, which the ticket's customer knows
            request.display_name = f"{request.ticket_id.sudo().number}: {first_line}"

    def action_cancel(self):
        """The files are not needed any more.

        :raise AccessError: if the user may not write the tickets
        """
        self.ticket_id.check_access("write")
        self._cancel()

    def _cancel(self):
        # nobody may write requests; the right to the tickets was checked
        self.sudo().filtered(lambda request: request.state == "asked").write(
            {"state": "cancelled"}
        )

    def _answer(self, message):
        """The customer has sent files with ``message``."""
        # the customer answers by sending, without a right to write requests
        self.sudo().write(
            {
                "state": "answered",
                "answered_on": self.env["res.company"]._support_now(),
                "answered_by": message.author_id.id,
                "attachment_ids": [
                    fields.Command.set(message._support_get_files().ids)
                ],
            }
        )
