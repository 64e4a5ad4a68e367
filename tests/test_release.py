# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Releases: who is told of them and who may have their files."""

import base64
from datetime import time
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.support_contract.models import support_release_file

from .common import SupportCommon
from .common_release import CONTENT, ReleaseCommon


@tagged("post_install", "-at_install")
class TestUpdateRight(ReleaseCommon):
    def _right(self, installation, day):
        self.env.flush_all()
        self.env.invalidate_all()
        right = installation._get_update_right(self._day(day))
        self.assertEqual(bool(right), right.kind != "none")
        text = installation._explain_update_right(right)
        self.assertTrue(text.endswith("."))
        return right.kind, right.code, text

    def _sell_yearly(self, **vals):
        return self._sell("sla_monthly", **vals)

    def test_first_and_last_day_of_the_term(self):
        with self._at("2026-01-10"):
            contract = self._sell_yearly(grace_days=0, grace_cover=False)
            installation = self._create_installation(contract=contract)
        for day, kind in [
            ("2026-01-09", "none"),
            ("2026-01-10", "contract"),
            ("2027-01-09", "contract"),
            ("2027-01-10", "none"),
        ]:
            with self.subTest(day=day):
                self.assertEqual(self._right(installation, day)[0], kind)
        self.assertIn("until 01/09/2027", self._right(installation, "2026-05-01")[2])
        self.assertIn("renew it", self._right(installation, "2027-01-10")[2])

    def test_days_of_grace(self):
        """only where help goes on in them"""
        with self._at("2026-01-10"):
            contract = self._sell_yearly(
                grace_days=10, grace_cover=True, renewal="none"
            )
            installation = self._create_installation(contract=contract)
        with self._at("2027-01-19"):
            self._nightly_jobs()
            self.assertEqual(contract.state, "expired")
        self.assertEqual(
            self._right(installation, "2027-01-19")[:2], ("contract", "grace")
        )
        self.assertEqual(self._right(installation, "2027-01-20")[0], "none")
        contract._write_agreed({"grace_cover": False})
        self.assertEqual(self._right(installation, "2027-01-19")[:2], ("none", "ended"))

    def test_suspended_terminated_lapsed(self):
        with self._at("2026-01-10"):
            contract = self._sell_yearly(renewal="none", grace_days=5)
            installation = self._create_installation(contract=contract)
        with self._at("2026-03-01"):
            contract.with_user(self.manager)._change_state(
                "suspended", self._day("2026-03-10"), "unpaid"
            )
        for day, kind in [
            ("2026-03-09", "contract"),
            ("2026-03-10", "none"),
        ]:
            self.assertEqual(self._right(installation, day)[0], kind)
        self.assertIn(
            "as soon as it goes on", self._right(installation, "2026-03-10")[2]
        )
        with self._at("2026-04-01"):
            self._nightly_jobs()
            contract.with_user(self.manager).action_resume()
        self.assertEqual(self._right(installation, "2026-03-31")[1], "suspended")
        self.assertEqual(self._right(installation, "2026-04-01")[0], "contract")
        with self._at("2027-02-01"):
            self._nightly_jobs()
            self.assertEqual(contract.state, "lapsed")
        kind, code, text = self._right(installation, "2027-02-01")
        self.assertEqual((kind, code), ("none", "lapsed"))
        self.assertIn("buy a new licence", text)
        with self._at("2026-04-01"):
            other = self._sell_yearly(date_start="2026-01-10")
            elsewhere = self._create_installation(contract=other)
            other.with_user(self.manager)._change_state(
                "terminated", self._day("2026-06-01"), "gave notice"
            )
        self.assertEqual(self._right(elsewhere, "2026-05-31")[0], "contract")
        self.assertEqual(self._right(elsewhere, "2026-06-01")[1], "terminated")

    def test_terms_of_the_day(self):
        """a dated change decides for its day on, whether or not the night has come"""
        with self._at("2026-01-10"):
            contract = self._sell_yearly()
            installation = self._create_installation(contract=contract)
            change = self.env["support.contract.change"].create(
                {
                    "contract_id": contract.id,
                    "first_day": "2026-03-01",
                    "reason": "cheaper",
                    "values": {"includes_updates": False},
                }
            )
        for applied in (False, True):
            if applied:
                with self._at("2026-03-01"):
                    change._apply_due()
            self.assertEqual(self._right(installation, "2026-02-28")[0], "contract")
            self.assertEqual(self._right(installation, "2026-03-01")[1], "not_included")

    def test_warranty(self):
        """last day of the warranty yes, next day no"""
        installation = self._create_installation(sale_date="2026-01-31")
        for day, kind in [
            ("2026-01-30", "none"),
            ("2026-01-31", "warranty"),
            ("2027-01-30", "warranty"),
            ("2027-01-31", "none"),
        ]:
            self.assertEqual(self._right(installation, day)[0], kind)
        self.policy.includes_updates = False
        self.assertEqual(
            self._right(installation, "2026-05-01")[1], "warranty_without_updates"
        )

    def test_neither(self):
        installation = self._create_installation()
        self.assertEqual(self._right(installation, "2026-01-01")[1], "no_contract")
        draft = self._create_contract(
            self.env.ref("support_contract.type_sla_monthly"), activate=False
        )
        installation.contract_id = draft
        day = draft.company_id._support_day()
        self.assertEqual(self._right(installation, day)[1], "not_started")
        archived = self._create_installation(sale_date="2026-01-01", active=False)
        self.assertEqual(self._right(archived, "2026-02-01")[1], "archived")

    def test_queries_do_not_grow(self):
        with self._at("2026-01-10"):
            contract = self._sell_yearly()
            installations = self.env["support.installation"]
            for number in range(40):
                if not number % 4:
                    contract = self._sell_yearly()
                installations |= self._create_installation(contract=contract)
        counts = []
        for number in (1, 2, 40):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            installations[:number]._get_update_rights(self._day("2026-03-01"))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])


