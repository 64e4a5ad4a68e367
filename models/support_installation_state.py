# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: what the state follows from
STATE_INPUTS = {
    "active",
    "company_id",
    "contract_id",
    "product_id",
    "sale_date",
    "delivery_date",
    "golive_date",
    "warranty_policy_id",
    "warranty_from",
    "warranty_months",
}


class SupportInstallation(models.Model):
    """Whether an installation is in warranty, covered by its contract, or not. The
    state is for lists and analyses; what pays for work is decided for its own day
    (``support.cover``)."""

    _inherit = "support.installation"

    warranty_days_left = fields.Integer(
        compute="_compute_warranty_days_left",
        export_string_translation=False,
        help="Days until the end of the warranty; below zero: it is over.",
    )

    _state_idx = models.Index("(company_id, state) WHERE active")

    @api.depends("warranty_end", "company_id")
    def _compute_warranty_days_left(self):
        for installation in self:
            end = installation.warranty_end
            company = installation.company_id or self.env.company
            # which day it is there is no secret
            today = company.sudo()._support_day()
            installation.warranty_days_left = (end - today).days if end else 0

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def _get_protected_fields(self):
        """Fields that only the installation's own methods set, with what they begin
        with."""
        return {"state": "uncovered"}

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            initial = self._get_protected_fields()
            for vals in vals_list:
                self._check_protected(
                    {
                        name
                        for name in initial.keys() & vals.keys()
                        if vals[name] and vals[name] != initial[name]
                    }
                )
            # named, so that no default of the caller's context or own takes effect
            initial = {
                name: value
                for name, value in initial.items()
                if self._has_field_access(self._fields[name], "write")
            }
            vals_list = [vals | initial for vals in vals_list]
        installations = super().create(vals_list)
        installations._update_states()
        return installations

    def write(self, vals):
        if not self.env.su:
            self._check_protected(self._get_protected_fields().keys() & vals.keys())
        result = super().write(vals)
        if STATE_INPUTS & vals.keys():
            self._update_states()
        return result

    def _check_protected(self, names):
        if names:
            raise UserError(
                self.env._(
                    "These fields follow from the sale, the warranty and the contract: "
                    "%s",
                    ", ".join(
                        sorted(
                            self._fields[name]._description_string(self.env)
                            for name in names
                        )
                    ),
                )
            )

    # ------------------------------------------------------------------
    # State
    # ------------------------------------------------------------------

    @api.model
    def _cron_update_installations(self):
        """Let contracts that have begun take what they cover, and set the state of
        the installations for which it has changed with the day, in committed
        batches."""
        self.env["support.contract"]._get_taking()._run_job("_take_installations")
        self.browse(
            sorted(
                installation_id
                for ids in self._read_changed_states().values()
                for installation_id in ids
            )
        )._run_job("_update_states")

    def _update_states(self):
        """Set the states to what they are today, in each company's zone."""
        if self:
            self._set_states(
                self._read_changed_states(SQL("installation.id = ANY(%s)", self.ids))
            )

    @api.model
    def _update_states_of(self, contracts):
        """As :meth:`_update_states`, for what ``contracts`` cover."""
        if contracts:
            self._set_states(
                self._read_changed_states(
                    SQL("installation.contract_id = ANY(%s)", contracts.ids)
                )
            )

    @api.model
    def _set_states(self, changes):
        for state, ids in changes.items():
            # follows from dates and contracts, whoever changes them
            self.browse(ids).sudo().write({"state": state})

    @api.model
    def _read_changed_states(self, condition=None):
        """Installations whose state is not what it should be today, in one statement.

        :param SQL condition: which installations; default: all
        :return: ``{state: ids}``
        """
        # only which day it is in each of them
        companies = self.env["res.company"].sudo().search_fetch([], ["support_tz"])
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT due.state, array_agg(due.id ORDER BY due.id)
                  FROM (
                       SELECT installation.id, installation.state AS stored,
                              CASE
                              WHEN today.day BETWEEN installation.warranty_start
                                                 AND installation.warranty_end
                              THEN 'warranty'
                              WHEN contract.state IN ('active', 'expired')
                               AND contract.date_start <= today.day
                               AND COALESCE(contract.terminated_on > today.day, TRUE)
                               AND (contract.date_end >= today.day
                                    OR contract.grace_cover
                                       AND contract.date_end + contract.grace_days
                                           >= today.day)
                              THEN 'covered'
                              WHEN contract.state = 'lapsed' THEN 'lapsed'
                              ELSE 'uncovered' END AS state
                         FROM support_installation installation
                         JOIN unnest(%s::int[], %s::date[]) AS today(company_id, day)
                           ON today.company_id = installation.company_id
                         LEFT JOIN support_contract contract
                           ON contract.id = installation.contract_id
                        WHERE %s
                       ) due
                 WHERE due.state <> due.stored
                 GROUP BY due.state
                 ORDER BY due.state
                """,
                companies.ids,
                [company._support_day() for company in companies],
                condition or SQL("TRUE"),
            )
        )
        return dict(rows)
