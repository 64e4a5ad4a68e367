# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Signing an offer online: what counts, what stays, and what nobody can do."""

import base64
import hashlib
from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.service.model import retrying
from odoo.tests import TransactionCase, tagged

from odoo.addons.support_contract.tools.signature import SignatureError

from .common_sign import DRAWING, SIGNED_PDF, SignContractCommon
from .scratch import ScratchCase
from .test_tools_signature import draw


class GuardCase(SignContractCommon, TransactionCase):
    def _live(self, contract=None):
        contract = contract or self.contract
        return contract.signature_ids.filtered(lambda item: not item.withdrawn_on)

    def _render_documents(self, contract=None):
        """The job, without the program that prints."""
        documents = self.env["support.document"].search(
            [("contract_id", "=", (contract or self.contract).id)]
        )
        report = type(self.env["ir.actions.report"])
        with patch.object(
            report, "_render_qweb_pdf", return_value=(SIGNED_PDF, "pdf")
        ) as render:
            documents._render()
        return documents, render


@tagged("post_install", "-at_install")
class TestSigning(GuardCase):
    def test_all_steps(self):
        contract = self.contract
        self.assertEqual(
            contract._get_sign_steps({}),
            [
                ("activations", False),
                ("type", False),
                ("contract", False),
                ("conditions", False),
            ],
        )
        contract._sign_activations({0: 3}, "Anna")
        self.assertEqual(contract.activation_count, 3)
        contract._sign_choose_type(self.yearly_type, "Anna")
        self.assertFalse(self._sign("contract"))
        self.assertEqual(contract.state, "offered")
        self.assertTrue(self._sign("conditions", stamp=draw(fmt="JPEG")))
        self.assertEqual(contract.state, "signed")
        self.assertEqual(contract.signed_by, "Anna Alpha")
        self.assertEqual(contract.signed_on, self.company._support_day())
        first, second = self._live().sorted("id")
        self.assertEqual((first.part, second.part), ("contract", "conditions"))
        self.assertEqual(second.conditions_id, self.conditions)
        self.assertFalse(first.conditions_id)
        self.assertEqual(first.partner_id, self.signatory)
        self.assertEqual((first.ip, first.role), ("192.0.2.1", "Director"))
        for item in (first, second):
            self.assertTrue(base64.b64decode(item.drawing).startswith(b"\x89PNG"))
            self.assertEqual(
                item.digest, hashlib.sha256(item.content.encode()).hexdigest()
            )
        self.assertTrue(base64.b64decode(second.stamp).startswith(b"\x89PNG"))
        self.assertFalse(first.stamp)
        self.assertIn("The law applies.", second.content)
        self.assertNotIn("10.0.0.1", second.content)
        self.assertIn("Signed online by Anna Alpha", contract.message_ids[0].body)
        self.assertIn(
            "Signed online: ready to be activated",
            contract.activity_ids.mapped("summary"),
        )
        self.assertIn(self.manager, contract.activity_ids.user_id)
        # activation stays the vendor's
        with self._assert_refused("must be counted"):
            contract.action_activate()
        offer = self._create_offer(self.small_type)
        self._sign_all(offer)
        offer.action_activate()
        self.assertEqual(offer.state, "active")

    def test_one_after_another(self):
        for part in ("contract", "conditions"):
            with self._assert_refused("one after another"):
                self._sign(part)
        self.contract._sign_activations({0: 1}, "Anna")
        self.contract._sign_choose_type(self.yearly_type, "Anna")
        with self._assert_refused("one after another"):
            self._sign("conditions")
        contract = self._create_offer(self._create_type(signature_required=True))
        with self._assert_refused("one after another"):
            self._sign("conditions", contract)
        self.assertTrue(self._sign("contract", contract))

    def test_activations(self):
        for numbers in ({}, {0: 0}, {0: None}, {0: 100001}, {0: 1, 5: 1}, {7: 1}):
            with self._assert_refused("whole number from 1"):
                self.contract._sign_activations(numbers, "Anna")
        self.assertFalse(self.contract.activations_stated_on)

    def test_text_changed(self):
        """nobody signs what he has not read"""
        self.contract._sign_activations({0: 1}, "Anna")
        self.contract._sign_choose_type(self.yearly_type, "Anna")
        digest = self.contract._get_sign_digest(
            self.contract._get_sign_text("contract")
        )
        self.contract.fee_amount += 1
        for wrong in (digest, "", "x"):
            with self._assert_refused("changed since you opened it"):
                self._sign("contract", digest=wrong)
        self._sign("contract")
        self.contract.fee_amount += 1
        # the first signature is of something else by now
        with self._assert_refused("one after another"):
            self._sign("conditions")
        self._sign("contract")
        stale = self.contract.signature_ids - self._live()
        self.assertEqual(stale.withdrawn_reason, "The text has changed since.")
        self.assertTrue(self._sign("conditions"))

    def test_read_in_another_language(self):
        """a text that was signed in one language stays signed in another"""
        self.env["res.lang"]._activate_lang("it_IT")
        self.contract._sign_activations({0: 1}, "Anna")
        self.contract._sign_choose_type(self.yearly_type, "Anna")
        italian = self.contract.with_context(lang="it_IT")
        self._sign("contract", italian)
        self.assertEqual(self._live().lang, "it_IT")
        self.assertTrue(self._sign("conditions"))
        self.assertEqual(len(self._live()), 2)

    def test_what_is_no_signature(self):
        self.contract._sign_activations({0: 1}, "Anna")
        self.contract._sign_choose_type(self.yearly_type, "Anna")
        for code, values in (
            ("name", {"signer": "A"}),
            ("name", {"signer": "12345"}),
            ("role", {"role": ""}),
            ("role", {"role": "--"}),
            ("empty", {"drawing": ""}),
            ("image", {"drawing": "eA=="}),
            ("stamp", {"stamp": b"<svg/>"}),
            ("stamp", {"stamp": b"\x89PNG\r\n\x1a\n broken"}),
            ("stamp", {"stamp": b"GIF89a"}),
            ("stamp_size", {"stamp": draw() + b"x" * (2 * 1024 * 1024)}),
            ("stamp_size", {"stamp": draw(5000, 20)}),
        ):
            with self.subTest(code=code):
                with self.assertRaises(SignatureError) as caught:
                    self._sign("contract", **values)
                self.assertEqual(caught.exception.code, code)
        self.assertFalse(self.contract.signature_ids)

    def test_twice(self):
        self._sign_all()
        with self._assert_refused("not to be signed any more"):
            self._sign("contract")
        self.assertEqual(len(self.contract.signature_ids), 2)
        offer = self._create_offer(self.small_type)
        self._sign("contract", offer)
        self.assertFalse(self._sign("contract", offer))
        self.assertEqual(len(offer.signature_ids), 1)

    def test_choice(self):
        """the terms of the offer become those of the type that is chosen"""
        contract = self.contract
        contract._sign_activations({0: 2}, "Anna")
        stranger = self._create_time_type(name="Never offered")
        with self._assert_refused("Choose one of the types"):
            contract._sign_choose_type(stranger, "Anna")
        self._sign_choose_small()
        self.assertEqual(contract.type_id, self.small_type)
        self.assertEqual(contract.fee_basis, "contract")
        self.assertEqual(contract.fee_amount, 0)
        self.assertEqual(contract.offered_type_id, self.yearly_type)
        # and back
        contract._sign_choose_type(self.yearly_type, "Anna")
        self.assertEqual(contract.fee_amount, 100)
        self._sign("contract")
        self._sign_choose_small()
        self.assertFalse(self._live())
        self.small_type.withdrawn = True
        contract._sign_choose_type(self.yearly_type, "Anna")
        with self._assert_refused("Choose one of the types"):
            self._sign_choose_small()

    def test_what_was_agreed_for_him_stays(self):
        """another type would wipe out the terms that he has negotiated"""
        contract = self.contract.sudo()
        self.assertEqual(len(contract._get_sign_choices()), 2)
        contract.fee_amount = 80
        self.assertEqual(contract._get_sign_choices(), self.yearly_type)
        with self._assert_refused("Choose one of the types"):
            self._sign_choose_small()
        contract.fee_amount = 100
        self.assertEqual(len(contract._get_sign_choices()), 2)
        contract.allotment_ids = [Command.create({"unit": "time", "quantity": 60})]
        self.assertEqual(contract._get_sign_choices(), self.yearly_type)

    def _sign_choose_small(self):
        self.contract._sign_choose_type(self.small_type, "Anna")

    def test_back_to_draft(self):
        """signatures are withdrawn, never deleted"""
        self._sign_all()
        signed = self._live()
        self.contract.with_user(self.manager).action_draft()
        self.assertFalse(self._live())
        self.assertEqual(signed.mapped("withdrawn_reason"), ["Set back to draft."] * 2)
        self.assertFalse(
            self.contract.activations_stated_on or self.contract.sign_chosen_on
        )
        with self._assert_refused("signatures are kept"):
            self.contract.with_user(self.manager).unlink()
        self.contract.action_mark_offered()
        self._sign_all()
        self.assertEqual(len(self.contract.signature_ids), 4)

    def test_refuse(self):
        contract = self.contract
        for reason in ("", " \n", "--"):
            with self._assert_refused("tell us why"):
                contract._sign_refuse(reason, "Anna Alpha")
        self._sign("contract", offer := self._create_offer(self.small_type))
        offer._sign_refuse("Too expensive\n<b>!</b>", "Anna Alpha", self.signatory)
        self.assertEqual(offer.state, "offered")
        self.assertEqual(offer.refused_by, "Anna Alpha")
        self.assertEqual(offer.refused_reason, "Too expensive\n<b>!</b>")
        self.assertFalse(self._live(offer))
        self.assertIn("Too expensive", offer.message_ids[0].body)
        self.assertNotIn("<b>", offer.message_ids[0].body)
        self.assertIn(
            "The customer refused to sign", offer.activity_ids.mapped("summary")
        )
        self.assertFalse(offer._get_portal_todos(self.signatory)[offer.id])
        # he changes his mind
        self._sign_all(offer)
        self.assertEqual(offer.state, "signed")
        self.assertFalse(offer.refused_on)

    def test_todo(self):
        contracts = self.contract | self._create_offer(self.small_type)
        todos = contracts._get_portal_todos(self.signatory)
        for contract in contracts:
            [todo] = todos[contract.id]
            self.assertEqual(todo["kind"], "sign")
            self.assertEqual(todo["url"], f"/my/support-contracts/{contract.id}/sign")
        colleague = self._create_portal_user("alpha_colleague", self.customer)
        todos = contracts._get_portal_todos(colleague.partner_id)
        self.assertFalse(any(todos.values()))
        self._sign_all()
        self.assertFalse(contracts._get_portal_todos(self.signatory)[self.contract.id])


