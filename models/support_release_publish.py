# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .support_release import HELPDESK_MANAGER


class SupportRelease(models.Model):
    """Publishing tells those entitled to the release, and tells the others what they
    miss and how to get it."""

    _inherit = "support.release"

    notices_due = fields.Boolean(
        readonly=True,
        copy=False,
        groups="base.group_user",
        export_string_translation=False,
        help="The job has not yet listed who is to be told.",
    )
    notice_ids = fields.One2many(
        comodel_name="support.release.notice",
        inverse_name="release_id",
        string="Notices",
        readonly=True,
    )
    notice_count = fields.Integer(
        string="Customers Told", compute="_compute_notice_counts"
    )
    unentitled_count = fields.Integer(
        string="Not Entitled", compute="_compute_notice_counts"
    )
    queued_count = fields.Integer(string="To Be Told", compute="_compute_notice_counts")
    no_address_count = fields.Integer(
        string="Without Address", compute="_compute_notice_counts"
    )

    campaign_count = fields.Integer(
        string="Campaigns", compute="_compute_campaign_count"
    )

    _notices_due_idx = models.Index("(id) WHERE notices_due")

    def _compute_notice_counts(self):
        counts = {}
        for release, state, entitlement, count in self.env[
            "support.release.notice"
        ]._read_group(
            [("release_id", "in", self.ids)],
            ["release_id", "state", "entitlement"],
            ["__count"],
        ):
            found = counts.setdefault(release.id, {})
            found[state] = found.get(state, 0) + count
            if state == "sent" and entitlement == "none":
                found["unentitled"] = count
        for release in self:
            found = counts.get(release.id, {})
            release.notice_count = found.get("sent", 0)
            release.unentitled_count = found.get("unentitled", 0)
            release.queued_count = found.get("queued", 0)
            release.no_address_count = found.get("no_address", 0)

    def _compute_campaign_count(self):
        counts = dict(
            self.env["support.release.campaign"]._read_group(
                [("release_id", "in", self.ids)], ["release_id"], ["__count"]
            )
        )
        for release in self:
            release.campaign_count = counts.get(release._origin, 0)

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {"notices_due"}

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def _require_publisher(self):
        """:raise UserError: unless a contract or helpdesk manager asks"""
        user = self.env.user
        if not (
            self.env.su
            or user.has_group("support_contract.group_support_manager")
            or user.has_group(HELPDESK_MANAGER)
        ):
            raise UserError(
                self.env._(
                    "Only a contract manager or helpdesk manager publishes releases."
                )
            )
        self.check_access("write")

    def action_publish(self):
        """Give the release to those entitled, and let the job tell all customers who
        have its product.

        :raise UserError: if it is not a draft, or the user may not publish
        """
        self._require_publisher()
        for release in self:
            if release.state != "draft":
                raise UserError(
                    self.env._("Release %s is no draft.", release.display_name)
                )
            # checked above; only this method publishes
            release.sudo().write(
                {
                    "state": "published",
                    "published_on": release.company_id._support_day(),
                    "notices_due": True,
                }
            )
        # starts the job, nothing else
        self.env.ref("support_contract.ir_cron_releases").sudo()._trigger()

    def action_withdraw(self):
        """Take the release back: nobody gets its files any more, and who was not told
        yet will not be.

        :raise UserError: if it is not published, or the user may not do it
        """
        self._require_publisher()
        for release in self:
            if release.state != "published":
                raise UserError(
                    self.env._("Release %s is not published.", release.display_name)
                )
        # checked above; only this method withdraws
        releases = self.sudo()
        releases.write({"state": "withdrawn", "notices_due": False})
        releases.env["support.release.notice"].search(
            [("release_id", "in", self.ids), ("state", "=", "queued")]
        ).state = "cancelled"

    def action_draft(self):
        """Open a withdrawn release for changes. Whoever was told is not told again."""
        self._require_publisher()
        for release in self:
            if release.state != "withdrawn":
                raise UserError(
                    self.env._("Release %s is not withdrawn.", release.display_name)
                )
        self.sudo().state = "draft"  # checked above

    def action_view_notices(self):
        """Open who was told, and who is not entitled."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_release_notice_action"
        )
        return action | {"domain": [("release_id", "=", self.id)], "context": {}}

    def action_view_campaigns(self):
        """Open the campaigns that install the release."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_release_campaign_action"
        )
        return action | {
            "domain": [("release_id", "=", self.id)],
            "context": {"default_release_id": self.id},
        }

    def action_view_downloads(self):
        """Open the log of downloads."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_release_download_action"
        )
        return action | {"domain": [("release_id", "=", self.id)], "context": {}}

    # ------------------------------------------------------------------
    # The job
    # ------------------------------------------------------------------

    @api.model
    def _cron_send_notices(self):
        """List who is to be told of what was published, then tell them, in committed
        batches."""
        self.search([("notices_due", "=", True)], order="id")._run_job(
            "_queue_notices", batch_size=1
        )
        self.env["support.release.notice"].search(
            Domain("state", "=", "queued")
            & Domain("release_id.state", "=", "published"),
            order="release_id, id",
        )._run_job("_send", batch_size=100)

    def _queue_notices(self):
        """One notice for each customer with the product, in one statement. Those who
        were told before a withdrawal are not told again, those who were not are."""
        for release in self.filtered("notices_due"):
            release.notices_due = False
            self.env.flush_all()
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO support_release_notice AS notice
                           (release_id, commercial_partner_id, company_id, state,
                            create_uid, create_date, write_uid, write_date)
                    SELECT DISTINCT %(release)s, partner.id, %(company)s, 'queued',
                           %(user)s, %(now)s::timestamp, %(user)s, %(now)s::timestamp
                      FROM support_installation installation
                      JOIN res_partner partner
                        ON partner.id = installation.commercial_partner_id
                       AND partner.active
                     WHERE installation.company_id = %(company)s
                       AND installation.active
                       AND (installation.product_id = ANY(%(products)s)
                            OR EXISTS (
                               SELECT FROM support_installation_module_rel module
                                WHERE module.support_installation_id = installation.id
                                  AND module.product_product_id = ANY(%(products)s)))
                        ON CONFLICT (release_id, commercial_partner_id)
                        DO UPDATE SET state = 'queued'
                     WHERE notice.state = 'cancelled'
                    """,
                    release=release.id,
                    company=release.company_id.id,
                    user=self.env.uid,
                    now=fields.Datetime.now(),
                    products=release.product_tmpl_id.with_context(
                        active_test=False
                    ).product_variant_ids.ids,
                )
            )
            self.env["support.release.notice"].invalidate_model()
            release.invalidate_recordset(["notice_ids"])
