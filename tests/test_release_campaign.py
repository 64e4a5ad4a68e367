# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""S5, service contract: "Installing new versions. We take care that you always have
the current version of the program. We call, make an appointment and install the new
version. We also train in the changes of the new versions.\" """

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SupportCommon
from .common_release import ReleaseCommon


class CampaignCommon(ReleaseCommon):
    @classmethod
    def _set_up_vendor(cls):
        result = super()._set_up_vendor()
        cls.env["res.partner"].search(
            [("id", "=", cls.customer.id)]
        ).email = "alpha@example.com"
        return result

    def _refused(self, text):
        return SupportCommon._assert_refused(self, text)

    def _plan_campaign(self, release, start=True, **vals):
        campaign = (
            self.env["support.release.campaign"]
            .with_user(self.helpdesk_manager)
            .create(
                {
                    "release_id": release.id,
                    "technician_id": self.technician.id,
                    "call_mode_id": self.modes["phone"].id,
                    "install_mode_id": self.modes["remote"].id,
                    "training_mode_id": self.modes["remote"].id,
                    **vals,
                }
            )
        )
        if start:
            campaign.action_start()
            campaign.line_ids.sudo()._open()
        return campaign.with_env(self.env)

    def _do(self, work, minutes=60):
        """The technician does the work, which ends now."""
        now = fields.Datetime.now()
        work = work.with_user(self.technician)
        work.write({"start": now - timedelta(minutes=minutes), "end": now})
        work.action_done()
        self.env.flush_all()
        self.env.invalidate_all()

    def _counts(self, campaign):
        campaign.invalidate_recordset()
        return (
            campaign.to_call_count,
            campaign.appointed_count,
            campaign.installed_count,
            campaign.trained_count,
            round(campaign.progress),
        )


