# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    support_tz = fields.Selection(related="company_id.support_tz", readonly=False)
    support_grace_days = fields.Integer(
        related="company_id.support_grace_days", readonly=False
    )
    support_on_call = fields.Boolean(
        related="company_id.support_on_call", readonly=False
    )
    support_on_call_pricelist_id = fields.Many2one(
        related="company_id.support_on_call_pricelist_id", readonly=False
    )
    support_invoicing = fields.Selection(
        related="company_id.support_invoicing", readonly=False
    )
    support_invoice_auto = fields.Boolean(
        related="company_id.support_invoice_auto", readonly=False
    )
    support_count_days = fields.Integer(
        related="company_id.support_count_days", readonly=False
    )
    support_outside_surcharge = fields.Float(
        related="company_id.support_outside_surcharge", readonly=False
    )
    support_day_off_surcharge = fields.Float(
        related="company_id.support_day_off_surcharge", readonly=False
    )
    support_travel_charge = fields.Selection(
        related="company_id.support_travel_charge", readonly=False
    )
    support_travel_percent = fields.Float(
        related="company_id.support_travel_percent", readonly=False
    )
    support_travel_product_id = fields.Many2one(
        related="company_id.support_travel_product_id", readonly=False
    )
    support_invoice_covered = fields.Boolean(
        related="company_id.support_invoice_covered", readonly=False
    )
    support_project_id = fields.Many2one(
        related="company_id.support_project_id", readonly=False
    )
    support_work_mode_id = fields.Many2one(
        related="company_id.support_work_mode_id", readonly=False
    )
    support_ticket_sequence_id = fields.Many2one(
        related="company_id.support_ticket_sequence_id", readonly=False
    )
    support_monthly_report = fields.Boolean(
        related="company_id.support_monthly_report", readonly=False
    )
    support_sign_hours = fields.Integer(
        related="company_id.support_sign_hours", readonly=False
    )
    support_send_sheet = fields.Boolean(
        related="company_id.support_send_sheet", readonly=False
    )
    support_callback_minutes = fields.Integer(
        related="company_id.support_callback_minutes", readonly=False
    )
    support_callback_retry_minutes = fields.Integer(
        related="company_id.support_callback_retry_minutes", readonly=False
    )
    support_duty_user_id = fields.Many2one(
        related="company_id.support_duty_user_id", readonly=False
    )
    support_plan_weekday = fields.Selection(
        related="company_id.support_plan_weekday", readonly=False, required=True
    )
    support_portal_order = fields.Selection(
        related="company_id.support_portal_order", readonly=False, required=True
    )
    support_portal_pieces = fields.Integer(
        related="company_id.support_portal_pieces", readonly=False
    )
