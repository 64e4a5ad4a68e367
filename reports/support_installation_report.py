# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models
from odoo.tools import SQL

#: measures of a group, each a share of distinct records
SHARES = {"share:avg": "installation_id", "customer_share:avg": "commercial_partner_id"}
COVERED = {"share:avg": "has_contract", "customer_share:avg": "customer_has_contract"}


class SupportInstallationReport(models.Model):
    """The installed base: what share of installations, and of customers, has a
    contract in force, and who does not. A customer counts as having one if any
    contract is in force, whatever it covers."""

    _name = "support.installation.report"
    _description = "Installed Base"
    _auto = False
    _order = "commercial_partner_id, id"

    installation_id = fields.Many2one(
        comodel_name="support.installation", readonly=True
    )
    product_id = fields.Many2one(comodel_name="product.product", readonly=True)
    commercial_partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    user_id = fields.Many2one(comodel_name="res.users", string="Owner", readonly=True)
    contract_id = fields.Many2one(comodel_name="support.contract", readonly=True)
    type_id = fields.Many2one(
        comodel_name="support.contract.type", string="Contract Type", readonly=True
    )
    state = fields.Selection(
        selection=lambda self: self.env["support.installation"]
        ._fields["state"]
        ._description_selection(self.env),
        string="Status",
        readonly=True,
    )
    sale_date = fields.Date(readonly=True)
    warranty_end = fields.Date(readonly=True)
    activations_stated = fields.Integer(string="Activations", readonly=True)
    has_contract = fields.Boolean(
        readonly=True, help="A contract in force names this installation."
    )
    customer_has_contract = fields.Boolean(
        readonly=True, help="The customer has a contract in force."
    )
    share = fields.Float(
        string="Installations with a Contract (%)",
        digits=(16, 1),
        aggregator="avg",
        readonly=True,
    )
    customer_share = fields.Float(
        string="Customers with a Contract (%)",
        digits=(16, 1),
        aggregator="avg",
        readonly=True,
        help="Each customer counts once, however many installations it has.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT base.*,
                   CASE WHEN base.has_contract THEN 100.0 ELSE 0.0 END AS share,
                   CASE WHEN base.customer_has_contract THEN 100.0 ELSE 0.0 END
                       AS customer_share
              FROM (
                   SELECT installation.id, installation.id AS installation_id,
                          installation.product_id, installation.commercial_partner_id,
                          installation.company_id, installation.user_id,
                          contract.id AS contract_id, contract.type_id,
                          installation.state, installation.sale_date,
                          installation.warranty_end, installation.activations_stated,
                          contract.id IS NOT NULL AS has_contract,
                          EXISTS (
                              SELECT FROM support_contract own
                               WHERE own.commercial_partner_id
                                     = installation.commercial_partner_id
                                 AND own.company_id = installation.company_id
                                 AND own.state IN ('active', 'suspended')
                          ) AS customer_has_contract
                     FROM support_installation installation
                     LEFT JOIN support_contract contract
                       ON contract.id = installation.contract_id
                      AND contract.state IN ('active', 'suspended')
                    WHERE installation.active
                   ) base
            """
        )

    def _read_group_select(self, aggregate_spec, query):
        """A share counts each installation, or each customer, once."""
        if aggregate_spec not in SHARES:
            return super()._read_group_select(aggregate_spec, query)
        counted = self._field_to_sql(self._table, SHARES[aggregate_spec], query)
        covered = self._field_to_sql(self._table, COVERED[aggregate_spec], query)
        return SQL(
            "100.0 * COUNT(DISTINCT %(counted)s) FILTER (WHERE %(covered)s) "
            "/ NULLIF(COUNT(DISTINCT %(counted)s), 0)",
            counted=counted,
            covered=covered,
        )