@tagged("post_install", "-at_install")
class TestRelease(ReleaseCommon):
    def test_who_publishes(self):
        for user, allowed in [
            (self.technician, False),
            (self.contract_user, False),
            (self.manager, True),
            (self.helpdesk_manager, True),
        ]:
            release = self._create_release(f"1.{user.id}", publish=False)
            release = release.with_user(user)
            with self.subTest(user=user.login):
                if allowed:
                    release.action_publish()
                    release.action_withdraw()
                    release.action_draft()
                else:
                    for action in ("action_publish", "action_withdraw", "action_draft"):
                        with self._refused("Only a contract manager"):
                            getattr(release, action)()
                    with self.assertRaises(AccessError):
                        release.write({"version": "x"})

    def _refused(self, text):
        return SupportCommon._assert_refused(self, text)

    def test_published_is_fixed(self):
        release = self._create_release().with_user(self.manager)
        with self._refused("back to draft"):
            release.version = "3.0"
        with self._refused("back to draft"):
            release.file_ids.name = "other.zip"
        with self._refused("back to draft"):
            release.file_ids.unlink()
        with self._refused("back to draft"):
            release.unlink()
        with self._refused("own actions only"):
            release.state = "draft"
        with self._refused("is no draft"):
            release.action_publish()
        release.notes = "<p>A correction of the text</p>"

    def test_version_once(self):
        self._create_release("5.0")
        with self._refused("already a release of this version"):
            self._create_release("5.0")
        twin = self._create_release("6.0").with_user(self.manager).copy()
        self.assertEqual((twin.state, twin.version), ("draft", "6.0 (copy)"))
        self.assertFalse(twin.file_ids or twin.published_on)

    def test_files(self):
        release = self._create_release(publish=False).with_user(self.manager)
        file = release.file_ids
        self.assertEqual(file.size, len(CONTENT))
        self.assertEqual(len(file.checksum), 64)
        self.env.invalidate_all()
        self.assertFalse(file.upload)
        upload = base64.b64encode(CONTENT)

        def add(name, upload=upload, **vals):
            return file.create(
                {"release_id": release.id, "name": name, "upload": upload, **vals}
            )

        for name in (
            "page.html",
            "x.svg",
            "script.js",
            "zip",
            ".zip",
            "",
            "a.zip.html",
        ):
            with self.subTest(name=name), self._refused("of these kinds only"):
                add(name)
        for name, clean in [
            ("../../etc/passwd.zip", "passwd.zip"),
            ("C:\\temp\\Set up.EXE", "Set up.EXE"),
            ('a"b<c>.zip\n', "abc.zip"),
            ("x" * 300 + ".zip", "x" * 196 + ".zip"),
        ]:
            self.assertEqual(add(name).name, clean)
        with self._refused("choose the file"):
            add("a.zip", upload=False)
        with self._refused("did not arrive whole"):
            add("a.zip", upload=b"%%%")
        with patch.object(support_release_file, "MAX_MB", 0), self._refused("at most"):
            add("a.zip")
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("support_contract.release_file_types", "xyz")
        with self._refused("of these kinds only: xyz"):
            add("a.zip")
        add("a.xyz")
        for values in ({"size": 5}, {"checksum": "x"}, {"content": upload}):
            with self._refused("come with its upload only"):
                file.write(values)
            with self._refused("come with its upload only"):
                add("a.xyz", **values)

    def test_nobody_reads_a_file_past_the_log(self):
        release = self._create_release()
        file = release.file_ids
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", file._name), ("res_field", "=", "content")])
        )
        self.assertEqual(len(attachment), 1)
        self.assertFalse(attachment.public)
        for user in (self.manager, self.technician, self.portal_user):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    file.with_user(user).read(["content"])
                with self.assertRaises(AccessError):
                    attachment.with_user(user).read(["datas"])
                with self.assertRaises(AccessError):
                    attachment.with_user(user).write({"public": True})
        self.assertFalse(release.download_ids)


