# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class HelpdeskTicket(models.Model):
    """Tickets that we open ourselves to install a release: nobody asked for help, so
    nothing is promised, and they do not stand in the way of those who did."""

    _inherit = "helpdesk.ticket"

    support_release_id = fields.Many2one(
        comodel_name="support.release",
        string="Installs Release",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        groups="base.group_user",
        help="Opened by a campaign: no time is promised, and it is not in the queue.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                if vals.get("support_release_id"):
                    self._support_refuse_release()
            # named, so that no default of the caller's context or own takes effect
            if self._has_field_access(self._fields["support_release_id"], "write"):
                vals_list = [vals | {"support_release_id": False} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and "support_release_id" in vals:
            self._support_refuse_release()
        return super().write(vals)

    @api.model
    def _support_refuse_release(self):
        raise UserError(
            self.env._("Tickets of a campaign are opened by the campaign alone.")
        )

    def _support_read_terms(self, now, kept=None):
        asked = self.filtered(lambda ticket: not ticket.support_release_id)
        return super(HelpdeskTicket, asked)._support_read_terms(now, kept)

    @api.model
    def _support_get_queue_domain(self):
        return super()._support_get_queue_domain() & Domain(
            "support_release_id", "=", False
        )

    def _support_close_unneeded(self, reason):
        """Close tickets that are not needed any more, without a mail to customers who
        never asked for them."""
        cancelled = self.env.ref(
            "helpdesk_mgmt.helpdesk_ticket_stage_cancelled", raise_if_not_found=False
        )
        for ticket in self:
            closing = ticket._support_get_stages().filtered("closed")
            if ticket.closed or not closing:
                continue
            stage = cancelled if cancelled in closing else closing[:1]
            ticket.with_context(tracking_disable=True).stage_id = stage
            ticket.message_post(
                body=self.env._("Closed: %s", reason), subtype_xmlid="mail.mt_note"
            )
