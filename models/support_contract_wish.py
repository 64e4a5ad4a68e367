# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.tools import plaintext2html


class SupportContract(models.Model):
    """A contract that a customer asked for in the portal, until it is agreed."""

    _inherit = "support.contract"

    portal_request_key = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_user",
        export_string_translation=False,
        help="What was asked for in the portal: one open request for each.",
    )

    _portal_request_key_unique = models.UniqueIndex(
        "(portal_request_key) WHERE portal_request_key IS NOT NULL AND active "
        "AND state IN ('draft', 'offered')",
        "The customer has asked for this already.",
    )

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {"portal_request_key"}

    def _tell_portal_request(self, partner, get_summary, note=""):
        """An activity for the owner: ``partner`` asks for something in the portal.

        :param get_summary: function from an environment in the owner's language to the
            summary
        """
        self.ensure_one()
        owner = self.user_id
        if not owner or owner.share:
            owner = self.company_id._support_get_seller(self.commercial_partner_id)
        contract = self.with_context(lang=owner.lang)
        summary = get_summary(contract.env)
        if not note and summary in contract.activity_ids.mapped("summary"):
            return  # he knows already
        contract.message_post(
            body=contract.env._("%s asks for this in the portal.", partner.name),
            author_id=partner.id,
            message_type="comment",
            subtype_xmlid="mail.mt_note",
        )
        contract.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=summary,
            # what customers write is text
            note=note and plaintext2html(note),
            user_id=owner.id,
        )

    def _tell_unconfirmed(self, transaction, reason):
        """What was paid cannot be done any more: the owners find out, once."""
        for contract in self:
            summary = contract.env._(
                "Payment %s came, and its order cannot be confirmed",
                transaction.reference,
            )
            if summary not in contract.activity_ids.mapped("summary"):
                contract.activity_schedule(
                    "support_contract.mail_activity_type_topup",
                    summary=summary,
                    note=reason,
                    user_id=contract.user_id.id or contract.env.uid,
                )

    def _get_buy_renewal(self):
        """What happens at the end of a term: sentences, like those of the offer."""
        self.ensure_one()
        if self.renewal == "automatic":
            months, days = self.later_term_months, self.cancellation_days
            return [
                self.env._(
                    "Goes on for one more month by itself, unless notice is given in "
                    "time."
                )
                if months == 1
                else self.env._(
                    "Goes on for %s more months by itself, unless notice is given in "
                    "time.",
                    months,
                ),
                self._describe_notice(days),
            ]
        if self.renewal == "manual":
            return [
                self.env._(
                    "Ends with its term, unless you renew it: you get a quotation."
                )
            ]
        return [self.env._("Ends with its term: to go on, you buy a new one.")]

    def _describe_notice(self, days):
        if not days:
            return self.env._("Notice: until the last day.")
        if days == 1:
            return self.env._("Notice: until one day before the end.")
        return self.env._("Notice: until %s days before the end.", days)

    def _describe_package(self, package):
        """What a package holds, in a sentence."""
        values = {
            "package": package.name,
            "quantity": self.env["support.unit.mixin"]._format_in_unit(
                package.support_quantity,
                package.support_unit,
                self.company_id.currency_id,
            ),
        }
        if package.support_validity_months == 1:
            return self.env._(
                "%(package)s: %(quantity)s, to be used within a month.", **values
            )
        return self.env._(
            "%(package)s: %(quantity)s, to be used within %(months)s months.",
            months=package.support_validity_months,
            **values,
        )

    def _get_portal_sections(self, packages, hours_apart=False):
        """The terms of an offer that is not made yet, as the offer prints them, with
        the renewal. Of a type that sells ``packages`` each says what it includes.

        :param bool hours_apart: without the coverage hours, which stand in a table
        :return: ``{title: [sentences]}``
        """
        self.ensure_one()
        sections = dict(self._get_offer_lines(hours_apart))
        if packages:
            # each has its own price and time
            sections.pop(self.env._("Fee"), None)
            sections.pop(self.env._("Term"), None)
            sections[self.env._("Included")] = [
                self._describe_package(package) for package in packages
            ]
        return sections | {self.env._("Renewal"): self._get_buy_renewal()}