@tagged("post_install", "-at_install")
class TestNotices(ReleaseCommon):
    """Omnipos: "all customers get updates and changes of law automatically"."""

    def _set_up_customers(self):
        with self._at("2026-01-10"):
            self.plafond = self._sell("plafond")
            self.covered = self._create_installation(contract=self.plafond)
            self.in_warranty = self._create_installation(
                self.other_customer, sale_date="2026-01-10"
            )
            self.gamma = self._create_customer("Gamma", email="gamma@example.com")
            self.missing = self._create_installation(self.gamma)
        self.other_customer.email = "beta@example.com"

    def test_all_customers_are_told(self):
        self._set_up_customers()
        with self._at("2026-03-01"):
            release = self._create_release(kind="law")
            mails = self._tell(release)
        told = {
            notice.commercial_partner_id: (notice.state, notice.entitlement)
            for notice in release.notice_ids
        }
        self.assertEqual(
            told,
            {
                self.customer: ("sent", "contract"),
                self.other_customer: ("sent", "warranty"),
                self.gamma: ("sent", "none"),
            },
        )
        bodies = {mail.recipient_ids: self._plain(mail.body_html) for mail in mails}
        self.assertEqual(set(bodies), {self.contact, self.other_customer, self.gamma})
        self.assertIn(f"Contract {self.plafond.name} includes", bodies[self.contact])
        self.assertIn("Change of law", bodies[self.contact])
        self.assertIn("All new", bodies[self.contact])
        self.assertNotIn("offer", bodies[self.contact])
        self.assertNotIn("We call you", bodies[self.contact])
        self.assertIn("warranty until 01/09/2027", bodies[self.other_customer])
        self.assertIn("No contract covers it", bodies[self.gamma])
        self.assertIn("we send you an offer", bodies[self.gamma])
        self.assertEqual(release.notice_count, 3)
        self.assertEqual(release.unentitled_count, 1)

    def test_once_for_each_customer_and_release(self):
        """several installations in one mail; a job that runs again sends nothing"""
        self._set_up_customers()
        with self._at("2026-03-01"):
            self._create_installation(self.contact, name="Second one")
            release = self._create_release()
            mails = self._tell(release)
            own = mails.filtered(lambda mail: mail.recipient_ids == self.contact)
            self.assertEqual(len(own), 1)
            self.assertIn("Second one", own.body_html)
            self.assertIn("You get it for", own.body_html)
            self.assertIn("It does not come by itself for", own.body_html)
            self.assertFalse(self._tell(release))
            with SupportCommon._assert_refused(self, "has been told"):
                self.env["support.release.notice"].create(
                    {
                        "release_id": release.id,
                        "commercial_partner_id": self.customer.id,
                        "company_id": self.company.id,
                    }
                )

    def test_only_who_has_the_product(self):
        self._set_up_customers()
        with self._at("2026-03-01"):
            till = self._create_release(
                product_tmpl_id=self.other_software.product_tmpl_id.id
            )
            self.assertFalse(self._tell(till))
            self.covered.module_ids = self.module
            payroll = self._create_release(
                product_tmpl_id=self.module.product_tmpl_id.id
            )
            self.assertEqual(self._tell(payroll).recipient_ids, self.contact)
            self.covered.active = False
            again = self._create_release(
                "3.0", product_tmpl_id=self.module.product_tmpl_id.id
            )
            self.assertFalse(self._tell(again))

    def test_withdrawn_stops_what_is_not_sent(self):
        self._set_up_customers()
        with self._at("2026-03-01"):
            release = self._create_release()
            release._queue_notices()
            first = release.notice_ids.filtered(
                lambda notice: notice.commercial_partner_id == self.gamma
            )
            first._send()
            release.with_user(self.manager).action_withdraw()
            self.assertFalse(self._tell(release))
            self.assertEqual(
                sorted(release.notice_ids.mapped("state")),
                ["cancelled", "cancelled", "sent"],
            )
            # corrected and published again: the others are told now
            release.with_user(self.manager).action_draft()
            release.with_user(self.manager).action_publish()
            mails = self._tell(release)
            self.assertEqual(mails.recipient_ids, self.contact | self.other_customer)

    def test_entitled_on_the_day_of_publishing(self):
        """a job that is late decides as it would have on that day"""
        self._set_up_customers()
        with self._at("2026-03-01"):
            release = self._create_release()
        with self._at("2027-06-01"):
            self._nightly_jobs()
            self._tell(release)
        self.assertEqual(
            sorted(release.notice_ids.mapped("entitlement")),
            ["contract", "none", "warranty"],
        )

    def test_people_and_language(self):
        """those who may order under the contract, in their language"""
        self.env["res.lang"]._activate_lang("it_IT")
        self._set_up_customers()
        orderer = self._create_contact(
            self.customer, "Bruno", email="bruno@alpha.example.com", lang="it_IT"
        )
        self.plafond.orderer_ids = orderer
        with self._at("2026-03-01"):
            release = self._create_release(publish=False)
            release.with_context(lang="it_IT").notes = "<p>Tutto nuovo</p>"
            release.with_user(self.manager).action_publish()
            mails = self._tell(release)
        own = mails.filtered(lambda mail: mail.recipient_ids == orderer)
        self.assertIn("Tutto nuovo", own.body_html)
        self.assertEqual(
            release.notice_ids.filtered(
                lambda notice: notice.commercial_partner_id == self.customer
            ).recipients,
            "Bruno <bruno@alpha.example.com>",
        )

    def test_without_an_address(self):
        self._set_up_customers()
        self.gamma.email = False
        with self._at("2026-03-01"):
            release = self._create_release()
            self.assertEqual(len(self._tell(release)), 2)
        self.assertEqual(release.no_address_count, 1)

    def test_another_company_hears_nothing(self):
        self._set_up_customers()
        company = self.env["res.company"].create({"name": "Other vendor"})
        self.software.company_id = False
        with self._at("2026-03-01"):
            release = self.env["support.release"].create(
                {
                    "product_tmpl_id": self.software.product_tmpl_id.id,
                    "version": "2.0",
                    "company_id": company.id,
                }
            )
            release.action_publish()
            self.assertFalse(self._tell(release))

    def test_the_job_is_woken_and_works(self):
        self._set_up_customers()
        with self._at("2026-03-01"):
            cron = self.env.ref("support_contract.ir_cron_releases")
            triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
            release = self._create_release()
            self.assertTrue(
                self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
                - triggers
            )
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.env.invalidate_all()
            self.assertEqual(set(release.notice_ids.mapped("state")), {"sent"})
            self.assertFalse(release.notices_due)

    def test_a_bad_record_does_not_stop_the_others(self):
        self._set_up_customers()
        cls = self.env.registry["support.release.notice"]
        original = cls._get_lang
        bad = self.gamma

        def fail(notice):
            if notice.commercial_partner_id == bad:
                message = "broken"
                raise UserError(message)
            return original(notice)

        with self._at("2026-03-01"):
            release = self._create_release()
            with (
                patch.object(cls, "_get_lang", fail),
                self.enter_registry_test_mode(),
                mute_logger(
                    "odoo.addons.support_contract.models.support_job_mixin",
                    "odoo.addons.mail.models.mail_render_mixin",
                ),
            ):
                self.env.ref(
                    "support_contract.ir_cron_releases"
                ).method_direct_trigger()
            self.env.invalidate_all()
            states = {
                notice.commercial_partner_id: notice.state
                for notice in release.notice_ids
            }
            self.assertEqual(states[bad], "queued")
            self.assertEqual(states[self.customer], "sent")
            self.assertTrue(
                release.activity_ids.filtered(lambda item: "_get_lang" in item.note)
            )
            with self.enter_registry_test_mode():
                self.env.ref(
                    "support_contract.ir_cron_releases"
                ).method_direct_trigger()
            self.env.invalidate_all()
            self.assertEqual(set(release.notice_ids.mapped("state")), {"sent"})
            self.assertFalse(release.activity_ids)

    def test_queries_grow_only_with_mails(self):
        """the decision costs the same for one and for twenty customers"""
        with self._at("2026-03-01"):
            for number in range(30):
                customer = self._create_customer(
                    f"Customer {number}", email=f"c{number}@example.com"
                )
                contract = self._sell("plafond", partner=customer)
                self._create_installation(customer, contract)
            release = self._create_release()
            release._queue_notices()
            notices = release.notice_ids
            counts = []
            for part in (notices[:2], notices[2:4], notices[4:24]):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                part._decide(release.published_on)
                self.env.flush_all()
                counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(counts[1], counts[2])