@tagged("post_install", "-at_install")
class TestGuards(GuardCase):
    def test_nobody_writes(self):
        self._sign_all()
        item = self._live()[0]
        values = {name: item[name] for name in ("part", "signer", "lang", "content")}
        for user in (self.manager, self.contract_user, self.portal_user):
            with self.assertRaises(AccessError):
                item.with_user(user).write({"withdrawn_on": False})
            with self.assertRaises(AccessError):
                item.with_user(user).unlink()
            with self.assertRaises(AccessError):
                item.with_user(user).create({"contract_id": self.contract.id, **values})

    def test_nothing_changes_with_all_rights_either(self):
        self._sign_all()
        item = self._live()[0]
        for values in (
            {"signer": "Berta"},
            {"content": "x"},
            {"drawing": DRAWING},
            {"digest": "x"},
            {"signed_on": "2020-01-01"},
        ):
            with self._assert_refused("never changed"):
                item.write(values)
        with self._assert_refused("never deleted"):
            item.unlink()
        with self._assert_refused("already"):
            item.copy()
        item._withdraw("Wrong")
        with self._assert_refused("withdrawn already"):
            item.write({"withdrawn_on": False, "withdrawn_reason": False})

    def test_contract_fields(self):
        """no form and no RPC sets what the steps set"""
        now = self.company._support_now()
        for values in (
            {"activations_stated_on": now},
            {"sign_chosen_on": now},
            {"refused_reason": "x"},
            {"sign_token_hash": "x"},
            {"sign_expires": now},
            {"paper_scan": DRAWING},
            {"paper_on": now},
            {"offered_type_id": self.small_type.id},
            {"signature_ids": []},
        ):
            with self._assert_refused():
                self.contract.with_user(self.manager).write(values)

    def test_signed_copy(self):
        """printed once from what was shown, whatever changes later"""
        self._sign_all()
        [document] = self.env["support.document"].search(
            [("contract_id", "=", self.contract.id)]
        )
        self.assertEqual((document.kind, document.state), ("signed", "waiting"))
        self.assertEqual(document.partner_ids, self.signatory)
        self.assertFalse(self.contract.signed_document_id)
        before = document._get_frozen_parts()
        self.company.name = "Renamed"
        self.customer.name = "Renamed customer"
        self.contract.sudo()._write_agreed({"fee_amount": 999})
        self.env.invalidate_all()
        self.assertEqual(document._get_frozen_parts(), before)
        _documents, render = self._render_documents()
        self.assertEqual(
            render.call_args.args,
            ("support_contract.report_signed_contract", document.ids),
        )
        sha = hashlib.sha256(SIGNED_PDF).hexdigest()
        self.assertEqual(set(self._live().mapped("document_sha256")), {sha})
        self.assertEqual(self.contract.signed_document_id, document)
        action = self.contract.with_user(self.contract_user).action_open_signed_copy()
        self.assertIn(str(document.attachment_id.id), action["url"])
        mail = self.env["mail.mail"].search(
            [("recipient_ids", "in", self.signatory.ids)], order="id desc", limit=1
        )
        self.assertEqual(mail.attachment_ids.raw, SIGNED_PDF)
        self.assertIn(f"/my/support/documents/{document.id}", mail.body_html)

    def test_print(self):
        self._sign_all(stamp=draw())
        [document] = self.env["support.document"].search(
            [("contract_id", "=", self.contract.id)]
        )
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "support_contract.report_signed_contract", document.ids
        )
        text = content.decode()
        for part in ("Anna Alpha", "Director", "192.0.2.1", "Europe/Rome", "General"):
            self.assertIn(part, text)
        for item in self._live():
            self.assertIn(item.digest, text)
        self.assertNotIn("10.0.0.1", text)
        self.assertEqual(text.count('alt="Stamp"'), 2)

    def test_customers_text_is_no_html(self):
        self.customer.name = "<img src='http://evil.example.com/x'>"
        self._sign_all(self.contract)
        for item in self._live():
            self.assertNotIn("<img src='http://evil", item.content)
            self.assertIn("&lt;img src=", item.content)


