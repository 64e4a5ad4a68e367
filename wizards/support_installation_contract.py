# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import clean_context


class SupportInstallationContract(models.TransientModel):
    """Make a draft contract for installations of one customer."""

    _name = "support.installation.contract"
    _description = "Offer a Contract for Installations"

    installation_ids = fields.Many2many(
        comodel_name="support.installation", required=True
    )
    commercial_partner_id = fields.Many2one(
        comodel_name="res.partner", compute="_compute_installations"
    )
    company_id = fields.Many2one(
        comodel_name="res.company", compute="_compute_installations"
    )
    suggested_type_ids = fields.Many2many(
        comodel_name="support.contract.type", compute="_compute_installations"
    )
    type_id = fields.Many2one(
        comodel_name="support.contract.type",
        string="Contract Type",
        compute="_compute_type_id",
        store=True,
        readonly=False,
        domain="[('id', 'in', suggested_type_ids)]",
        help="What the warranty policy names for the time afterwards, else the types "
        "for installations.",
    )
    date_start = fields.Date(
        string="Starts on",
        compute="_compute_date_start",
        store=True,
        readonly=False,
        help="The day after the last warranty, or today if it is over.",
    )

    @api.depends("installation_ids")
    def _compute_installations(self):
        for wizard in self:
            installations = wizard.installation_ids
            wizard.commercial_partner_id = installations.commercial_partner_id[:1]
            wizard.company_id = installations.company_id[:1]
            policies = installations.warranty_policy_id
            types = policies.type_ids.filtered(lambda item: not item.withdrawn)
            wizard.suggested_type_ids = types or types.search(
                [
                    ("covers_installations", "=", True),
                    ("withdrawn", "=", False),
                    ("company_id", "in", [False, wizard.company_id.id]),
                ]
            )

    @api.depends("installation_ids")
    def _compute_type_id(self):
        for wizard in self:
            wizard.type_id = wizard.suggested_type_ids[:1]

    @api.depends("installation_ids")
    def _compute_date_start(self):
        for wizard in self:
            company = wizard.company_id or self.env.company
            today = company._support_day()
            ends = [
                fields.Date.add(end, days=1)
                for end in wizard.installation_ids.mapped("warranty_end")
                if end
            ]
            wizard.date_start = max([today, *ends])

    def action_confirm(self):
        """Make the contract and open it.

        :raise UserError: if the installations are not of one customer and company, or
            no type is chosen
        """
        self.ensure_one()
        installations = self.installation_ids
        if not self.type_id:
            raise UserError(self.env._("Contract Type: choose one."))
        if (
            len(installations.commercial_partner_id) != 1
            or len(installations.company_id) != 1
        ):
            raise UserError(
                self.env._("Installations: choose those of one customer only.")
            )
        company = installations.company_id
        partners = installations.partner_id
        partner = (
            partners if len(partners) == 1 else installations.commercial_partner_id
        )
        pricelist = partner.with_company(company).property_product_pricelist
        values = {
            "type_id": self.type_id.id,
            "partner_id": partner.id,
            "company_id": company.id,
            "currency_id": (pricelist.currency_id or company.currency_id).id,
            "date_start": self.date_start or company._support_day(),
            "offered_installation_ids": [fields.Command.set(installations.ids)],
        }
        if self.type_id.fee_basis == "activation":
            values["activation_count"] = max(
                sum(installations.mapped("activations_stated")), 1
            )
        # defaults of this form mean nothing for a contract
        clean = self.env(context=clean_context(self.env.context))
        contract = clean["support.contract"].with_company(company).create(values)
        return {
            "type": "ir.actions.act_window",
            "res_model": "support.contract",
            "view_mode": "form",
            "res_id": contract.id,
        }