@tagged("post_install", "-at_install")
class TestCampaign(CampaignCommon):
    def test_we_call_appoint_install_and_train(self):
        with self._at("2026-01-12"):
            contract = self._sell("sla_monthly")
            installation = self._create_installation(contract=contract)
            release = self._create_release("2.0")
            mails = self._tell(release)
            self.assertIn("We call you to arrange", mails.body_html)
            campaign = self._plan_campaign(release)
            line = campaign.line_ids
            self.assertEqual(line.installation_id, installation)
            self.assertEqual(line.state, "to_call")
            self.assertEqual(self._counts(campaign), (1, 0, 0, 0, 0))
            ticket = line.ticket_id
            self._assert_covered(ticket, contract, "this request type is free")
            self.assertEqual(ticket.support_installation_id, installation)
            self.assertEqual(
                ticket.category_id,
                self.env.ref("support_contract.category_installation"),
            )
            self.assertEqual(ticket.user_id, self.technician)
        with self._at("2026-01-13"):
            self._do(line.call_id, 15)
            self.assertEqual(line.state, "called")
            start = self._moment("2026-01-15", fields.Datetime.now().time())
            line.install_id.with_user(self.technician)._plan(
                self.technician, start, start + timedelta(hours=1)
            )
            self.env.flush_all()
            self.assertEqual(line.state, "appointed")
            self.assertTrue(line.install_id.event_id)
            self.assertFalse(line.install_id.held)
            self.assertEqual(self._counts(campaign), (0, 1, 0, 0, 0))
        with self._at("2026-01-15", hour=12):
            self._do(line.install_id)
            self.assertEqual(line.state, "installed")
            self.assertEqual(installation.version, "2.0")
            self.assertEqual(self._counts(campaign), (0, 0, 1, 0, 0))
        with self._at("2026-01-16"):
            self._do(line.training_id)
            self.assertEqual(line.state, "trained")
            self.assertEqual(self._counts(campaign), (0, 0, 0, 1, 100))
            # at no charge: nothing drawn, nothing charged
            works = ticket.support_intervention_ids
            self.assertEqual(set(works.mapped("treatment")), {"free"})
            self.assertFalse(works.entry_ids)
            self.assertFalse(works.charge_ids.filtered("amount"))
            self.assertEqual(self._balance(contract), "5:00 h")
            campaign.with_user(self.manager).action_done()
        self._assert_sound()

    def test_nobody_waits_for_an_answer(self):
        """we opened the ticket: no reaction within 24 hours is promised, and it does
        not stand before those who ask for help"""
        with self._at("2026-01-12"):
            contract = self._sell("sla_monthly")
            self._create_installation(contract=contract)
            campaign = self._plan_campaign(self._create_release(), technician_id=False)
            ticket = campaign.line_ids.ticket_id
            self.assertFalse(ticket.support_clock_ids)
            asked = self._ask(user_id=False)
            self.assertTrue(asked.support_clock_ids)
            tickets = self.env["helpdesk.ticket"]
            queue = tickets.search(tickets._support_get_queue_domain())
            self.assertIn(asked, queue)
            self.assertNotIn(ticket, queue)
            # nor when its team changes
            ticket.team_id = self.env["helpdesk.ticket.team"].create(
                {"name": "Team", "company_id": self.company.id}
            )
            self.assertFalse(ticket.support_clock_ids)

    def test_only_entitled_installations(self):
        with self._at("2026-01-12"):
            contract = self._sell("sla_monthly")
            mine = self._create_installation(contract=contract)
            plafond = self._sell("plafond", partner=self.other_customer)
            suspended = self._sell("sla_monthly", partner=self.other_customer)
            self._create_installation(self.other_customer, plafond)
            self._create_installation(self.other_customer, sale_date="2026-01-01")
            self._create_installation(self.other_customer)
            later = self._create_installation(self.other_customer, suspended)
            suspended.with_user(self.manager)._change_state(
                "suspended", self._day("2026-01-12"), "unpaid"
            )
            campaign = self._plan_campaign(self._create_release())
            self.assertEqual(campaign.line_ids.installation_id, mine)
            # found when it is entitled again, and then once
            suspended.with_user(self.manager).action_resume()
            for _ in range(2):
                campaign.with_user(self.manager).action_find_installations()
            self.assertEqual(campaign.line_ids.installation_id, mine | later)

    def test_skipped_with_the_reason(self):
        with self._at("2026-01-12"):
            contract = self._sell("sla_monthly")
            current = self._create_installation(contract=contract, version="2.0")
            paid = self._sell("sla_monthly", partner=self.other_customer)
            request = paid.request_ids.filtered(
                lambda line: line.category_id
                == self.env.ref("support_contract.category_installation")
            )
            request.sudo()._write({"treatment": "drawn"})
            request.invalidate_recordset()
            charged = self._create_installation(self.other_customer, paid)
            campaign = self._plan_campaign(self._create_release("2.0"), start=False)
            campaign.with_user(self.manager).action_start()
            lost = self._create_installation(
                contract=self._sell("sla_monthly"), name="Lost"
            )
            campaign.with_user(self.manager).action_find_installations()
            lost.contract_id = False
            campaign.line_ids._open()
        lines = {line.installation_id: line for line in campaign.line_ids}
        self.assertEqual(set(campaign.line_ids.mapped("state")), {"skipped"})
        self.assertIn("this version already", lines[current].skip_reason)
        self.assertIn("Phone would not be free", lines[charged].skip_reason)
        self.assertIn("can be used", lines[charged].skip_reason)
        self.assertIn("No contract covers it", lines[lost].skip_reason)
        self.assertFalse(campaign.line_ids.ticket_id)
        self.assertEqual(campaign.skipped_count, 3)
        self.assertEqual(self._counts(campaign), (0, 0, 0, 0, 0))

    def test_once(self):
        """a job that runs again makes nothing, and an installation is there once"""
        with self._at("2026-01-12"):
            contract = self._sell("sla_monthly")
            self._create_installation(contract=contract)
            campaign = self._plan_campaign(self._create_release())
            ticket = campaign.line_ids.ticket_id
            campaign.line_ids._open()
            self.assertEqual(campaign.line_ids.ticket_id, ticket)
            self.assertEqual(len(ticket.support_intervention_ids), 3)
            with self._refused("once in a campaign"):
                campaign.line_ids.copy()
            with self._refused("is running"):
                campaign.with_user(self.manager).action_start()

    def test_without_training(self):
        with self._at("2026-01-12"):
            contract = self._sell("sla_monthly")
            self._create_installation(contract=contract)
            campaign = self._plan_campaign(self._create_release(), with_training=False)
            line = campaign.line_ids
            self.assertFalse(line.training_id)
            self._do(line.install_id)
            self.assertEqual((line.state, line.finished), ("installed", True))
            self.assertEqual(self._counts(campaign), (0, 0, 1, 0, 100))

    def test_training_that_is_not_wanted(self):
        with self._at("2026-01-12"):
            contract = self._sell("sla_monthly")
            self._create_installation(contract=contract)
            line = self._plan_campaign(self._create_release()).line_ids
            self._do(line.install_id)
            self.assertFalse(line.finished)
            line.training_id.with_user(self.technician)._cancel("not wanted")
            self.env.flush_all()
            self.assertEqual((line.state, line.finished), ("installed", True))

    def test_the_customer_declines(self):
        with self._at("2026-01-12"):
            contract = self._sell("sla_monthly")
            self._create_installation(contract=contract)
            campaign = self._plan_campaign(self._create_release())
            line = campaign.line_ids
            line.install_id.with_user(self.technician)._cancel("does not want it")
            self.env.flush_all()
            self.assertEqual(line.state, "cancelled")
            self.assertEqual(self._counts(campaign), (0, 0, 0, 0, 0))

    def test_cancelling_cancels_what_has_not_begun(self):
        with self._at("2026-01-12"):
            installations = self.env["support.installation"]
            for _ in range(4):
                installations |= self._create_installation(
                    contract=self._sell("sla_monthly")
                )
            campaign = self._plan_campaign(self._create_release(), start=False)
            campaign.with_user(self.manager).action_start()
            lines = campaign.line_ids.sorted("id")
            untouched, called, installed, queued = lines
            (lines - queued)._open()
            self._do(called.call_id, 15)
            start = self._moment("2026-01-15", fields.Datetime.now().time())
            called.install_id.with_user(self.technician)._plan(
                self.technician, start, start + timedelta(hours=1)
            )
            self._do(installed.install_id)
            about_tickets = [("model", "=", "helpdesk.ticket")]
            mails = self.env["mail.mail"].sudo().search_count(about_tickets)
            campaign.with_user(self.manager).action_cancel()
            lines._cancel_open()
            self.env.flush_all()
            self.assertEqual(
                [line.state for line in lines],
                ["cancelled", "cancelled", "installed", "cancelled"],
            )
            self.assertFalse(called.install_id.event_id)
            self.assertEqual(called.call_id.state, "done")
            self.assertTrue(untouched.ticket_id.closed and called.ticket_id.closed)
            self.assertFalse(installed.ticket_id.closed)
            self.assertEqual(installed.training_id.state, "requested")
            self.assertFalse(queued.ticket_id)
            # no mail about a ticket that the customer never asked for
            self.assertEqual(
                self.env["mail.mail"].sudo().search_count(about_tickets), mails
            )
            lines._open()
            self.assertFalse(queued.ticket_id)

    def test_jobs(self):
        """the job opens what was started and cancels what was cancelled"""
        with self._at("2026-01-12"):
            for _ in range(3):
                self._create_installation(contract=self._sell("sla_monthly"))
            campaign = self._plan_campaign(self._create_release(), start=False)
            cron = self.env.ref("support_contract.ir_cron_release_campaigns")
            for action, states in [
                ("action_start", {"to_call"}),
                ("action_cancel", {"cancelled"}),
            ]:
                getattr(campaign.with_user(self.manager), action)()
                with self.enter_registry_test_mode():
                    cron.method_direct_trigger()
                self.env.invalidate_all()
                self.assertEqual(set(campaign.line_ids.mapped("state")), states)
            self.assertFalse(any(campaign.line_ids.mapped("job_error")))

    def test_who_may(self):
        with self._at("2026-01-12"):
            release = self._create_release()
            campaign = self._plan_campaign(release, start=False)
            for user in (self.technician, self.contract_user):
                own = campaign.with_user(user)
                own.read(["state", "progress"])
                for action in ("action_start", "action_cancel"):
                    with self._refused("Only a contract manager"):
                        getattr(own, action)()
                with self.assertRaises(AccessError):
                    own.write({"note": "x"})
            manager = campaign.with_user(self.manager)
            with self._refused("by its buttons"):
                manager.state = "done"
            with self._refused("by its buttons"):
                manager.copy({"state": "running"})
            draft = self._create_release("9.0", publish=False)
            other = self._plan_campaign(draft, start=False)
            with self._refused("is not published"):
                other.with_user(self.manager).action_start()
            with self._refused("cannot end before"):
                manager.date_to = "2020-01-01"
            manager.action_start()
            with self._refused("not possible any more"):
                manager.with_training = False
            with self._refused("not possible any more"):
                manager.unlink()
            line = self.env["support.release.campaign.line"].with_user(self.manager)
            with self.assertRaises(AccessError):
                line.create({"campaign_id": campaign.id})
            ticket = self._ask()
            for values in ({"support_release_id": release.id},):
                with self._refused("by the campaign alone"):
                    ticket.with_user(self.manager).write(values)

    def test_a_time_outside_the_campaign_warns(self):
        with self._at("2026-01-12"):
            self._create_installation(contract=self._sell("sla_monthly"))
            campaign = self._plan_campaign(
                self._create_release(), date_from="2026-01-12", date_to="2026-01-31"
            )
            work = campaign.line_ids.install_id.with_user(self.technician)
            for day, warned in [("2026-01-30", False), ("2026-02-02", True)]:
                start = self._moment(day, fields.Datetime.now().time())
                work._plan(self.technician, start, start + timedelta(hours=1))
                work.invalidate_recordset()
                self.assertEqual(
                    "The campaign runs" in (work.plan_warning or ""), warned
                )

    def test_opening_costs_the_same_for_each(self):
        """the queries of a batch grow with its tickets, not faster"""
        with self._at("2026-01-12"):
            for _ in range(18):
                self._create_installation(contract=self._sell("sla_monthly"))
            campaign = self._plan_campaign(self._create_release(), start=False)
            campaign.with_user(self.manager).action_start()
            lines = campaign.line_ids
            counts = []
            for part in (lines[:3], lines[3:6], lines[6:18]):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                part._open()
                self.env.flush_all()
                counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(set(lines.mapped("state")), {"to_call"})
            self.assertLessEqual(counts[2], 4 * counts[1])


