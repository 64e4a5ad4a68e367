# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""All pages of support as a screen reader needs them."""

import re
from collections import Counter

from lxml import html

from odoo.tests import HttpCase, tagged

from .common_release import ReleaseCommon
from .test_portal_intervention import InterventionPortalCase
from .test_portal_sign import PortalSignCase

#: what the walk reaches from the overview
PAGES = {
    "/my/support",
    "/my/support/interventions",
    "/my/support/interventions/N",
    "/my/support/interventions/N/cancel",
    "/my/support/interventions/N/move",
    "/my/support/offers",
    "/my/support/releases",
    "/my/support-contracts/N",
    "/my/support-contracts/N/ledgers/N",
    "/my/support-contracts/N/terms",
    "/my/ticket/N",
    "/my/ticket/N/book",
    "/my/tickets",
    "/my/callback",
    "/new/ticket",
}
WALKED = re.compile(r"^/(my/(support|ticket|callback)|new/ticket)")
FILES = re.compile(r"/(xlsx|sheet|reports/N)$")
HEADINGS = [f"h{level}" for level in range(1, 7)]
#: fields that need no label
SILENT = ("hidden", "submit", "button", "image")


def find_problems(root):
    """What is wrong with a page, in words.

    :param root: its ``#wrap``, or its whole body
    """
    problems = [
        *_check_headings(root),
        *_check_fields(root),
        *_check_names(root),
    ]
    doubles = Counter(root.xpath(".//@id"))
    problems += [f"id {name} twice" for name, count in doubles.items() if count > 1]
    return problems


def _check_headings(root):
    levels = [
        int(node.tag[1])
        for node in root.iter(*HEADINGS)
        # of a dialog that is closed
        if not node.xpath("ancestor::*[contains(@class, 'modal')]")
    ]
    if levels.count(1) != 1 or levels[0] != 1:
        yield f"headings {levels}: one h1, the first"
    for before, level in zip(levels, levels[1:], strict=False):
        if level > before + 1:
            yield f"headings {levels}: h{before}, then h{level}"


def _check_fields(root):
    for field in root.iter("input", "select", "textarea"):
        if field.get("type") in SILENT:
            continue
        labels = root.xpath(".//label[@for=$name]", name=field.get("id") or "-")
        labels += field.xpath("ancestor::label")
        text = "".join(label.text_content() for label in labels)
        if not (text.strip() or field.get("aria-label")):
            yield f"{_show(field)} has no label"
    for label in root.xpath(".//label[@for]"):
        if not root.xpath(".//*[@id=$name]", name=label.get("for")):
            yield f"{_show(label)} is of no field"
    for name in ("aria-labelledby", "aria-describedby"):
        for node in root.xpath(f".//*[@{name}]"):
            for target in node.get(name).split():
                if not root.xpath(".//*[@id=$name]", name=target):
                    yield f"{_show(node)}: {name} leads nowhere"


def _check_names(root):
    for image in root.iter("img"):
        if image.get("alt") is None:
            yield f"{_show(image)} has no alt"
    for node in root.xpath(".//button | .//a[@href] | .//summary | .//legend"):
        hidden = node.xpath(".//*[@aria-hidden='true']//text()")
        pictures = node.xpath(".//img/@alt | .//*/@aria-label")
        text = node.text_content().strip()
        for part in hidden:
            text = text.replace(part.strip(), "")
        if not (text.strip() or node.get("aria-label") or "".join(pictures).strip()):
            yield f"{_show(node)} has no text"
    for node in root.xpath(".//*[@tabindex]"):
        if int(node.get("tabindex")) > 0:
            yield f"{_show(node)} is out of the order"


def _show(node):
    text = html.tostring(node, encoding="unicode", with_tail=False)
    return " ".join(text.split())[:160]


@tagged("post_install", "-at_install")
class TestAccessibility(InterventionPortalCase, ReleaseCommon, HttpCase):
    """The customer has a contract with a balance, tickets that wait for him, work that
    is done and planned, and a release."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract._write_agreed({"portal_booking": "book"})
        cls.company.sudo().support_work_mode_id = cls.remote
        cls._create_type(name="Maintenance", portal_shown=True)
        cls._create_installation(contract=cls.contract, name="Shop Rome")
        cls._create_release()
        cls.ticket._support_ask_file("The backup", days=3)
        cls._log_work(cls.ticket, 60, "2026-03-09", mode=cls.on_site, name="Visit")
        closed = cls._create_ticket(cls.portal_user.partner_id)
        closed.stage_id = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")

    def _open(self, url):
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200, url)
        root = html.fromstring(response.content)
        [wrap] = root.xpath("//*[@id='wrap']")
        return wrap

    def test_all_pages(self):
        """from the overview on, every page that is linked"""
        self._book("20260312T0900")
        self.authenticate(self.portal_user.login, self.portal_user.login)
        waiting, seen, problems = ["/my/support"], set(), []
        while waiting and len(seen) < 60:
            url = waiting.pop(0)
            seen.add(url)
            wrap = self._open(url)
            problems += [f"{url}: {problem}" for problem in find_problems(wrap)]
            for link in wrap.xpath(".//a/@href"):
                link = link.partition("#")[0]
                known = self._get_pattern(link) in map(self._get_pattern, seen)
                if (
                    WALKED.match(link)
                    and not FILES.search(self._get_pattern(link))
                    and link not in (*seen, *waiting)
                    # one page of a kind with its arguments is enough
                    and not ("?" in link and known)
                ):
                    waiting.append(link)
        self.assertEqual(problems, [], "\n".join(map(str, problems)))
        patterns = {self._get_pattern(url) for url in seen}
        self.assertFalse(PAGES - patterns, patterns)

    @staticmethod
    def _get_pattern(url):
        return re.sub(r"/\d+", "/N", url.partition("?")[0])


@tagged("post_install", "-at_install")
class TestSignAccessibility(PortalSignCase):
    def test_steps(self):
        """in the portal, and through the link"""
        self.contract._sign_activations({0: 12}, "Anna Alpha")
        self.contract._sign_choose_type(self.contract.type_id, "Anna Alpha")
        self.signatory.email = "anna@alpha.example.com"
        link = self.contract._make_sign_link()
        link = link.removeprefix(self.contract.get_base_url())
        self.env.flush_all()
        problems = []
        for url, user in ((self.url, self.portal_user), (link, None)):
            self._login(user)
            for step in ("activations", "type", "contract", "conditions"):
                [wrap] = self._page(step, url).xpath("//main")
                problems += [f"{url} {step}: {text}" for text in find_problems(wrap)]
        self.assertEqual(problems, [], "\n".join(map(str, problems)))

    def test_sheet(self):
        """the page of a link that signs an intervention sheet"""
        self._create_contract(self._create_time_type())
        work = self._log_work(self._create_ticket(), 60)
        url = work.with_user(self.technician)._make_sign_link()
        path = url.removeprefix(work.get_base_url())
        for user in (None, self.technician):
            self._login(user)
            page = html.fromstring(self.url_open(path).content)
            [wrap] = page.xpath("//main")
            self.assertEqual(find_problems(wrap), [])