@tagged("post_install", "-at_install")
class TestLink(GuardCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact.email = "anna@alpha.example.com"
        cls.offer = cls._create_offer(cls.small_type, signatory_id=cls.contact.id)

    def _find(self, url):
        return self.env["support.contract"]._find_by_sign_link(
            self.offer.id, url.rpartition("/")[2]
        )

    def test_once(self):
        old = self.offer._make_sign_link()
        url = self.offer._make_sign_link()
        self.assertFalse(self._find(old))
        self.assertEqual(self._find(url), self.offer)
        self.assertFalse(
            self.env["support.contract"]._find_by_sign_link(
                self.contract.id, url.rpartition("/")[2]
            )
        )
        for token in ("", "False", "x"):
            self.assertFalse(self._find(f"/{token}"))
        self._sign_all(self.offer, partner=None)
        self.assertFalse(self._find(url))
        self.assertFalse(self._live(self.offer).partner_id)

    def test_no_secret_of_ones_own(self):
        """neither written nor by a default of the context"""
        secret = hashlib.sha256(b"mine").hexdigest()
        contracts = self.env["support.contract"].with_user(self.contract_user)
        values = {
            "type_id": self.small_type.id,
            "partner_id": self.customer.id,
            "company_id": self.company.id,
        }
        contract = contracts.create(values)
        self.assertFalse(contract.sudo().sign_token_hash)
        with self._assert_refused():
            contracts.with_context(default_sign_token_hash=secret).create(values)
        with self.assertRaises(AccessError):
            contract.read(["sign_token_hash"])
        with self._assert_refused():
            contracts.create({**values, "sign_token_hash": secret})

    def test_it_ends(self):
        url = self.offer._make_sign_link()
        now = self.company._support_now()
        self.assertEqual(self.offer.sign_expires, now + timedelta(days=30))
        self.offer.sudo().sign_expires = now
        self.assertFalse(self._find(url))
        url = self.offer._make_sign_link()
        self.offer.active = False
        self.assertFalse(self._find(url))
        self.offer.active = True
        self.assertTrue(self._find(url))
        self.offer.action_draft()
        self.offer.action_mark_offered()
        self.assertFalse(self._find(url))

    def test_sent_to_the_signatory_alone(self):
        """the secret is in no chatter, and the database does not have it"""
        seen = []
        template = type(self.env["mail.mail"])
        create = template.create

        def keep(mails, vals_list):
            made = create(mails, vals_list)
            seen.extend(made)
            return made

        with patch.object(template, "create", keep):
            self.offer.with_user(self.contract_user).action_send_sign_link()
        [mail] = [mail for mail in seen if "/sign/" in (mail.body_html or "")]
        self.assertEqual(mail.recipient_ids, self.contact)
        self.assertFalse(mail.model or mail.res_id)
        token = mail.body_html.partition("/sign/")[2].partition('"')[0]
        self.assertEqual(self._find(token), self.offer)
        for message in self.offer.message_ids:
            self.assertNotIn(token, message.body)
        self.assertIn("Link to sign sent to", self.offer.message_ids[0].body)
        with self.assertRaises(AccessError):
            mail.with_user(self.manager).read(["body_html"])
        with self.assertRaises(AccessError):
            mail.mail_message_id.with_user(self.manager).read(["body"])
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT to_jsonb(c)::text FROM support_contract c WHERE id = %s",
            [self.offer.id],
        )
        self.assertNotIn(token, self.env.cr.fetchone()[0])

    def test_who_sends_it(self):
        for user in (self.technician, self.portal_user):
            with self.assertRaises(AccessError):
                self.offer.with_user(user).action_send_sign_link()
        self.contact.email = False
        with self._assert_refused("with an e-mail address"):
            self.offer.action_send_sign_link()
        self._sign_all()
        with self._assert_refused("it is Signed"):
            self.contract.action_send_sign_link()

    def test_with_the_offer(self):
        """who has no login gets a link with the offer, who has one needs none"""
        offers = self.offer | self.contract
        for offer in offers:
            offer.action_draft()
            offer.with_context(support_mark_offered=True).message_post(body="Offer")
            self.assertEqual(offer.state, "offered")
        self.assertTrue(self.offer.sudo().sign_token_hash)
        self.assertFalse(self.contract.sudo().sign_token_hash)