@tagged("post_install", "-at_install")
class TestVersions(CampaignCommon):
    """The version of the installation follows the work that installs."""

    def setUp(self):
        super().setUp()
        with self._at("2026-01-12"):
            self.contract = self._sell("sla_monthly")
            self.installation = self._create_installation(contract=self.contract)
            self.releases = {
                version: self._create_release(version) for version in ("2.0", "3.0")
            }
            self.ticket = self._ask(
                category="installation", support_installation_id=self.installation.id
            )

    def _install(self, version, day):
        with self._at(day):
            work = (
                self.env["support.intervention"]
                .with_user(self.technician)
                .create(
                    {
                        "name": f"Installed {version}",
                        "ticket_id": self.ticket.id,
                        "start": self._moment(day, fields.Datetime.now().time())
                        - timedelta(hours=2),
                        "end": fields.Datetime.now() - timedelta(hours=1),
                        "release_id": self.releases[version].id,
                    }
                )
            )
        return work

    def _version(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.installation.version

    def test_done_and_undone(self):
        work = self._install("2.0", "2026-01-13")
        self.assertEqual(self._version(), "1.0")
        with self._at("2026-01-13"):
            work.action_done()
            self.assertEqual(self._version(), "2.0")
            notes = self.installation.message_ids.mapped("body")
            self.assertTrue(any("Ledger 2.0 installed" in note for note in notes))
            with self._refused("undo it first"):
                work.release_id = self.releases["3.0"]
            work._undo("wrong customer")
            self.assertEqual(self._version(), "1.0")
            work.action_done()
            self.assertEqual(self._version(), "2.0")

    def test_undone_after_later_work(self):
        first = self._install("2.0", "2026-01-13")
        second = self._install("3.0", "2026-01-14")
        with self._at("2026-01-20"):
            first.action_done()
            second.action_done()
            first._undo("was not really done")
            self.assertEqual(self._version(), "3.0")
            second._undo("neither was this")
            self.assertEqual(self._version(), "1.0")

    def test_logged_late(self):
        first = self._install("2.0", "2026-01-13")
        second = self._install("3.0", "2026-01-14")
        with self._at("2026-01-20"):
            second.action_done()
            first.action_done()
            self.assertEqual(self._version(), "3.0")
            second._undo("came back to the old one")
            self.assertEqual(self._version(), "2.0")
            first._undo("too")
            self.assertEqual(self._version(), "1.0")

    def test_changed_by_hand_in_between(self):
        work = self._install("2.0", "2026-01-13")
        with self._at("2026-01-20"):
            work.action_done()
            self.installation.version = "2.0.1"
            work._undo("wrong")
            self.assertEqual(self._version(), "2.0.1")

    def test_release_of_a_module(self):
        """its version is not the installation's"""
        self.installation.module_ids = self.module
        release = self._create_release(
            "7.0", product_tmpl_id=self.module.product_tmpl_id.id
        )
        self.releases["7.0"] = release
        work = self._install("7.0", "2026-01-13")
        with self._at("2026-01-20"):
            work.action_done()
            self.assertEqual(self._version(), "1.0")
            work._undo("wrong")
            self.assertEqual(self._version(), "1.0")

    def test_release_of_other_software(self):
        self.releases["till"] = self._create_release(
            "1.1", product_tmpl_id=self.other_software.product_tmpl_id.id
        )
        with self._refused("other software"):
            self._install("till", "2026-01-13")

    def test_nobody_writes_the_version_before(self):
        work = self._install("2.0", "2026-01-13")
        with self.assertRaises(UserError):
            work.with_user(self.manager).version_before = "0.1"