@tagged("post_install", "-at_install")
class TestDownload(ReleaseCommon):
    def setUp(self):
        super().setUp()
        with self._at("2026-01-10"):
            self.contract = self._sell("sla_monthly", renewal="none")
            self.installation = self._create_installation(contract=self.contract)
            self.release = self._create_release()
        self.file = self.release.file_ids

    def _download(self, user):
        return self.release.with_user(user)._download(self.file.with_user(user))

    def _cannot(self, user, text):
        before = self.release.download_ids
        with self.assertRaisesRegex(UserError, text):
            self._download(user)
        self.assertEqual(self.release.download_ids, before)

    def test_portal_user_passes_and_is_logged(self):
        with self._at("2026-03-01"):
            url = self._download(self.portal_user)
        self.assertIn("access_token=", url)
        log = self.release.download_ids
        self.assertRecordValues(
            log,
            [
                {
                    "user_id": self.portal_user.id,
                    "file_id": self.file.id,
                    "filename": "setup.zip",
                    "checksum": self.file.checksum,
                    "customer": "Alpha",
                    "installation_id": self.installation.id,
                    "contract_id": self.contract.id,
                    "entitlement": "contract",
                    "date": self._moment("2026-03-01", time(10)),
                }
            ],
        )
        self.assertEqual(self.file.download_count, 1)

    def test_another_customer_is_refused(self):
        with self._at("2026-03-01"):
            self._cannot(self.other_portal_user, "no installation of Ledger")
            self._create_installation(self.other_customer, sale_date="2025-01-10")
            self._cannot(self.other_portal_user, "warranty ended on 01/09/2026")
            self._cannot(self.env.ref("base.public_user"), "not available")

    def test_entitled_on_that_day(self):
        """the last day yes, the next day no, with the way back in one sentence"""
        with self._at("2027-01-09", hour=23):
            self._download(self.portal_user)
        with self._at("2027-01-10", hour=0, minute=1):
            self._cannot(self.portal_user, "renew it to get updates again")
        # days are the company's, not UTC's: it is 23:30 of the 9th in Rome
        self.company.support_tz = "Pacific/Auckland"
        with self._at("2027-01-10", hour=0, minute=1):
            self._cannot(self.portal_user, "renew it")

    def test_warranty_entitles(self):
        self._create_installation(self.other_customer, sale_date="2026-01-10")
        with self._at("2026-03-01"):
            self._download(self.other_portal_user)
        log = self.release.download_ids
        self.assertEqual((log.entitlement, log.customer), ("warranty", "Beta"))
        self.assertFalse(log.contract_id)

    def test_one_entitled_installation_is_enough(self):
        self._create_installation(self.contact, name="Old one").flush_recordset()
        self.installation.name = "New one"
        with self._at("2026-03-01"):
            self._download(self.portal_user)
        self.assertEqual(self.release.download_ids.installation_id, self.installation)

    def test_drafts_and_withdrawn_releases(self):
        with self._at("2026-03-01"):
            draft = self._create_release("9.0", publish=False)
            with self.assertRaisesRegex(UserError, "not available"):
                draft.with_user(self.portal_user)._download(draft.file_ids)
            self.release.with_user(self.manager).action_withdraw()
            self._cannot(self.portal_user, "not available")
            # a file of another release, of which he may have all
            self.release.with_user(self.manager).action_draft()
            self.release.with_user(self.manager).action_publish()
            with self.assertRaisesRegex(UserError, "not available"):
                self.release.with_user(self.portal_user)._download(draft.file_ids)

    def test_own_people_are_logged_too(self):
        action = self.file.with_user(self.technician).action_download()
        self.assertEqual(action["type"], "ir.actions.act_url")
        self.assertEqual(self.release.download_ids.entitlement, "internal")
        self.assertEqual(self.release.download_ids.user_id, self.technician)
        stranger = self._create_user("clerk", "")
        with self.assertRaises(AccessError):
            self._download(stranger)
        with self.assertRaises(AccessError):
            self.file.with_user(stranger).action_download()

    def test_portal_cannot_go_round_it(self):
        """the action decides too, if somebody calls it by RPC"""
        with self._at("2026-03-01"), self.assertRaises(UserError):
            self.file.with_user(self.other_portal_user).action_download()
        for model in ("support.release", "support.release.file"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.portal_user).search([])

    def test_another_company(self):
        company = self.env["res.company"].create({"name": "Other vendor"})
        login = self._create_portal_user("gamma_portal", self.customer)
        login.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        with self._at("2026-03-01"):
            self._cannot(login, "not available")

    def test_the_log_is_append_only(self):
        self._download(self.technician)
        log = self.release.download_ids
        for user in (self.manager, self.technician, self.portal_user):
            with self.assertRaises(AccessError):
                log.with_user(user).write({"customer": "x"})
            with self.assertRaises(AccessError):
                log.with_user(user).unlink()
            with self.assertRaises(AccessError):
                log.with_user(user).create({"release_id": self.release.id})
        for statement in (
            "UPDATE support_release_download SET customer = 'x'",
            "DELETE FROM support_release_download",
            "TRUNCATE support_release_download",
        ):
            with SupportCommon._assert_refused(self, "never be changed or deleted|."):
                self.env.cr.execute(statement)
        self.release.with_user(self.manager).action_withdraw()
        self.release.with_user(self.manager).action_draft()
        with SupportCommon._assert_refused(self, "was downloaded and stays"):
            self.file.with_user(self.manager).unlink()


@tagged("post_install", "-at_install")
class TestDownloadLink(ReleaseCommon, HttpCase):
    def test_link(self):
        """it works for some minutes, with what was uploaded; nothing else does"""
        release = self._create_release()
        file = release.file_ids
        self.authenticate(self.technician.login, self.technician.login)
        bare = f"/web/content/{file._name}/{file.id}/content"
        with mute_logger("odoo.http"):
            self.assertNotEqual(self.url_open(bare).content, CONTENT)
        url = release.with_user(self.technician)._download(file)
        response = self.url_open(url)
        self.assertEqual(response.content, CONTENT)
        self.assertIn("attachment", response.headers["Content-Disposition"])
        self.assertIn("setup.zip", response.headers["Content-Disposition"])
        with patch.object(support_release_file, "LINK_SECONDS", -1):
            late = release.with_user(self.technician)._download(file)
        with mute_logger("odoo.http"):
            self.assertNotEqual(self.url_open(late).content, CONTENT)
            forged = url.replace("access_token=", "access_token=0")
            self.assertNotEqual(self.url_open(forged).content, CONTENT)
