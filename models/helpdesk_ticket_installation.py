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

    support_has_installations = fields.Boolean(
        compute="_compute_support_has_installations",
        groups="base.group_user",
        export_string_translation=False,
    )
    support_installation_state = fields.Selection(
        related="support_installation_id.state",
        string="Installation Status",
        groups="base.group_user",
    )
    support_warranty_end = fields.Date(
        related="support_installation_id.warranty_end",
        string="End of the Warranty",
        groups="base.group_user",
    )

    @api.depends("partner_id", "company_id", "support_installation_id")
    def _compute_support_has_installations(self):
        only = self._support_read_installations(
            self.partner_id.commercial_partner_id, self.company_id
        )
        for ticket in self:
            key = (ticket.partner_id.commercial_partner_id.id, ticket.company_id.id)
            ticket.support_has_installations = bool(
                ticket.support_installation_id or key in only
            )

    @api.model
    def _support_read_installations(self, customers, companies):
        """``{(customer id, company id): [installation ids]}``, in one query."""
        rows = []
        if customers and companies:
            # which software a customer has; only its own tickets show it
            rows = (
                self.env["support.installation"]
                .sudo()
                ._read_group(
                    [
                        ("commercial_partner_id", "in", customers.ids),
                        ("company_id", "in", companies.ids),
                    ],
                    ["commercial_partner_id", "company_id"],
                    ["id:array_agg"],
                )
            )
        return {(customer.id, company.id): ids for customer, company, ids in rows}

    @api.onchange("partner_id", "company_id")
    def _onchange_support_installation(self):
        """The only installation of the customer is what the ticket is about."""
        customer = self.partner_id.commercial_partner_id
        installation = self.support_installation_id
        if installation and installation.commercial_partner_id == customer:
            return
        own = self._support_read_installations(customer, self.company_id)
        ids = own.get((customer.id, self.company_id.id), [])
        self.support_installation_id = ids[0] if len(ids) == 1 else False

    def write(self, vals):
        """Another customer's ticket is about no installation of the former one, but
        about the only one of the new one."""
        if "partner_id" not in vals or "support_installation_id" in vals:
            return super().write(vals)
        partners = self.env["res.partner"].sudo()  # whose customer, nothing else
        customer = partners.browse(vals["partner_id"] or []).commercial_partner_id
        moved = self.filtered(
            lambda ticket: ticket.sudo().partner_id.commercial_partner_id != customer
        )
        own = self._support_read_installations(customer, moved.company_id)
        left = self
        for company, tickets in moved.grouped("company_id").items():
            ids = own.get((customer.id, company.id), [])
            only = ids[0] if len(ids) == 1 else False
            # internal field, of tickets that the user writes
            if only or tickets.sudo().support_installation_id:
                super(HelpdeskTicket, tickets).write(
                    vals | {"support_installation_id": only}
                )
                left -= tickets
        return super(HelpdeskTicket, left).write(vals) if left else True

    @api.model
    def _support_fill_installations(self, vals_list):
        """A ticket that does not say which installation it is about (portal, mail) is
        about the only one of its customer."""
        asked = []
        for vals in vals_list:
            partner = self.env["res.partner"].browse(vals.get("partner_id") or [])
            if partner and "support_installation_id" not in vals:
                # only which customer it is
                customer = partner.sudo().commercial_partner_id
                asked.append((vals, customer, self._support_company_of(vals)))
        if not asked:
            return
        own = self._support_read_installations(
            self.env["res.partner"].concat(*(customer for _, customer, _ in asked)),
            self.env["res.company"].concat(*(company for _, _, company in asked)),
        )
        for vals, customer, company in asked:
            ids = own.get((customer.id, company.id), [])
            if len(ids) == 1:
                vals["support_installation_id"] = ids[0]

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
