# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The overview of support in the portal."""

from odoo import Command
from odoo.tests import tagged

from .common_contract_page import ContractPageCase

URL = "/my/support"


@tagged("post_install", "-at_install")
class TestOverview(ContractPageCase):
    def test_balances_and_earlier_contracts(self):
        lapsed = self._create_phone_contract(self.customer)
        lapsed._set_state("lapsed", self._day("2026-03-02"))
        draft = self._create_phone_contract(self.customer, activate=False)
        page = self._page(URL)
        text = self._text(page)
        self.assertIn(self.contract.name, text)
        self.assertIn("10:00 h of 10:00 h", text)
        self.assertIn(lapsed.name, text)
        self.assertLess(text.index(self.contract.name), text.index(lapsed.name))
        for hidden in (draft, self.other_contract):
            self.assertNotIn(hidden.name, text)
        links = page.xpath("//main//a/@href")
        self.assertIn(self.contract.access_url, links)
        self.assertEqual(len(page.xpath("//h1")), 1)
        self.assertEqual(page.xpath("//html/@lang"), ["en-US"])

    def test_things_to_do(self):
        """of each kind, for who may do it"""
        person = self.portal_user.partner_id
        offered = self._create_phone_contract(
            self.customer,
            activate=False,
            signatory_id=person.id,
            signature_required=True,
        )
        offered.action_mark_offered()
        self.contract.date_end = self._day("2026-04-10")
        ticket = self._create_ticket(person, support_contract_id=self.contract.id)
        ticket.with_user(self.technician)._support_ask_file("The backup")
        loose = self._create_ticket(person)
        loose.support_contract_id = False
        loose.with_user(self.technician)._support_ask_file("The log")
        work = self._log_work(ticket, 30, "2026-02-27", mode=self.on_site)
        expected = {
            f"Sign contract {offered.name}.",
            f"Ticket {ticket.number}: send us the file that we need",
            f"Ticket {loose.number}: send us the file that we need",
            f"Sign what was done: {work.name}",
            f"Renew {self.contract.name}: it ends on",
        }
        text = self._text(self._page(URL))
        for todo in expected:
            self.assertIn(todo, text)
        # a colleague sees what everybody of the customer may do
        self._login(self.colleague)
        text = self._text(self._page(URL))
        self.assertIn(f"Ticket {ticket.number}: send us the file", text)
        self.assertIn(f"Sign what was done: {work.name}", text)
        self.assertNotIn("Sign contract", text)
        self.assertNotIn("Renew ", text)
        self._login(self.other_portal_user)
        text = self._text(self._page(URL))
        for todo in expected:
            self.assertNotIn(todo, text)

    def _promise_and_plan(self):
        """A ticket with a promise and an appointment."""
        policy = self.env["support.sla.policy"].create(
            {
                "name": "Promise",
                "company_id": self.company.id,
                "target_ids": [Command.create({"kind": "response", "minutes": 60})],
            }
        )
        contract_type = self._create_time_type(sla_policy_id=policy.id, rank=1)
        contract = self._create_phone_contract(self.customer, type_id=contract_type.id)
        ticket = self._create_ticket(
            self.portal_user.partner_id,
            support_contract_id=contract.id,
            channel_id=self.channel.id,
        )
        day = self._day("2026-03-12")
        self.env["support.intervention"].create(
            {
                "name": "Set up the till",
                "ticket_id": ticket.id,
                "user_id": self.technician.id,
                "state": "planned",
                "work_mode_id": self.on_site.id,
                "planned_start": self._at(day, 10),
                "planned_end": self._at(day, 11),
            }
        )
        return ticket

    def test_promises_and_appointments(self):
        ticket = self._promise_and_plan()
        page = self._page(URL)
        text = self._text(page)
        [clock] = ticket.sudo().support_clock_ids
        self.assertIn(self._plain(clock._get_promise()), text)
        self.assertIn("Thursday 12 March, 10:00 AM", text)
        self.assertIn(self.technician.name, text)
        self.assertIn(f"/my/ticket/{ticket.id}", page.xpath("//main//a/@href"))
        self._login(self.other_portal_user)
        text = self._text(self._page(URL))
        self.assertNotIn(ticket.number, text)
        self.assertNotIn(self.technician.name, text)

    def test_another_company_of_the_vendor(self):
        """what a company promises is told to the users of that company"""
        ticket = self._promise_and_plan()
        other = self.setup_independent_company(name="Other vendor")
        self.portal_user.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        text = self._text(self._page(URL))
        self.assertNotIn(ticket.number, text)
        self.assertNotIn(self.technician.name, text)

    def test_todos_of_two_companies(self):
        """those of the contracts that are asked about, whoever asks; without a contract
        those of the reader's companies"""
        ticket = self._promise_and_plan()
        loose = self._create_ticket(self.portal_user.partner_id)
        loose.support_contract_id = False
        for one in (ticket, loose):
            one.with_user(self.technician)._support_ask_file("The log")
        other = self.setup_independent_company(name="Other vendor")
        contracts = ticket.support_contract_id

        def files(user):
            self.env.invalidate_all()
            found = contracts.with_user(user).sudo()
            todos = found._get_portal_todos(self.portal_user.partner_id)
            return [
                [todo["kind"] for todo in todos.get(key, [])].count("file")
                for key in (contracts.id, False)
            ]

        stranger = self._create_user("stranger", "base.group_user")
        stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        self.assertEqual(files(self.portal_user), [1, 1])
        self.assertEqual(files(stranger), [1, 0])
        self.portal_user.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        self.assertEqual(files(self.portal_user), [1, 0])
        contracts = self._create_phone_contract(self.customer)
        self.assertEqual(files(stranger), [0, 0])

    def _plain(self, text):
        text = " ".join(text.split())
        return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\xa0", " ")

    def test_login_is_needed(self):
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open(URL).url)

    def test_queries(self):
        """the same number with ten contracts and after years"""
        self._promise_and_plan()
        ticket = self._create_ticket(
            self.portal_user.partner_id, support_contract_id=self.contract.id
        )
        ticket.with_user(self.technician)._support_ask_file("The log")
        few = self._count_queries(URL)
        for _turn in range(8):
            self._create_phone_contract(self.customer)
        self._make_history(1000, 1000)
        for _turn in range(8):
            other = ticket.copy({"number": False})
            other.with_user(self.technician)._support_ask_file("The log")
        many = self._count_queries(URL)
        self.assertEqual(len(self._page(URL).xpath("//*[@role='progressbar']")), 10)
        self.assertLessEqual(many, few)
        self.assertLessEqual(many, 25)
