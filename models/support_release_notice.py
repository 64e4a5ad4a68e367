# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..tools import updates


class SupportReleaseNotice(models.Model):
    """What one customer is told about one release: one mail, however many
    installations he has. The unique key stands behind the promise that nobody is told
    twice."""

    _name = "support.release.notice"
    _description = "Notice of a Release"
    _inherit = ["support.job.mixin"]
    _order = "id desc"
    _rec_name = "commercial_partner_id"

    release_id = fields.Many2one(
        comodel_name="support.release",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    commercial_partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    user_id = fields.Many2one(related="release_id.user_id", string="Owner")
    state = fields.Selection(
        selection=[
            ("queued", "To be sent"),
            ("sent", "Sent"),
            ("no_address", "No e-mail address"),
            ("cancelled", "Not sent"),
        ],
        string="Status",
        required=True,
        readonly=True,
        default="queued",
        index=True,
    )
    entitlement = fields.Selection(
        selection=[
            (updates.CONTRACT, "Contract"),
            (updates.WARRANTY, "Warranty"),
            (updates.NONE, "Not entitled"),
        ],
        string="Entitled by",
        readonly=True,
        help="On the day on which the release was published.",
    )
    day = fields.Date(readonly=True, help="The day that decided about the entitlement.")
    sent_on = fields.Datetime(
        readonly=True, help="When the mail was handed over to be sent."
    )
    recipients = fields.Char(
        string="Sent to", readonly=True, help="Who was written to."
    )
    installation_ids = fields.Many2many(
        comodel_name="support.installation",
        string="Installations",
        compute="_compute_installation_ids",
        help="What the customer has of the product.",
    )
    recipient_ids = fields.Many2many(
        comodel_name="res.partner",
        string="Recipients",
        compute="_compute_installation_ids",
    )

    _once = models.Constraint(
        "UNIQUE (release_id, commercial_partner_id)",
        "This customer has been told about this release.",
    )
    _queued_idx = models.Index("(release_id, id) WHERE state = 'queued'")

    @api.depends("release_id", "commercial_partner_id")
    def _compute_installation_ids(self):
        """Who is written to: those who may order under the contracts, else the
        contacts of the installations, else the customer; whoever has an address."""
        for release, notices in self.grouped("release_id").items():
            installations = release._get_installations(notices.commercial_partner_id)
            by_customer = installations.grouped("commercial_partner_id")
            # all at once: what is looked at one by one would be read one by one
            (
                installations.partner_id
                | installations.contract_id.orderer_ids
                | notices.commercial_partner_id
            ).fetch(["name", "email", "active"])
            for notice in notices:
                customer = notice.commercial_partner_id
                own = by_customer.get(customer, installations.browse())
                partners = customer.browse()
                for installation in own:
                    partners |= (
                        installation.contract_id.orderer_ids.filtered("email")
                        or installation.partner_id
                    )
                partners = (partners or customer).filtered(
                    lambda partner: partner.active and partner.email
                )
                notice.installation_ids = own
                notice.recipient_ids = partners or customer.filtered(
                    lambda partner: partner.active and partner.email
                )

    # ------------------------------------------------------------------
    # The job
    # ------------------------------------------------------------------

    def _send(self):
        """Decide who is entitled and hand the mails over. They go out with this
        transaction: a job that is killed has sent nothing, one that runs again finds
        nothing to do."""
        due = self.filtered(
            lambda notice: notice.state == "queued"
            and notice.release_id.state == "published"
        )
        due.write({"state": "sent", "sent_on": self.env["res.company"]._support_now()})
        # before any mail: of two runs at once one fails here and sends nothing
        due.flush_recordset(["state"])
        for release, notices in due.grouped("release_id").items():
            notices._decide(release.published_on)
        silent = due.filtered(lambda notice: not notice.recipients)
        silent.write({"state": "no_address", "sent_on": False})
        if addressed := due - silent:
            template = self.env.ref("support_contract.mail_template_release")
            template.send_mail_batch(addressed.ids)

    def _decide(self, day):
        """Who is entitled on ``day``, and who is written to."""
        rights = self.installation_ids._get_update_rights(day)
        for notice in self:
            kinds = {rights[item].kind for item in notice.installation_ids}
            best = [
                kind for kind in (updates.CONTRACT, updates.WARRANTY) if kind in kinds
            ]
            notice.day = day
            notice.entitlement = best[0] if best else updates.NONE
            notice.recipients = ", ".join(
                f"{partner.name} <{partner.email}>" for partner in notice.recipient_ids
            )

    def _get_job_owner_record(self):
        return self.release_id

    # ------------------------------------------------------------------
    # The mail
    # ------------------------------------------------------------------

    def _get_lang(self):
        """The language of the mail: that of its first recipient."""
        self.ensure_one()
        return self.recipient_ids[:1].lang or self.env.lang

    def _get_kind_label(self):
        """What kind of release it is, in the reader's language."""
        self.ensure_one()
        kinds = self.release_id._fields["kind"]._description_selection(self.env)
        return dict(kinds)[self.release_id.kind]

    def _get_lines(self, entitled):
        """For the mail: ``[{installation, version, text, installs}, ...]`` of the
        installations that are entitled, or of those that are not."""
        self.ensure_one()
        rights = self.installation_ids._get_update_rights(self.day)
        return [
            {
                "name": installation.name,
                "version": installation.version or "",
                "text": installation._explain_update_right(right),
                "installs": right.installs,
            }
            for installation, right in rights.items()
            if bool(right) == entitled
        ]

    @api.depends("commercial_partner_id.name", "release_id.display_name")
    def _compute_display_name(self):
        for notice in self:
            notice.display_name = (
                f"{notice.release_id.display_name}: "
                f"{notice.commercial_partner_id.name or ''}"
            )
