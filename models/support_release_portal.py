# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date

#: installations of a release that are named one by one
LISTED = 10


class SupportRelease(models.Model):
    """The releases that a customer finds in the portal: those of the software that he
    has, each with what may be installed where, and why not.

    Portal users read no releases: these methods work with all rights on what belongs
    to the customer's own installations, and give plain values in the reader's
    language."""

    _inherit = "support.release"

    @api.model
    def _get_portal_installations(self, customer, companies):
        """What the customer has in use of the vendors that he knows."""
        return self.env["support.installation"].search(
            Domain("commercial_partner_id", "=", customer.id)
            & Domain("company_id", "in", companies.ids),
            order="id",
        )

    @api.model
    def _get_portal_domain(self, installations):
        """Published releases of the products and modules of ``installations``."""
        domains = []
        for company, own in installations.grouped("company_id").items():
            templates = (own.product_id | own.module_ids).product_tmpl_id
            domains.append(
                Domain("company_id", "=", company.id)
                & Domain("product_tmpl_id", "in", templates.ids)
            )
        return Domain("state", "=", "published") & Domain.OR(domains)

    def _get_portal_rows(self, installations):
        """What a page shows of these releases.

        :param installations: all installations of the customer
        :return: list of dicts: ``id``, ``name``, ``kind``, ``law``, ``date``,
            ``notes``, ``files`` (``id``, ``name``, ``size``, ``checksum``), ``may``:
            whether he may have them, ``places`` (``name``, ``may``, ``reason``) and
            ``more``: how many others there are
        """
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        rights = installations._get_update_rights()
        reasons = {
            installation: installation._explain_update_right(right)
            for installation, right in rights.items()
        }
        rows = []
        for release in self:
            own = installations.filtered(
                lambda item, release=release: (
                    item.company_id == release.company_id
                    and release.product_tmpl_id
                    in (item.product_id | item.module_ids).product_tmpl_id
                )
            )
            own = own.sorted(lambda item: (not rights[item], item.id))
            rows.append(
                {
                    "id": release.id,
                    "name": release.display_name,
                    "kind": kinds[release.kind],
                    "law": release.kind == "law",
                    "date": format_date(self.env, release.date),
                    "notes": release.notes,
                    "files": [
                        {
                            "id": file.id,
                            "name": file.name,
                            "size": file.size_text,
                            "checksum": file.checksum,
                        }
                        for file in release.file_ids
                    ],
                    "may": any(rights[item] for item in own),
                    "places": [
                        {
                            "name": item.display_name,
                            "may": bool(rights[item]),
                            "reason": reasons[item],
                        }
                        for item in own[:LISTED]
                    ],
                    "more": self.env._("and %s more", len(own) - LISTED)
                    if len(own) > LISTED
                    else "",
                }
            )
        return rows
