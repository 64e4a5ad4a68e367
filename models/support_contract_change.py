# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, groupby

from ..tools.periods import ONE_DAY


class SupportContractChange(models.Model):
    """A change of agreed terms from a day on. Work done before that day keeps the
    terms of its day, even if it is logged later."""

    _name = "support.contract.change"
    _description = "Dated Change of Terms"
    _order = "first_day desc, id desc"

    contract_id = fields.Many2one(
        comodel_name="support.contract",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    first_day = fields.Date(string="From", required=True, readonly=True)
    reason = fields.Char(required=True, readonly=True)
    values = fields.Json(readonly=True, help="The new terms, by name of the field.")
    allotment_quantities = fields.Json(
        readonly=True, help="The new quantities, by id of the allotment."
    )
    before = fields.Json(
        readonly=True, help="The terms that the change replaced, once applied."
    )
    state = fields.Selection(
        selection=[
            ("planned", "Planned"),
            ("applied", "Applied"),
            ("cancelled", "Taken back"),
        ],
        required=True,
        readonly=True,
        default="planned",
    )
    is_index = fields.Boolean(
        string="Price Index", readonly=True, help="Made by the price index."
    )
    is_renewal = fields.Boolean(
        string="Renewal", readonly=True, help="Agreed with the renewal of that day."
    )
    summary = fields.Char(compute="_compute_summary")

    _planned_idx = models.Index("(contract_id, first_day) WHERE state = 'planned'")
    _index_once = models.UniqueIndex(
        "(contract_id, first_day) WHERE is_index",
        "The price index has been applied for this anniversary already.",
    )

    @api.depends("values", "allotment_quantities", "state")
    @api.depends_context("lang")
    def _compute_summary(self):
        contracts = self.env["support.contract"]
        for change in self:
            parts = [
                f"{contracts._fields[name]._description_string(self.env)}: "
                f"{change._format_value(name, value)}"
                for name, value in (change.values or {}).items()
            ]
            for allotment, quantity in change._get_allotments():
                label = ", ".join(allotment.work_mode_ids.mapped("name"))
                quantity = allotment._format_quantity(quantity)
                parts.append(
                    f"{self.env._('Allotment')} {label}: {quantity}".replace(" :", ":")
                )
            change.summary = " · ".join(parts)

    def _format_value(self, name, value):
        """A stored value as people read it on the contract."""
        field = self.env["support.contract"]._fields[name]
        if field.type == "many2one":
            record = self.env[field.comodel_name].browse(value or [])
            return record.display_name or self.env._("none")
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, "")
        if field.type == "boolean":
            return self.env._("yes") if value else self.env._("no")
        if field.type == "monetary":
            return self.env["support.unit.mixin"]._format_in_unit(
                value, "money", self.contract_id.currency_id
            )
        return str(value)

    def _get_allotments(self):
        """``[(allotment, new quantity), ...]`` of the change."""
        self.ensure_one()
        allotments = self.env["support.contract.allotment"]
        return [
            (allotments.browse(int(key)), quantity)
            for key, quantity in (self.allotment_quantities or {}).items()
        ]

    def _apply_due(self, today=None):
        """Apply the planned changes whose day has come, oldest first. What was due
        before that day is granted under the old terms.

        :param date today: for tests and simulations; default: each company's today
        """
        for contract, changes in groupby(
            self.sorted(lambda change: (change.first_day, change.id)),
            lambda change: change.contract_id,
        ):
            day = today or contract.company_id._support_day()
            for change in changes:
                if change.state == "planned" and change.first_day <= day:
                    if not change.is_index:
                        # oldest first: an anniversary that was missed comes before
                        contract._apply_index(change.first_day - ONE_DAY)
                    change._apply()

    def _apply(self):
        self.ensure_one()
        contract = self.contract_id
        contract._post_grants(self.first_day - ONE_DAY)
        values = self.values or {}
        before = {name: contract._get_stored_value(name) for name in values}
        contract._write_agreed(values)
        for allotment, quantity in self._get_allotments():
            allotment._write_agreed({"quantity": quantity})
        self.write({"state": "applied", "before": before})
        contract._charge_change(self)
        contract.message_post(
            # what changed stands in the history, for those who may see prices
            body=self.env._(
                "Terms changed from %(day)s: %(reason)s",
                day=format_date(self.env, self.first_day),
                reason=self.reason,
            )
        )

    def action_take_back(self):
        """Take back a change that is not applied yet."""
        for change in self:
            change.contract_id._require_manager()
            if change.state != "planned":
                raise UserError(
                    self.env._(
                        "Only a planned change can be taken back: make another change "
                        "instead."
                    )
                )
        self.sudo().state = "cancelled"  # checked above; nobody may write changes
