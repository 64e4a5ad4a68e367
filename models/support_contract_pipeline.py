# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class SupportContract(models.Model):
    """Contracts whose end comes near: what the screens tell about it, and quotations
    for many at once."""

    _inherit = "support.contract"

    days_to_end = fields.Integer(
        string="Days Left",
        compute="_compute_renewal_due",
        groups="base.group_user",
        help="Days to the end of the term; less than 0 in the days of grace.",
    )
    renewal_due = fields.Boolean(
        compute="_compute_renewal_due",
        groups="base.group_user",
        help="Whether the end is as near as the first reminder before it, or past, and "
        "nothing is decided. What renews by itself needs no decision.",
    )

    @api.depends(
        "date_end",
        "state",
        "renewal",
        "renewal_state",
        "terminated_on",
        "type_id.withdrawn",
        "notice_ids.days",
    )
    def _compute_renewal_due(self):
        days = {company: company._support_day() for company in self.company_id}
        for contract in self:
            contract.days_to_end = (
                (contract.date_end - days[contract.company_id]).days
                if contract.date_end and contract.company_id
                else 0
            )
            contract.renewal_due = (
                contract.state in ("active", "suspended", "expired")
                and contract.renewal_state in ("open", "quoted")
                and not contract.terminated_on
                and not contract._renews_by_itself()
                and contract.days_to_end
                <= max(contract.notice_ids.mapped("days"), default=0)
            )

    def _renews_by_itself(self):
        """Whether the contract goes on after its term if nobody does anything."""
        self.ensure_one()
        return (
            self.renewal == "automatic"
            and self.state != "suspended"
            and not self.sudo().type_id.withdrawn  # only whether it is sold
        )

    def action_quote_renewals(self):
        """Open the form that makes quotations for the renewal of these contracts, and
        says for which it cannot and why."""
        self.check_access("read")
        wizard = self.env["support.renewal.quote"].create({})
        wizard._add_contracts(self)
        return wizard._reopen()

    def _get_quote_bar(self):
        """Why no quotation can be made for the next term, as a sentence; empty if one
        can."""
        self.ensure_one()
        if self.renewal_state == "quoted":
            return self.env._("It is quoted already.")
        bar = self._get_renewal_bar()
        if not bar and self._is_followed():
            bar = self.env._("Another contract follows.")
        if not bar and not (self.product_id or self.sudo().type_id.product_id):
            # only whether there is one
            bar = self.env._("There is no fee product, so there is nothing to quote.")
        return bar
