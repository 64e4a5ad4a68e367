# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.tools import SQL, format_date

ACTIVITY = "support_contract.mail_activity_type_warranty"


class SupportInstallation(models.Model):
    """Before a warranty ends, the customer gets the offer of the contracts that fit,
    and the owner an activity: once for each installation and end."""

    _inherit = "support.installation"

    registered_on = fields.Date(
        readonly=True,
        copy=False,
        default=lambda self: self.env.company._support_day(),
        help="Since when this system knows the installation. What ended before is not "
        "offered anything.",
    )
    offer_line_ids = fields.One2many(
        comodel_name="support.warranty.offer.line",
        inverse_name="installation_id",
        string="Offers before the End of the Warranty",
        readonly=True,
        groups="support_contract.group_support_user",
    )

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {
            "registered_on": self.env.company._support_day()
        }

    def _set_states(self, changes):
        result = super()._set_states(changes)
        if "covered" in changes:
            # what the activity asked for has come
            covered = self.browse(changes["covered"]).sudo()
            covered.activity_unlink([ACTIVITY])
        return result

    # ------------------------------------------------------------------
    # Job
    # ------------------------------------------------------------------

    @api.model
    def _cron_offer_contracts(self):
        """Offer contracts for the warranties that end soon, in committed batches. A
        night that was missed is caught up: by mail while the warranty runs, by the
        activity alone after its end."""
        self._read_offers_due()._run_job("_offer_contracts")

    @api.model
    def _read_offers_due(self, customers=None):
        """Installations whose warranty ends within the days of their policy and that
        nothing was offered for this end, unless a contract covers them or is offered
        already. One statement.

        :param customers: commercial partners; default: all
        """
        # only which day it is in each of them
        companies = self.env["res.company"].sudo().search_fetch([], ["support_tz"])
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT installation.id
                  FROM support_installation installation
                  JOIN support_warranty_policy policy
                    ON policy.id = installation.warranty_policy_id
                   AND policy.offer_days > 0
                  JOIN unnest(%s::int[], %s::date[]) AS today(company_id, day)
                    ON today.company_id = installation.company_id
                  LEFT JOIN support_contract contract
                    ON contract.id = installation.contract_id
                 WHERE installation.active
                   AND installation.warranty_end - policy.offer_days <= today.day
                   AND installation.warranty_start <= today.day
                   AND installation.registered_on <= installation.warranty_end
                   AND COALESCE(contract.state NOT IN ('active', 'suspended'), TRUE)
                   AND NOT EXISTS (
                       SELECT FROM support_warranty_offer_line line
                        WHERE line.installation_id = installation.id
                          AND line.warranty_end = installation.warranty_end)
                   AND NOT EXISTS (
                       SELECT
                         FROM support_contract_offered_installation_rel rel
                         JOIN support_contract offered
                           ON offered.id = rel.support_contract_id
                        WHERE rel.support_installation_id = installation.id
                          AND offered.active
                          AND offered.state IN ('offered', 'signed'))
                   AND %s
                 ORDER BY installation.commercial_partner_id, installation.id
                """,
                companies.ids,
                [company._support_day() for company in companies],
                SQL("installation.commercial_partner_id = ANY(%s)", customers.ids)
                if customers
                else SQL("TRUE"),
            )
        )
        return self.browse([installation_id for [installation_id] in rows])

    def _offer_contracts(self):
        """Offer for these installations, and in the same mail for all of the same
        customers that are due. Nothing when called again."""
        installations = self.sudo()  # a job: does what the policy says
        due = installations._read_offers_due(installations.commercial_partner_id)
        for (company, customer), members in due.grouped(
            lambda item: (item.company_id, item.commercial_partner_id)
        ).items():
            members._lock_rows()
            today = company._support_day()
            running = members.filtered(
                lambda item, today=today: item.warranty_end >= today
            )
            for group, mail in ((running, True), (members - running, False)):
                if group:
                    group._make_offer(company, customer, today, mail)

    def _lock_rows(self):
        """Two runs at once: the second one fails and is tried again."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE support_installation SET write_date = write_date "
                "WHERE id IN (SELECT id FROM support_installation "
                "WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE)",
                self.ids,
            )
        )

    def _make_offer(self, company, customer, day, mail):
        """One offer for these installations of one customer: the record, the mail if
        it may still be sent, and the owner's activity."""
        contacts = self.partner_id.filtered("active")
        partner = contacts if len(contacts) == 1 else customer
        if not partner.email:
            partner = (contacts | customer).filtered("email")[:1] or partner
        owner = self.user_id.filtered("active")[:1] or self.env.user
        template = self.env.ref(
            "support_contract.mail_template_warranty_offer", raise_if_not_found=False
        )
        offer = self.env["support.warranty.offer"].create(
            {
                "company_id": company.id,
                "partner_id": partner.id,
                "user_id": owner.id,
                "day": day,
                "mailed": bool(mail and template and partner.email),
                "line_ids": [
                    fields.Command.create(
                        {
                            "installation_id": installation.id,
                            "warranty_end": installation.warranty_end,
                        }
                    )
                    for installation in self
                ],
            }
        )
        if offer.mailed:
            template.send_mail(offer.id)
            self._message_log_batch(
                {
                    installation.id: self.env._(
                        "Contracts for the time after the warranty were offered to %s.",
                        partner.display_name,
                    )
                    for installation in self
                }
            )
        self._tell_owner(offer, owner, mail)

    def _tell_owner(self, offer, owner, mail):
        """An activity on the first installation, for all of the offer."""
        words = self.with_context(lang=owner.lang)
        end = format_date(words.env, offer._get_first_end())
        names = ", ".join(self.mapped("name"))
        if offer.mailed:
            note = words.env._(
                "%(customer)s was offered the contracts that fit for %(names)s: follow "
                "up. From the next day on help is charged by the hour.",
                customer=offer.partner_id.display_name,
                names=names,
            )
        elif mail:
            note = words.env._(
                "%(customer)s has no e-mail address and was told nothing about the end "
                "of the warranty of %(names)s: call, and make the offer.",
                customer=offer.partner_id.display_name,
                names=names,
            )
        else:
            note = words.env._(
                "The warranty of %(names)s is over and %(customer)s was offered "
                "nothing: help is charged by the hour until a contract is signed.",
                customer=offer.partner_id.display_name,
                names=names,
            )
        self[:1].activity_schedule(
            ACTIVITY,
            date_deadline=offer._get_first_end(),
            user_id=owner.id,
            summary=words.env._("Warranty ends on %s", end),
            note=note,
        )

    # ------------------------------------------------------------------
    # By hand
    # ------------------------------------------------------------------

    def action_make_offer(self):
        """Open the form that makes a draft contract for these installations of one
        customer."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Make the Offer"),
            "res_model": "support.installation.contract",
            "view_mode": "form",
            "target": "new",
            "context": {"default_installation_ids": self.ids},
        }
