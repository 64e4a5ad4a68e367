# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Software, its installations and releases, for the shipped services."""

import base64

from .common_service import ServiceCommon

CONTENT = b"PK\x03\x04 a new version"


class ReleaseCommon(ServiceCommon):
    """The vendor of :class:`ServiceCommon` with a product ``software``, a module of it,
    a warranty policy, and a helpdesk manager."""

    @classmethod
    def _set_up_vendor(cls):
        result = super()._set_up_vendor()
        cls.policy = cls.env["support.warranty.policy"].create(
            {"name": "One year", "company_id": cls.company.id}
        )
        cls.software, cls.module, cls.other_software = cls.env[
            "product.product"
        ].create(
            [
                {
                    "name": name,
                    "support_is_software": True,
                    "company_id": cls.company.id,
                }
                for name in ("Ledger", "Ledger Payroll", "Till")
            ]
        )
        cls.contact.email = "anna@alpha.example.com"
        cls.helpdesk_manager = cls._create_user(
            "helpdesk_manager", "helpdesk_mgmt.group_helpdesk_manager"
        )
        return result

    @classmethod
    def _create_installation(cls, partner=None, contract=None, **vals):
        """An installation of ``partner`` (default: the contact of ``customer``),
        without a warranty unless ``sale_date`` is given."""
        if vals.get("sale_date"):
            vals = {
                "warranty_policy_id": cls.policy.id,
                "warranty_from": "sale",
                "warranty_months": 12,
                **vals,
            }
        return cls.env["support.installation"].create(
            {
                "product_id": cls.software.id,
                "partner_id": (partner or cls.contact).id,
                "company_id": cls.company.id,
                "contract_id": contract.id if contract else False,
                "user_id": cls.manager.id,
                "version": "1.0",
                **vals,
            }
        )

    @classmethod
    def _create_release(cls, version="2.0", publish=True, files=("setup.zip",), **vals):
        release = (
            cls.env["support.release"]
            .with_user(cls.manager)
            .create(
                {
                    "product_tmpl_id": cls.software.product_tmpl_id.id,
                    "version": version,
                    "company_id": cls.company.id,
                    "notes": "<p>All new</p>",
                    "file_ids": [
                        (0, 0, {"name": name, "upload": base64.b64encode(CONTENT)})
                        for name in files
                    ],
                    **vals,
                }
            )
        )
        if publish:
            release.action_publish()
        return release.with_env(cls.env)

    @classmethod
    def _tell(cls, release):
        """What the job does, without its commits; gives the mails."""
        before = cls.env["mail.mail"].sudo().search([])
        release._queue_notices()
        release.notice_ids._send()
        cls.env.flush_all()
        return cls.env["mail.mail"].sudo().search([]) - before