@tagged("post_install", "-at_install")
class TestPaper(GuardCase):
    def _upload(self, data=SIGNED_PDF, signer="Anna Alpha"):
        self.contract._upload_paper(data, signer, self.signatory)

    def test_accept(self):
        self._upload()
        contract = self.contract.with_user(self.manager)
        self.assertEqual(contract.paper_filename, f"{contract.name}.pdf")
        self.assertIn(
            "A signed contract waits to be accepted",
            contract.activity_ids.mapped("summary"),
        )
        self.assertFalse(contract._get_portal_todos(self.signatory)[contract.id])
        action = contract.action_accept_paper()
        wizard = (
            self.env["support.contract.sign"]
            .with_user(self.manager)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(wizard.signed_by, "Anna Alpha")
        self.assertEqual(base64.b64decode(wizard.scan), SIGNED_PDF)
        wizard.action_confirm()
        self.assertEqual(contract.state, "signed")
        self.assertEqual(base64.b64decode(contract.signature_scan), SIGNED_PDF)
        self.assertFalse(contract.paper_on or contract.paper_scan)

    def test_send_back(self):
        self.signatory.email = "anna@alpha.example.com"
        self._upload()
        contract = self.contract.with_user(self.manager)
        with self._assert_refused("tell the customer what is missing"):
            contract._return_paper(" ")
        action = contract.action_return_paper()
        self.env[action["res_model"]].with_user(self.manager).with_context(
            **action["context"]
        ).create({"reason": "The stamp is missing."}).action_confirm()
        self.assertFalse(contract.paper_scan or contract.paper_on)
        self.assertEqual(contract.paper_returned, "The stamp is missing.")
        message = contract.message_ids[0]
        self.assertIn("The stamp is missing.", message.body)
        self.assertIn(self.signatory, message.notified_partner_ids)
        with self._assert_refused("no scan waits"):
            contract.action_accept_paper()
        self._upload()
        self.assertFalse(contract.paper_returned)

    def test_managers_only(self):
        self._upload()
        contract = self.contract.with_user(self.contract_user)
        for method in ("action_accept_paper", "action_return_paper"):
            with self._assert_refused("Only a contract manager"):
                getattr(contract, method)()
        with self._assert_refused("Only a contract manager"):
            contract._return_paper("x")

    def test_kinds(self):
        """what a file is, its first bytes tell, and not its name"""
        for data, ending in (
            (SIGNED_PDF, "pdf"),
            (draw(), "png"),
            (draw(fmt="JPEG"), "jpg"),
        ):
            self._upload(data)
            self.assertTrue(self.contract.paper_filename.endswith(f".{ending}"))
        for code, data in (
            ("scan", b""),
            ("scan", b"<html>"),
            ("scan", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
            ("scan", b"PK\x03\x04"),
            ("scan", b" %PDF-"),
            ("scan_size", b"%PDF-" + b"x" * (10 * 1024 * 1024)),
        ):
            with self.assertRaises(SignatureError) as caught:
                self._upload(data)
            self.assertEqual(caught.exception.code, code)
        with self.assertRaises(SignatureError):
            self._upload(signer="")
        self._sign_all()
        with self._assert_refused("not to be signed any more"):
            self._upload()


def prepare(database):
    with database.env() as env:
        vendor = SignContractCommon.in_environment(env)
        offer = vendor._create_offer(vendor.small_type)
        return offer.id, {
            part: offer._get_sign_digest(offer._get_sign_text(part))
            for part in offer._get_sign_parts()
        }


def sign(database, contract_id, digests, name):
    def attempt():
        env.user.read(["name"])
        contract = env["support.contract"].browse(contract_id)
        done = []
        for part, digest in digests.items():
            if contract.state != "offered":
                break
            done.append(contract._sign_part(part, digest, name, "Director", DRAWING))
        return done

    with database.env() as env:
        return retrying(attempt, env)


@tagged("post_install", "-at_install")
class TestSignContractAtOnce(ScratchCase):
    def test_five_at_once(self):
        """five requests for the same two signatures: each is there once"""
        contract_id, digests = self.database.run(prepare)
        names = [f"Signer {letter}" for letter in "ABCDE"]
        processes = [
            self.database.start(sign, contract_id, digests, name) for name in names
        ]
        told = [process.wait() for process in processes]
        self.assertEqual(sum(True in done for done in told), 1)
        rows = self.database.sql(
            "SELECT part, signer FROM support_contract_signature "
            "WHERE contract_id = %s ORDER BY part",
            [contract_id],
        )
        winner = names[[True in done for done in told].index(True)]
        self.assertEqual(rows, [("conditions", winner), ("contract", winner)])
        [(state, documents)] = self.database.sql(
            """
            SELECT state, (SELECT count(*) FROM support_document
                            WHERE contract_id = contract.id)
              FROM support_contract contract WHERE id = %s
            """,
            [contract_id],
        )
        self.assertEqual((state, documents), ("signed", 1))
