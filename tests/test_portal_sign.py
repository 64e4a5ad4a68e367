# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The pages on which a customer signs an offer."""

import base64
import uuid

from lxml import html

from odoo.http import Request
from odoo.tests import HttpCase, tagged

from odoo.addons.support_contract.tools.signature import PREFIX

from .common_keyboard import KeyboardCase
from .common_sign import DRAWING, SIGNED_PDF, SignContractCommon
from .common_tour import OnTelephone, PortalTour
from .test_tools_signature import draw


class PortalSignCase(SignContractCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.url = f"/my/support-contracts/{self.contract.id}/sign"

    def _login(self, user):
        self.authenticate(user and user.login, user and user.login)

    def _page(self, step=None, url=None):
        response = self.url_open((url or self.url) + (f"?step={step}" if step else ""))
        return html.fromstring(response.content)

    def _text(self, page):
        [main] = page.xpath("//main")
        return " ".join(main.text_content().split())

    def _form(self, page, action):
        """The values of a form as the page has them."""
        [form] = page.xpath(f"//form[.//input[@name='action'][@value='{action}']]")
        self.assertEqual(form.method, "POST")
        return dict(form.form_values())

    def _send(self, values, files=None, url=None):
        """Post what a form holds."""
        return self.url_open(url or self.url, data=values, files=files)

    def _values(self, action, **values):
        return {
            "csrf_token": Request.csrf_token(self),
            "submission_key": str(uuid.uuid4()),
            "action": action,
            **values,
        }

    def _sign_values(self, page, part, **values):
        return {
            **self._form(page, part),
            "signer": "Anna Alpha",
            "role": "Director",
            "signature": PREFIX + DRAWING,
            **values,
        }

    def _reload(self):
        self.env.invalidate_all()
        return self.contract


@tagged("post_install", "-at_install")
class TestPortalSign(PortalSignCase):
    def test_all_steps(self):
        self._login(self.portal_user)
        page = self._page()
        values = self._form(page, "activations")
        self.assertEqual(values["count_0"], "1")
        response = self._send({**values, "count_0": "4"})
        self.assertTrue(response.url.endswith("?step=type"))
        self.assertEqual(self._reload().activation_count, 4)

        page = html.fromstring(response.content)
        text = self._text(page)
        self.assertIn("Maintenance", text)
        self.assertIn("for each activation a year, without taxes.", text)
        self.assertIn("On call", text)
        values = self._form(page, "type")
        self.assertEqual(values["type"], str(self.yearly_type.id))
        response = self._send(values)

        page = html.fromstring(response.content)
        self.assertIn("4 activations at", self._text(page))
        self.assertIn("General Terms, version 1", self._text(page))
        [current] = page.xpath("//li[@aria-current='step']")
        self.assertIn("Contract", current.text_content())
        values = self._sign_values(page, "contract")
        stamp = {"stamp": ("stamp.jpg", draw(fmt="JPEG"), "image/jpeg")}
        response = self._send(values, stamp)
        self.assertTrue(response.url.endswith("?step=conditions"))
        self.assertEqual(self._reload().state, "offered")

        page = html.fromstring(response.content)
        self.assertIn("The law applies.", self._text(page))
        values = self._form(page, "conditions")
        # as entered for the contract
        self.assertEqual((values["signer"], values["role"]), ("Anna Alpha", "Director"))
        response = self._send(self._sign_values(page, "conditions"))
        self.assertTrue(response.url.endswith("?step=done"))
        self.assertIn("the contract is signed", response.text)
        contract = self._reload()
        self.assertEqual(contract.state, "signed")
        conditions, signed = contract.signature_ids
        self.assertTrue(signed.stamp)
        self.assertFalse(conditions.stamp)
        self.assertEqual(signed.ip, "127.0.0.1")
        self.assertTrue(signed.user_agent)
        self.assertEqual(signed.partner_id, self.signatory)
        document = self.env["support.document"].search(
            [("contract_id", "=", contract.id)]
        )
        self.assertIn(document._get_portal_url(), response.text)
        # nothing to sign any more, nothing fails
        self.assertIn("the contract is signed", self._text(self._page("contract")))

    def _go_to_contract(self, contract=None):
        contract = contract or self.contract
        contract._sign_activations({0: 1}, "Anna")
        contract._sign_choose_type(contract.type_id, "Anna")
        self.env.flush_all()

    def test_get_does_nothing(self):
        self._login(self.portal_user)
        self._go_to_contract()
        values = self._sign_values(self._page("contract"), "contract")
        query = "&".join(f"{key}={value}" for key, value in values.items())
        self.url_open(f"{self.url}?{query}")
        self.url_open(f"{self.url}?action=refuse&reason=No+thanks")
        contract = self._reload()
        self.assertFalse(contract.signature_ids or contract.refused_on)
        # and no other site posts it
        values.pop("csrf_token")
        self.assertEqual(self._send(values).status_code, 400)
        self.assertFalse(self._reload().signature_ids)

    def test_double_click(self):
        self._login(self.portal_user)
        self._go_to_contract()
        values = self._sign_values(self._page("contract"), "contract")
        first, second = self._send(values), self._send(values)
        self.assertEqual(first.url, second.url)
        self.assertEqual(len(self._reload().signature_ids), 1)
        # the same from another tab
        again = self._send({**values, "submission_key": str(uuid.uuid4())})
        self.assertEqual(again.url, first.url)
        self.assertEqual(len(self._reload().signature_ids), 1)

    def test_text_changed_meanwhile(self):
        self._login(self.portal_user)
        self._go_to_contract()
        values = self._sign_values(self._page("contract"), "contract")
        self.contract.fee_amount += 5
        self.env.flush_all()
        page = html.fromstring(self._send(values).content)
        [alert] = page.xpath("//div[hasclass('alert-danger')]") or [None]
        self.assertIn("changed since you opened it", alert.text_content())
        self.assertIn("105.00", self._text(page))
        self.assertFalse(self._reload().signature_ids)
        # the page has what was entered, and can be signed
        self.assertEqual(self._form(page, "contract")["role"], "Director")
        self._send(self._sign_values(page, "contract"))
        self.assertEqual(len(self._reload().signature_ids), 1)

    def test_no_step_is_left_out(self):
        self._login(self.portal_user)
        for step in ("type", "contract", "conditions", "done", "nonsense", ""):
            page = self._page(step)
            self.assertTrue(page.xpath("//input[@name='count_0']"), step)
        for part in ("contract", "conditions"):
            digest = self.contract._get_sign_digest(self.contract._get_sign_text(part))
            values = self._values(
                part,
                digest=digest,
                signer="Anna Alpha",
                role="Director",
                signature=DRAWING,
            )
            self.assertIn("one after another", self._send(values).text)
        self.assertFalse(self._reload().signature_ids)

    def test_bad_input(self):
        self._login(self.portal_user)
        for count in ("", "0", "-3", "1.5", "abc", "99999999999", "100001", "\0"):
            response = self._send(self._values("activations", count_0=count))
            self.assertIn("whole number from 1", response.text)
        self.contract._sign_activations({0: 1}, "Anna")
        never = self._create_time_type(name="Never offered")
        for chosen in ("", "abc", "0", never.id):
            response = self._send(self._values("type", type=chosen))
            self.assertIn("Choose one of the types", response.text)
        self._go_to_contract()
        page = self._page("contract")
        for message, values, files in (
            ("enter your name", {"signer": ""}, None),
            ("your role", {"role": ""}, None),
            ("sign in the box", {"signature": ""}, None),
            ("sign in the box", {"signature": "x"}, None),
            ("Stamp: please choose", {}, {"stamp": ("a.png", b"<html>", "image/png")}),
        ):
            response = self._send(
                {
                    **self._sign_values(page, "contract", **values),
                    "submission_key": str(uuid.uuid4()),
                },
                files,
            )
            self.assertEqual(response.status_code, 200)
            self.assertIn(message, response.text)
        for action in ("", "draft", "__init__", "text"):
            self.assertEqual(self._send(self._values(action)).status_code, 200)
        self.assertFalse(self._reload().signature_ids)

    def test_refuse(self):
        self._login(self.portal_user)
        response = self._send(self._values("refuse", reason=" "))
        self.assertIn("Please tell us why", response.text)
        reason = "Too expensive <script>alert(1)</script>"
        response = self._send(self._values("refuse", reason=reason))
        self.assertIn("Thank you for telling us", response.text)
        self.assertIn("refused to sign on", response.text)
        contract = self._reload()
        self.assertEqual(contract.refused_reason, reason)
        self.assertEqual(contract.state, "offered")

    def test_paper(self):
        self._login(self.portal_user)
        page = self._page()
        response = self._send(self._form(page, "document"), url=self.url)
        document = self.env["support.document"].search(
            [("contract_id", "=", self.contract.id)]
        )
        self.assertEqual(document.kind, "contract")
        self.assertIn(document._get_portal_url(), response.url)
        page = html.fromstring(response.content)
        crumbs = page.xpath("//ol[contains(@class, 'o_portal_submenu')]/li")
        self.assertEqual(
            [" ".join(crumb.text_content().split()) for crumb in crumbs][1:],
            ["Support", self.contract.name, document.name],
        )
        for name, data in (("a.pdf", b"<html>"), ("a.pdf", b""), ("a.svg", b"<svg/>")):
            response = self._send(
                self._values("paper", signer="Anna Alpha"),
                {"scan": (name, data, "application/pdf")},
            )
            self.assertIn("please choose a PDF, PNG or JPEG", response.text)
        self.assertFalse(self._reload().paper_on)
        response = self._send(
            self._values("paper", signer="Anna Alpha"),
            {"scan": ("../../evil.html", SIGNED_PDF, "text/html")},
        )
        self.assertIn("We look at the scan", response.text)
        contract = self._reload()
        self.assertEqual(base64.b64decode(contract.paper_scan), SIGNED_PDF)
        self.assertEqual(contract.paper_filename, f"{contract.name}.pdf")

    def _post_everything(self, url=None):
        """Every form, with what would do it for the signatory."""
        digest = self.contract._get_sign_digest(
            self.contract._get_sign_text("contract")
        )
        answers = []
        for values, files in (
            (self._values("activations", count_0="7"), None),
            (self._values("type", type=self.small_type.id), None),
            (
                self._values(
                    "contract",
                    digest=digest,
                    signer="Eve Evil",
                    role="Director",
                    signature=DRAWING,
                ),
                None,
            ),
            (self._values("refuse", reason="Because"), None),
            (
                self._values("paper", signer="Eve Evil"),
                {"scan": ("a.pdf", SIGNED_PDF, "application/pdf")},
            ),
            (self._values("document"), None),
        ):
            answers.append(self._send(values, files, url=url))
        contract = self._reload()
        self.assertFalse(contract.signature_ids)
        self.assertFalse(contract.refused_on or contract.paper_on)
        self.assertEqual(contract.activation_count, 1)
        self.assertEqual(contract.type_id, self.yearly_type)
        self.assertFalse(
            self.env["support.document"].search([("contract_id", "=", contract.id)])
        )
        return answers

    def test_colleague(self):
        """who is not the signatory reads every step, and does nothing"""
        colleague = self._create_portal_user("alpha_colleague", self.customer)
        self.contract.orderer_ids = colleague.partner_id
        self._login(colleague)
        for step in ("activations", "type", "contract", "conditions"):
            page = self._page(step)
            self.assertIn("It is signed by", self._text(page))
            self.assertFalse(page.xpath("//main//button[@type='submit']"))
            self.assertFalse(page.xpath("//main//textarea"))
        self.assertIn("The law applies.", self._text(page))
        for answer in self._post_everything():
            self.assertIn("Only the signatory", answer.text)

    def test_other_customer(self):
        """wrong and foreign ids get the same answer"""
        self._login(self.other_portal_user)
        answers = [
            self.url_open(url, allow_redirects=False)
            for url in (self.url, self.url.replace(str(self.contract.id), "999999"))
        ]
        for answer in answers:
            self.assertEqual(answer.status_code, 303)
            self.assertTrue(answer.headers["Location"].endswith("/my"))
        self._post_everything()

    def test_internal(self):
        """colleagues of the vendor look, and never sign, not as signatory either"""
        self.manager.partner_id.parent_id = self.customer
        self.contract.signatory_id = self.manager.partner_id
        self._login(self.manager)
        page = self._page("contract")
        self.assertIn("You can read the contract.", self._text(page))
        self.assertFalse(page.xpath("//main//button[@type='submit']"))
        for answer in self._post_everything():
            self.assertIn("Only the signatory", answer.text)

    def test_draft(self):
        self._login(self.portal_user)
        self.contract.action_draft()
        self.env.flush_all()
        answer = self.url_open(self.url, allow_redirects=False)
        self.assertTrue(answer.headers["Location"].endswith("/my"))

    def test_not_logged_in(self):
        self._login(None)
        answer = self.url_open(self.url, allow_redirects=False)
        self.assertIn("/web/login", answer.headers["Location"])

    def test_words_of_the_pad(self):
        """the scripts of the page get their words, not only the page"""
        self.env["res.lang"]._activate_lang("it_IT")
        modules = self.url_open("/website/translations?lang=it_IT").json()["modules"]
        words = {
            message["id"]: message["string"]
            for message in modules["support_contract"]["messages"]
        }
        self.assertEqual(words["Write my name"], "Scrivi il mio nome")

    def test_labels(self):
        """every field has a label, every page one first heading"""
        self._login(self.portal_user)
        self._go_to_contract()
        for step in ("activations", "type", "contract"):
            page = self._page(step)
            self.assertEqual(len(page.xpath("//main//h1")), 1)
            for field in page.xpath(
                "//main//*[self::input or self::textarea][not(@type='hidden')]"
            ):
                labels = page.xpath(f"//label[@for='{field.get('id')}']")
                self.assertEqual(len(labels), 1, html.tostring(field))


@tagged("post_install", "-at_install")
class TestLinkSign(PortalSignCase):
    def setUp(self):
        super().setUp()
        self.contact.email = "anna@alpha.example.com"
        self.offer = self._create_offer(self.small_type, signatory_id=self.contact.id)
        self.link = self.offer._make_sign_link().removeprefix(self.offer.get_base_url())
        self.env.flush_all()
        self._login(None)

    def test_signs(self):
        response = self.url_open(self.link)
        self.assertEqual(response.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        page = html.fromstring(response.content)
        response = self._send(self._sign_values(page, "contract"), url=self.link)
        self.assertTrue(response.url.endswith(f"{self.link}?step=conditions"))
        page = html.fromstring(response.content)
        response = self._send(self._sign_values(page, "conditions"), url=self.link)
        self.assertTrue(response.url.endswith("/support/contract-signed"))
        self.env.invalidate_all()
        self.assertEqual(self.offer.state, "signed")
        self.assertEqual(self.offer.signature_ids.mapped("signer"), ["Anna Alpha"] * 2)
        self.assertFalse(self.offer.signature_ids.partner_id)
        document = self.env["support.document"].search(
            [("contract_id", "=", self.offer.id)]
        )
        self.assertEqual(document.partner_ids, self.contact)
        # used up
        self.assertEqual(self.url_open(self.link).status_code, 404)
        token = self.link.rpartition("/")[2]
        self.env.cr.execute(
            "SELECT count(*) FROM support_portal_form WHERE url LIKE %s", [f"%{token}%"]
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_wrong_links(self):
        for link in (
            self.link[:-1],
            self.link + "x" * 500,
            self.link.replace(f"/{self.offer.id}/", f"/{self.contract.id}/"),
            self.link.replace(f"/{self.offer.id}/", "/abc/"),
            self.link.replace(f"/{self.offer.id}/", "/99999999999/"),
            f"/support/contracts/{self.contract.id}/sign/False",
        ):
            self.assertEqual(self.url_open(link).status_code, 404, link)
        self.offer.sudo().sign_expires = self.company._support_now()
        self.env.flush_all()
        self.assertEqual(self.url_open(self.link).status_code, 404)

    def test_internal(self):
        """a colleague who has got hold of the link does not sign with it"""
        self._login(self.manager)
        answer = self.url_open(self.link)
        self.assertEqual(answer.status_code, 403)
        self.assertIn("only the customer signs", answer.text)
        values = self._values("refuse", reason="Because")
        self.assertEqual(self._send(values, url=self.link).status_code, 403)
        self.env.invalidate_all()
        self.assertFalse(self.offer.refused_on)

    def test_another_signatory(self):
        """the link was sent to one who signs no more"""
        self.offer.write({"signatory_id": self.contact.id})
        self.env.flush_all()
        self.assertEqual(self.url_open(self.link).status_code, 200)
        self.offer.signatory_id = self.signatory
        self.env.flush_all()
        self.assertEqual(self.url_open(self.link).status_code, 404)

    def test_refusal_is_text(self):
        """what a customer writes shows up as he wrote it"""
        reason = "<a href='https://example.com'>open the contract</a>"
        self._send(self._values("refuse", signer="Anna", reason=reason), url=self.link)
        self.env.invalidate_all()
        notes = "".join(map(str, self.offer.activity_ids.mapped("note")))
        self.assertIn("&lt;a href", notes)

    def test_another_login(self):
        """the link is what counts, not who is logged in"""
        self._login(self.other_portal_user)
        page = self._page(url=self.link)
        self.assertNotIn(self.other_portal_user.name, page.text_content())
        self._send(self._sign_values(page, "contract"), url=self.link)
        self.env.invalidate_all()
        self.assertFalse(self.offer.signature_ids.partner_id)
        self.assertEqual(len(self.offer.signature_ids), 1)

    def test_refuse_and_paper(self):
        response = self._send(self._values("refuse", reason="Too dear"), url=self.link)
        self.assertIn("Thank you for telling us", response.text)
        response = self._send(
            self._values("paper", signer="Anna Alpha"),
            {"scan": ("a.pdf", SIGNED_PDF, "application/pdf")},
            url=self.link,
        )
        self.assertIn("We look at the scan", response.text)
        self.env.invalidate_all()
        self.assertEqual(self.offer.refused_by, "Anna Alpha")
        self.assertTrue(self.offer.paper_on)

    def _ask_paper(self):
        """Ask for the contract to print, as the page does."""
        page = self._page(url=self.link)
        answer = self._send(self._form(page, "document"), url=self.link)
        document = self.env["support.document"].search(
            [("contract_id", "=", self.offer.id)]
        )
        return answer, document

    def test_contract_to_print(self):
        """who has no login gets it through the same link, made by the job"""
        answer, document = self._ask_paper()
        self.assertEqual(document.kind, "contract")
        # there is no login that a mail could lead to
        self.assertFalse(document.partner_ids)
        url = f"{self.link}?document={document.id}"
        self.assertTrue(answer.url.endswith(url))
        self.assertIn("being prepared", answer.text)
        self.assertEqual(answer.headers["Refresh"], "5")
        self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer")
        self.assertIn(self.link, html.fromstring(answer.content).xpath("//a/@href"))
        document.sudo().job_error = "no printer"
        self.env.flush_all()
        answer = self.url_open(url)
        self.assertIn("could not be prepared", answer.text)
        self.assertNotIn("Refresh", answer.headers)
        attachment = self.env["ir.attachment"].create(
            {
                "name": "a.pdf",
                "raw": SIGNED_PDF,
                "mimetype": "application/pdf",
                "res_model": document._name,
                "res_id": document.id,
            }
        )
        document.sudo().write({"state": "ready", "attachment_id": attachment.id})
        self.env.flush_all()
        answer = self.url_open(url)
        self.assertEqual(answer.content, SIGNED_PDF)
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        # the same without the secret, or with one that is dead
        self.assertNotEqual(
            self.url_open(document._get_portal_url()).content, SIGNED_PDF
        )
        self.assertEqual(
            self.url_open(f"{self.link[:-1]}?document={document.id}").status_code, 404
        )
        self.offer.sudo().sign_expires = self.company._support_now()
        self.env.flush_all()
        self.assertEqual(self.url_open(url).status_code, 404)
        token = self.link.rpartition("/")[2]
        self.env.cr.execute(
            "SELECT count(*) FROM support_portal_form WHERE url LIKE %s", [f"%{token}%"]
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_no_other_document(self):
        """the link leads to its own contract, and to nothing else of it"""
        other = self.contract.sudo()._ask_document(self.signatory)
        _answer, document = self._ask_paper()
        document.sudo().kind = "signed"
        self.env.flush_all()
        for number in (other.id, document.id, "999999999", "abc", "1%27", "-1"):
            answer = self.url_open(f"{self.link}?document={number}")
            self.assertTrue(answer.url.endswith(self.link), number)
            self.assertIn("Sign contract", answer.text)


@tagged("post_install", "-at_install")
class TestPortalSignTour(PortalTour, PortalSignCase):
    def test_all_steps(self):
        """both signatures, the first one with a stamp"""
        self._login(self.portal_user)
        self._assert_words(self.url, "How many machines or activations do you use?")
        self.start_tour(
            self.url, "support_sign_contract_tour", login=self.portal_user.login
        )
        contract = self._reload()
        self.assertEqual(contract.state, "signed")
        self.assertEqual(contract.activation_count, 12)
        self.assertEqual(contract.signature_ids.mapped("signer"), ["Anna Alpha"] * 2)
        self.assertEqual(len(contract.signature_ids.filtered("stamp")), 1)
        self._assert_words(
            f"{self.url}?step=done", "Thank you, the contract is signed."
        )

    def test_refuse_and_paper(self):
        self.start_tour(
            self.url, "support_refuse_contract_tour", login=self.portal_user.login
        )
        contract = self._reload()
        self.assertEqual(contract.refused_by, "Anna")
        self.assertTrue(contract.paper_on)
        self._login(self.portal_user)
        self._assert_words(self.url, "Sign on paper instead", "I do not want to sign")
        contract.sudo()._sign_activations({0: 3}, "Anna")
        self._assert_words(f"{self.url}?step=type", "Which contract type suits you?")
        contract.sudo()._sign_choose_type(contract.type_id, "Anna")
        self._assert_words(f"{self.url}?step=contract", "Your role in the company")

    def test_by_link(self):
        """without a login, in the signatory's language"""
        base = self.contract.get_base_url()
        link = self.contract._make_sign_link().removeprefix(base)
        self.start_tour(link, "support_sign_contract_tour")
        self.assertEqual(self._reload().state, "signed")
        offer = self._create_offer(self.small_type)
        link = offer._make_sign_link().removeprefix(base)
        self._login(None)
        self._assert_words(link, "Your role in the company")
        self._assert_words(
            "/support/contract-signed", "Thank you, the contract is signed."
        )


@tagged("post_install", "-at_install")
class TestPortalSignKeyboard(PortalSignCase, KeyboardCase):
    def test_keyboard(self):
        """all steps with keys only, the name is written"""

        def sign(keys, part):
            form = f"form:has(input[name=action][value={part}])"
            keys.fill(f"{form} #support_signer", "Anna Alpha")
            keys.fill(f"{form} #support_role", "Director")
            keys.tab_to(f"{form} .o_support_sign_type")
            keys.press("Enter")
            keys.wait_for(f"{form} input[name=signature]", "el.value.length > 500")
            keys.wait_for(
                f"{form} canvas", "el.ariaLabel === 'Your signature: Anna Alpha'"
            )
            keys.follow(f"{form} .o_support_sign_submit")

        def script(keys):
            keys.fill("#support_count_0", "12")
            keys.follow(".o_support_sign_submit")
            keys.wait_for("input[name=type]")
            keys.follow(".o_support_sign_submit")
            sign(keys, "contract")
            sign(keys, "conditions")
            keys.wait_for(".o_support_signed")

        self.use_keyboard(self.url, script, self.portal_user.login)
        contract = self._reload()
        self.assertEqual(contract.state, "signed")
        self.assertEqual(contract.activation_count, 12)
        self.assertEqual(contract.signature_ids.mapped("signer"), ["Anna Alpha"] * 2)


@tagged("post_install", "-at_install")
class TestPortalSignTourOnTelephone(OnTelephone, TestPortalSignTour):
    pass
