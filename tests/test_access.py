# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who may do what and see what, written by hand and compared with the truth."""

import inspect
from datetime import date

from odoo import Command, api
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw, get_public_method
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.support_contract.tools.moment import Moment

from .common import SupportCommon

GROUPS = {
    "public": "base.group_public",
    "portal": "base.group_portal",
    "employee": "base.group_user",
    "technician": "helpdesk_mgmt.group_helpdesk_user_own",
    "user": "support_contract.group_support_user",
    "manager": "support_contract.group_support_manager",
}

READ, ALL, FORM = "r", "rwcd", "rwc"
CATALOGUE = {"technician": READ, "user": READ, "manager": ALL}
LINES = {"technician": READ, "user": ALL, "manager": ALL}
BOOKS = {"technician": READ, "user": READ, "manager": READ}

#: model: group: read, write, create, delete; a group has what those it implies have
RIGHTS = {
    "support.work.mode": {"portal": READ, "employee": READ, "manager": ALL},
    "support.contract.type": CATALOGUE,
    "support.contract.type.allotment": CATALOGUE,
    "support.contract.type.request": CATALOGUE,
    "support.contract.type.work.mode": CATALOGUE,
    "support.contract.type.threshold": CATALOGUE,
    "support.contract.type.notice": CATALOGUE,
    "support.contract.type.reinstatement": CATALOGUE,
    "support.contract.type.coverage": CATALOGUE,
    "support.sla.policy": LINES,
    "support.sla.target": LINES,
    "support.sla.stage": LINES,
    "support.sla.clock": BOOKS,
    "support.sla.event": BOOKS,
    "support.contract": {"portal": READ, **LINES},
    "support.contract.allotment": {"portal": READ, **LINES},
    "support.contract.request": LINES,
    "support.contract.work.mode": LINES,
    "support.contract.threshold": LINES,
    "support.contract.notice": LINES,
    "support.contract.reinstatement": LINES,
    "support.reinstatement": BOOKS,
    "support.contract.reinstate": {"user": FORM},
    "support.renewal.notice": BOOKS,
    "support.contract.renew": {"user": FORM},
    "support.contract.decline": {"manager": FORM},
    "support.contract.coverage": LINES,
    "support.contract.term": {"portal": READ, **BOOKS},
    "support.contract.status": BOOKS,
    "support.contract.change": {"user": READ, "manager": READ},
    "support.contract.takeover": {"manager": ALL},
    "support.contract.migration": {"user": READ, "manager": ALL},
    "support.contract.migration.line": {"user": READ, "manager": ALL},
    "support.contract.type.withdraw": {"manager": FORM},
    "support.installation": LINES,
    "support.release": {"technician": READ, "manager": ALL},
    "support.release.file": {"technician": READ, "manager": ALL},
    "support.release.notice": {"technician": READ},
    "support.release.download": {"user": READ},
    "support.release.campaign": {"technician": READ, "manager": ALL},
    "support.release.campaign.line": {"technician": READ},
    "support.installation.contract": {"user": FORM},
    "support.installation.report": {"user": READ},
    "support.installation.takeover": {"manager": ALL},
    "support.warranty.offer": {"user": READ, "manager": READ},
    "support.warranty.offer.line": {"user": READ, "manager": READ},
    "support.warranty.policy": CATALOGUE,
    "support.churn.reason": CATALOGUE,
    "support.conditions": CATALOGUE,
    "support.activation.count": BOOKS,
    "support.activation.decision": BOOKS,
    "support.activation.import": {"user": FORM},
    "support.activation.import.line": {"user": READ},
    "support.activation.review": {"user": FORM},
    "support.contract.count": {"user": FORM},
    "support.charge": {"user": READ, "manager": READ},
    "support.charge.invoice": {"manager": ALL},
    "support.charge.invoice.line": {"manager": ALL},
    "support.ledger": {"portal": READ, **BOOKS},
    "support.ledger.entry": {"portal": READ, **BOOKS},
    "support.ledger.reservation": BOOKS,
    "support.ledger.report": {"user": READ, "manager": READ},
    "support.profitability.report": {"user": READ},
    "support.recurring.revenue.report": {"user": READ},
    "support.renewal.quote": {"user": FORM},
    "support.renewal.quote.line": {"user": READ},
    "support.renewal.rate.report": {"user": READ},
    "support.renewal.report": {"user": READ},
    "support.topup": {"user": READ, "manager": READ},
    "support.contract.topup": {"user": FORM},
    "support.service.report": {"user": READ, "manager": READ},
    "support.sla.report": {"user": READ, "manager": READ},
    "support.intervention": {
        "portal": READ,
        "technician": ALL,
        "user": ALL,
        "manager": ALL,
    },
    "support.intervention.part": BOOKS,
    "support.intervention.material": {
        "technician": ALL,
        "user": ALL,
        "manager": ALL,
    },
    "support.price.acceptance": BOOKS,
    "support.ticket.price": {"technician": FORM},
    "support.document": {"portal": READ, "user": READ},
    "support.portal.form": {},
    "support.file.request": {
        "portal": READ,
        "technician": READ,
        "user": READ,
        "manager": READ,
    },
    "support.contract.service.report": {"user": FORM},
    "support.contract.code": {"user": READ, "manager": READ},
    "support.code.guard": {"manager": READ},
    "support.code.refusal": {"manager": READ},
    "support.call": {"technician": READ},
    "support.callback": {"portal": READ, "technician": "rwc"},
    "support.callback.attempt": {"technician": READ},
    "support.callback.cancel": {"technician": FORM},
    "support.callback.reached": {"technician": FORM},
    "support.contract.sign": {"manager": FORM},
    "support.contract.signature": {"user": READ},
    "support.contract.paper.return": {"manager": FORM},
    "support.contract.state.change": {"manager": FORM},
    "support.contract.change.terms": {"manager": FORM},
    "support.contract.change.terms.line": {"manager": ALL},
    "support.holiday.load": {"manager": FORM},
    "support.holiday.load.line": {"manager": ALL},
    "support.intervention.cancel": {"technician": FORM},
    "support.intervention.plan": {"technician": FORM},
    "support.intervention.plan.slot": {"technician": ALL},
    "support.intervention.request": {"technician": FORM},
    "support.intervention.sign": {"technician": FORM},
    "support.intervention.undo": {"technician": FORM},
    "support.ledger.correct": {"manager": FORM},
    "support.ledger.statement": {"technician": FORM},
    "support.ticket.cover": {"technician": FORM},
    "support.ticket.file.request": {"technician": FORM},
    "support.ticket.reject": {"technician": FORM},
    "support.ticket.split": {"technician": FORM},
    "support.week.plan": {"technician": READ},
    "support.week.plan.print": {"technician": FORM},
    "support.type.comparison": {"user": FORM},
    "support.type.comparison.line": {"user": READ},
    "support.type.comparison.cost": {"user": READ},
    "support.unused.value": {"user": FORM},
    "support.unused.value.line": {"user": READ},
}

#: what a portal user can read by RPC of the records that the rules show
PORTAL_FIELDS = {
    "support.work.mode": """
        active company_id minimum_minutes name on_site product_id sequence
        step_minutes
    """,
    "support.contract": """
        access_token access_url access_warning activation_count active allotment_ids
        allows_on_call callback_out_of_hours caller_ids cancellation_days
        compare_activations grace_cover grace_days includes_updates installs_updates
        lapse_bars reinstatement_start renewal
        change_ids commercial_partner_id company_id coverage_ids currency_id
        customer_reference date_end fee_index fee_index_amount fee_index_percent
        fee_pays_help
        date_start day_off_surcharge entry_count fee_amount fee_basis fee_period
        fee_prorated fee_timing fee_total fee_while_suspended
        fee_work_mode_ids
        first_term_months gate_minutes has_packages hours_prorated intervention_count
        later_term_months ledger_ids name notice_hours orderer_ids other_requests
        outside_surcharge overage overdue_days overdue_notice_days package_id
        partner_id portal_booking portal_change_hours product_id
        refund_on_end reopen_free_days request_ids signatory_id
        signature_required signed_by signed_on state status_ids surcharge_on_time
        term_ids terminated_on
        threshold_ids ticket_count ticket_ids travel_charge travel_percent type_id
        user_id work_mode_terms_ids
    """,
    "support.callback": """
        caller_name commercial_partner_id company_id contract_id deadline due_from
        number out_of_hours partner_id state ticket_id topic wanted_from wanted_until
    """,
    "support.contract.allotment": """
        contract_id currency_id end_days end_policy ledger_id next_cut_day
        next_grant_day quantity recurrence rollover rollover_periods rollover_quantity
        sequence unit validity_months work_mode_ids
    """,
    "support.contract.term": "contract_id first_day last_day number",
    "support.ledger": """
        balance commercial_partner_id company_id contract_id contract_state currency_id
        entry_ids granted next_expiry reserved scope unit usable work_mode_ids
    """,
    "support.ledger.entry": """
        allotment_id contract_id currency_id day description first_day intervention_id
        kind last_day ledger_id lot_id quantity remaining reversal_ids reversal_of_id
        ticket_id unit
    """,
    "support.document": """
        commercial_partner_id company_id contract_id kind lang name state
    """,
    "support.file.request": """
        answered_by answered_on asked_on attachment_ids commercial_partner_id
        company_id due_day state text ticket_id
    """,
    "support.intervention": """
        billable_by_hand billable_minutes commercial_partner_id company_id contract_id
        cover currency_id day description drawn end entry_ids manual_minutes name
        on_site overage_minutes partner_id raw_minutes start state ticket_id
        travel_minutes treatment user_id work_mode_id
        cover currency_id day description drawn end entry_ids estimate_minutes
        manual_minutes name overage_minutes partner_id planned_end planned_start
        raw_minutes requested_on start state ticket_id treatment user_id work_mode_id
        overage_minutes partner_id raw_minutes signed_by signed_on signed_partner_id
        signed_remark start state ticket_id treatment user_id work_mode_id
    """,
}
#: records that may belong to no company, where it is not a field of their own
SHARED = {
    "support.contract.type.allotment": "type_id.company_id",
    "support.contract.type.coverage": "type_id.company_id",
    "support.contract.type.request": "type_id.company_id",
    "support.contract.type.work.mode": "type_id.company_id",
    "support.contract.type.threshold": "type_id.company_id",
    "support.contract.type.notice": "type_id.company_id",
    "support.contract.type.reinstatement": "type_id.company_id",
    "support.sla.target": "policy_id.company_id",
    "support.sla.stage": "target_id.policy_id.company_id",
}
SYSTEM_FIELDS = {
    # of every conversation in Odoo
    "activity_type_icon",
    "has_message",
    "message_has_error",
    "message_has_error_counter",
    "message_has_sms_error",
    "message_ids",
    "message_is_follower",
    "message_needaction",
    "message_needaction_counter",
    "website_message_ids",
    # of every record
    "id",
    "display_name",
    "create_date",
    "create_uid",
    "write_date",
    "write_uid",
}

#: fields of this addon that a portal user can read on records of other addons
PORTAL_FIELDS_OF_OTHERS = {
    "helpdesk.ticket": """
        support_contract_id support_cover support_deadline support_entry_ids
        support_intervention_ids support_minutes support_opened_on support_phone
        support_promise
        support_rejected
        support_rejection_reason support_responded_on support_treatment
        support_file_request_ids support_intervention_ids support_minutes support_phone
        support_rejected support_rejection_reason support_responded_on support_treatment
        support_work_mode_id
    """,
    "res.partner": "",
}

#: everything of this addon's models that a remote caller may call by name
PUBLIC_METHODS = {
    "support.contract": """
        action_accept_paper action_open_signed_copy action_return_paper
        action_send_sign_link
        action_activate action_cancel_reinstatement action_change_terms
        action_compare_types action_decline_renewal action_draft action_enter_count
        action_invoice action_mark_offered action_offer action_print_offer
        action_propose_development action_quote_renewals action_record_signature
        action_reinstate action_renew action_renew_support_code action_reopen_renewal
        action_restart_auto_topup action_resume action_review_activations
        action_activate action_change_terms action_draft action_invoice
        action_cancel_reinstatement action_offer_successor action_reinstate
        action_decline_renewal action_renew action_reopen_renewal
        action_mark_offered action_offer action_print_offer action_record_signature
        action_renew_support_code action_restart_auto_topup action_resume
        action_sell_topup action_show_support_code action_suspend action_terminate
        action_view_charges action_view_counts action_view_entries
        action_view_installations action_view_interventions action_view_profitability
        action_view_proposals action_view_tickets action_view_topups
    """,
    "support.release": """
        action_draft action_publish action_view_campaigns action_view_downloads
        action_view_notices action_withdraw
    """,
    "support.release.file": "action_download",
    "support.release.campaign": """
        action_cancel action_done action_find_installations action_start
        action_view_lines
    """,
    "support.release.campaign.line": "action_view_ticket",
    "support.charge": "action_invoice",
    "support.charge.invoice": "action_invoice",
    "support.topup": "action_view_document",
    "support.contract.topup": "action_confirm",
    "support.conditions": "action_new_version action_publish action_withdraw",
    "support.document": "action_retry",
    "support.contract.code": "action_renew",
    "support.contract.paper.return": "action_confirm",
    "support.contract.count": "action_confirm",
    "support.activation.count": "count_activations",
    "support.activation.import": """
        action_back action_download_refused action_download_template action_import
        action_preview action_review
    """,
    "support.activation.review": "action_confirm",
    "support.code.refusal": "action_lift_lock",
    "support.call": """
        desk_add_to_ticket desk_find_code desk_find_phone desk_finish desk_identify
        desk_open desk_open_ticket desk_search desk_state
    """,
    "support.callback": """
        action_busy action_cancel action_no_answer action_reached action_release
        action_take action_view_ticket action_voicemail
    """,
    "support.callback.cancel": "action_confirm",
    "support.callback.reached": "action_confirm",
    "support.contract.type": """
        action_offer_successor action_sell_again action_view_contracts
        action_view_to_move action_withdraw
    """,
    "support.contract.type.withdraw": "action_confirm",
    "support.contract.migration": "action_offer action_view_lines",
    "support.sla.policy": "action_view_contracts",
    "support.contract.takeover": "action_take_over",
    "support.installation": """
        action_make_offer action_view_contract action_view_interventions
        action_view_releases action_view_tickets
    """,
    "support.installation.contract": "action_confirm",
    "support.installation.takeover": "action_take_over",
    "support.contract.change": "action_take_back",
    "support.contract.sign": "action_confirm",
    "support.contract.decline": "action_confirm",
    "support.contract.renew": "action_change_type action_quote action_renew",
    "support.contract.reinstate": "action_charge action_quote action_reinstate",
    "support.reinstatement": "action_cancel",
    "support.contract.state.change": "action_confirm",
    "support.recurring.revenue.report": "action_view_contract",
    "support.renewal.quote": "action_quote action_view_orders",
    "support.renewal.rate.report": "action_view_contract",
    "support.renewal.report": """
        action_decline_renewal action_quote_renewals action_renew
        action_view_contract
    """,
    "support.contract.change.terms": "action_confirm",
    "support.file.request": "action_cancel",
    "support.holiday.load": "action_load",
    "support.price.acceptance": "action_decline",
    "support.ticket.price": "action_confirm",
    "support.intervention": """
        action_cancel action_done action_get_signature action_open_sheet
        action_plan action_print_sheet action_start action_stop action_undo
        action_view_event
    """,
    "support.intervention.cancel": "action_confirm",
    "support.intervention.plan": "action_confirm",
    "support.intervention.plan.slot": "action_choose",
    "support.intervention.request": "action_confirm action_plan",
    "support.intervention.undo": "action_confirm",
    "support.ledger": "action_view_entries",
    "support.ledger.entry": "action_reverse",
    "support.ledger.correct": "action_confirm",
    "support.ledger.statement": "action_download",
    "support.contract.service.report": "action_print action_send",
    "support.service.report": "action_open action_print",
    "support.sla.report": "action_view_ticket",
    "support.ticket.cover": "action_confirm",
    "support.ticket.file.request": "action_confirm",
    "support.ticket.reject": "action_confirm",
    "support.ticket.split": "action_confirm",
    "support.week.plan": "action_print",
    "support.week.plan.print": "action_print",
    "support.type.comparison": "action_compare action_view_chart",
    "support.type.comparison.line": "action_make_offer",
    "support.unused.value": "action_show",
    "helpdesk.ticket": """
        action_support_accept_price action_support_ask_file
        action_support_choose_cover action_support_confirm_cover
        action_support_log_work action_support_offer_price action_support_reject
        action_support_propose_development
        action_support_request_intervention action_support_split
        action_support_take_next action_support_unmerge
        action_support_view_proposals action_support_view_split
    """,
    "product.template": "action_view_support_releases",
    "res.partner": """
        action_support_compare_types action_view_support_contracts
        action_view_support_installations
    """,
}


#: what those methods need that are called with more than records
ARGUMENTS = {
    "count_activations": ([{"contract": "x", "number": 1, "day": "2026-01-01"}],),
    "desk_add_to_ticket": (1, "x"),
    "desk_find_code": ("1",),
    "desk_find_phone": ("06 1",),
    "desk_identify": (1, "search"),
    "desk_open_ticket": ("x",),
    "desk_search": ("Anna",),
}


class AccessCase(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_contract(
            cls._create_time_type(), date_start="2026-01-01"
        )
        cls.other_contract = cls._create_contract(
            cls._create_time_type(), cls.other_customer, date_start="2026-01-01"
        )
        cls.draft = cls._create_contract(
            cls._create_time_type(), cls.customer, activate=False
        )
        cls.ledger = cls.contract.ledger_ids
        cls.ticket = cls._create_ticket(support_contract_id=False)
        cls.work = cls._log_work(cls.ticket, 30)
        cls.other_ticket = cls._create_ticket(cls.other_customer)
        cls.other_work = cls._log_work(cls.other_ticket, 30)
        (cls.asked, cls.other_asked) = cls.env["support.file.request"].create(
            [
                {
                    "ticket_id": ticket.id,
                    "text": "The backup",
                    "asked_on": "2026-03-01 10:00:00",
                    "asked_by": cls.technician.id,
                }
                for ticket in (cls.ticket, cls.other_ticket)
            ]
        )
        cls.accepted = cls.env["support.price.acceptance"].create(
            {
                "ticket_id": cls.ticket.id,
                "work_mode_id": cls.remote.id,
                "currency_id": cls.company.currency_id.id,
                "hourly_price": 80,
                "travel_charge": "none",
                "limit_minutes": 60,
                "state": "accepted",
                "channel": "phone",
                "accepted_by": "Anna Alpha",
                "accepted_on": "2026-03-01 10:00:00",
                "offered_on": "2026-03-01 10:00:00",
            }
        )
        cls.callback, cls.other_callback = cls.env["support.callback"].create(
            [
                {
                    "topic": "Call me",
                    "number": "+39 06 4567 8901",
                    "partner_id": partner.id,
                    "company_id": cls.company.id,
                }
                for partner in (cls.contact, cls.other_customer)
            ]
        )
        cls.env["support.call"].with_user(cls.technician)._log(
            "search", cls.contact, company=cls.company
        )
        cls.callback.with_user(cls.technician).action_no_answer()
        cls.env.flush_all()

    def _own_models(self):
        return [
            name
            for name, model in self.env.registry.items()
            if name.startswith("support.") and not model._abstract
        ]

    def _rpc(self, user, model, method, *args, **kwargs):
        """A remote call, with the context that the caller chooses."""
        return call_kw(self.env[model].with_user(user), method, list(args), kwargs)


@tagged("post_install", "-at_install")
class TestRights(AccessCase):
    def _users(self):
        return {
            "public": self.env.ref("base.public_user"),
            "portal": self.portal_user,
            "employee": self._create_user("employee", ""),
            "technician": self._create_user(
                "own_technician", "helpdesk_mgmt.group_helpdesk_user_own"
            ),
            "user": self.contract_user,
            "manager": self.manager,
        }

    def test_table(self):
        """the table of rights, compared with the access rights"""
        self.assertEqual(set(RIGHTS), set(self._own_models()))
        implied = {
            "technician": ["employee"],
            "user": ["employee", "technician"],
            "manager": ["employee", "technician", "user"],
        }
        for role, user in self._users().items():
            for model, rights in RIGHTS.items():
                expected = set()
                for group in [role, *implied.get(role, [])]:
                    expected |= set(rights.get(group, ""))
                found = {
                    letter
                    for letter, operation in zip(
                        "rwcd", ("read", "write", "create", "unlink"), strict=True
                    )
                    if self.env["ir.model.access"]
                    .with_user(user)
                    .check(model, operation, raise_exception=False)
                }
                self.assertEqual(found, expected, f"{role} on {model}")

    def test_no_right_without_a_group(self):
        models = self.env["ir.model"].search([("model", "=like", "support.%")])
        self.assertFalse(models.access_ids.filtered(lambda right: not right.group_id))

    def test_every_portal_model_has_a_portal_rule(self):
        """also each line model: else a customer reads the lines of all"""
        portal = self.env.ref("base.group_portal")
        for model, rights in RIGHTS.items():
            rules = self.env["ir.rule"].search([("model_id.model", "=", model)])
            if "portal" in rights:
                own = rules.filtered(lambda rule: portal in rule.groups)
                self.assertTrue(own, model)

    def test_every_model_has_a_company_rule(self):
        for model, rights in RIGHTS.items():
            if self.env[model]._transient or not rights:
                continue
            rules = self.env["ir.rule"].search(
                [("model_id.model", "=", model), ("groups", "=", False)]
            )
            self.assertTrue(
                any("company_ids" in (rule.domain_force or "") for rule in rules),
                model,
            )


@tagged("post_install", "-at_install")
class TestRules(AccessCase):
    def _visible(self, user, model):
        return self.env[model].with_user(user).search([])

    def test_portal_sees_its_own(self):
        """nothing of another entity"""
        other = self.other_portal_user
        for model, own, foreign in [
            ("support.contract", self.contract, self.other_contract),
            (
                "support.contract.allotment",
                self.contract.allotment_ids,
                self.other_contract.allotment_ids,
            ),
            (
                "support.contract.term",
                self.contract.term_ids,
                self.other_contract.term_ids,
            ),
            ("support.ledger", self.ledger, self.other_contract.ledger_ids),
            (
                "support.ledger.entry",
                self.ledger.entry_ids,
                self.other_contract.ledger_ids.entry_ids,
            ),
            ("support.intervention", self.work, self.other_work),
            ("support.file.request", self.asked, self.other_asked),
            ("support.callback", self.callback, self.other_callback),
        ]:
            with self.subTest(model=model):
                self.assertEqual(self._visible(self.portal_user, model), own)
                self.assertEqual(self._visible(other, model), foreign)
                with self.assertRaises(AccessError):
                    foreign.with_user(self.portal_user).read(["display_name"])

    def test_portal_sees_no_drafts(self):
        draft_work = self._log_work(self.ticket, 10, done=False)
        for record in (self.draft, self.draft.allotment_ids, draft_work):
            self.assertNotIn(record, self._visible(self.portal_user, record._name))
        self.draft.action_mark_offered()
        self.assertIn(self.draft, self._visible(self.portal_user, "support.contract"))

    def test_companies(self):
        """nothing of another company"""
        company = self.env["res.company"].create({"name": "Other vendor"})
        stranger = self._create_user(
            "stranger", "support_contract.group_support_manager"
        )
        stranger.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        # the customer is of both vendors, the portal login of the other one only
        login = self._create_portal_user("gamma_portal", self.customer)
        login.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        self.draft.threshold_ids = [Command.create({"unit": "time", "quantity": 5})]
        self.ledger._reserve(10, date(2026, 3, 1))
        self._release_software()
        for user in (stranger, login):
            for model in RIGHTS:
                if self.env[model]._transient:
                    continue
                if not self.env[model].with_user(user).has_access("read"):
                    continue
                records = self._visible(user, model)
                # what is shared by all companies may be seen
                owner = SHARED.get(model, "company_id")
                if owner.partition(".")[0] in records._fields:
                    records = records.sudo().filtered(owner)
                self.assertFalse(records, f"{user.login} sees {model}")

    def _release_software(self):
        """An installation, a release of it, its notice, a download and a campaign."""
        product = self.env["product.product"].create(
            {"name": "Ledger", "support_is_software": True}
        )
        installation = self.env["support.installation"].create(
            {
                "product_id": product.id,
                "partner_id": self.customer.id,
                "company_id": self.company.id,
            }
        )
        release = self.env["support.release"].create(
            {
                "product_tmpl_id": product.product_tmpl_id.id,
                "version": "1.0",
                "company_id": self.company.id,
                "file_ids": [Command.create({"name": "a.zip", "upload": b"eA=="})],
            }
        )
        release.action_publish()
        release._queue_notices()
        release.with_user(self.technician)._download(release.file_ids)
        campaign = self.env["support.release.campaign"].create(
            {"release_id": release.id}
        )
        self.env["support.release.campaign.line"].create(
            {"campaign_id": campaign.id, "installation_id": installation.id}
        )
        self.assertTrue(release.notice_ids and release.download_ids)

    def test_technician_changes_own_work_only(self):
        own = self._create_user("own", "helpdesk_mgmt.group_helpdesk_user_own")
        self.ticket.user_id = own
        works = self.env["support.intervention"].with_user(own)
        self.assertIn(self.work, works.search([]))
        draft_work = self._log_work(self.ticket, 10, done=False)
        with self.assertRaises(AccessError):
            draft_work.with_user(own).write({"user_id": own.id})
        for values in ({"name": "Mine"}, {"user_id": own.id}):
            with self._assert_refused():
                self.work.with_user(own).write(values)
        with self.assertRaises(AccessError):
            self.work.with_user(own)._undo("mine")
        with self.assertRaises(AccessError):
            works.create(
                {
                    "name": "For a colleague",
                    "ticket_id": self.ticket.id,
                    "user_id": self.technician.id,
                }
            )
        mine = works.create({"name": "My own", "ticket_id": self.ticket.id})
        self.assertEqual(mine.user_id, own)

    def test_contract_user_changes_drafts_only(self):
        for values in ({"internal_note": "x"}, {"user_id": self.contract_user.id}):
            self.draft.with_user(self.contract_user).write(values)
            with self.assertRaises(AccessError):
                self.contract.with_user(self.contract_user).write(values)
            self.contract.with_user(self.manager).write(values)
        with self.assertRaises(AccessError):
            self.contract.with_user(self.contract_user).unlink()
        with self.assertRaises(AccessError):
            self.draft.with_user(self.technician).write({"internal_note": "x"})

    def test_contract_user_changes_no_line_of_a_running_contract(self):
        lines = {
            "support.contract.threshold": {"unit": "time", "quantity": 5},
            "support.contract.request": {"category_id": self.category.id},
            "support.contract.work.mode": {"work_mode_id": self.phone.id},
            "support.contract.allotment": {"quantity": 5},
        }
        for model, values in lines.items():
            lines = self.env[model].with_user(self.contract_user)
            line = lines.create({"contract_id": self.draft.id, **values})
            with self.subTest(model=model):
                with self._assert_refused():
                    lines.create({"contract_id": self.contract.id, **values})
                with self._assert_refused():
                    line.write({"contract_id": self.contract.id})


@tagged("post_install", "-at_install")
class TestPortalFields(AccessCase):
    def _readable(self, model):
        """Fields that a read over RPC gives, tried one by one."""
        records = self.env[model].with_user(self.portal_user)
        found = set()
        for name in records._fields:
            try:
                with mute_logger("odoo.addons.base.models.ir_model"):
                    records.search([], limit=1).read([name])
            except (AccessError, UserError):
                continue
            found.add(name)
        return found

    def test_list(self):
        """the hand-written list of the fields a portal user can read by RPC, compared
        with the truth"""
        expected = {model for model, rights in RIGHTS.items() if "portal" in rights}
        self.assertEqual(set(PORTAL_FIELDS), expected)
        for model, names in PORTAL_FIELDS.items():
            with self.subTest(model=model):
                self.assertEqual(
                    self._readable(model) - SYSTEM_FIELDS, set(names.split())
                )

    def test_models_of_others(self):
        for model, names in PORTAL_FIELDS_OF_OTHERS.items():
            with self.subTest(model=model):
                found = {
                    name
                    for name in self._readable(model)
                    if name.startswith("support_")
                }
                self.assertEqual(found, set(names.split()))

    def test_nothing_internal_as_a_filter(self):
        """a hidden field is no oracle in a domain or a grouping either"""
        for model, name in [
            ("support.contract", "internal_note"),
            ("support.contract", "rank"),
            ("support.contract", "pricelist_id"),
            ("support.contract", "job_error"),
            ("support.ledger.entry", "reason"),
            ("support.ledger.entry", "key"),
            ("support.ledger.entry", "unit_value"),
            ("support.ledger.entry", "topup_id"),
            ("support.contract", "overdue_since"),
            ("support.contract", "payment_token_id"),
            ("support.contract", "support_code"),
            ("support.intervention", "release_id"),
            ("support.intervention", "part_ids"),
            ("support.intervention", "material_ids"),
            ("support.intervention", "charge_ids"),
            ("support.intervention", "timesheet_ids"),
            ("helpdesk.ticket", "support_acceptance_ids"),
            ("support.callback", "user_id"),
            ("support.callback", "cancel_reason"),
            ("support.callback", "submission_key"),
            ("support.intervention", "hourly_price"),
            ("support.intervention", "manual_reason"),
            ("support.intervention", "signature"),
            ("support.intervention", "signature_ip"),
            ("support.intervention", "sign_token_hash"),
            ("helpdesk.ticket", "support_cover_reasons"),
            ("helpdesk.ticket", "support_at_risk"),
            ("helpdesk.ticket", "support_release_id"),
            ("helpdesk.ticket", "support_proposal_ids"),
            ("helpdesk.ticket", "support_split_from_id"),
            ("helpdesk.ticket", "support_settled_entry_id"),
        ]:
            with self.subTest(model=model, field=name):
                with self.assertRaises(AccessError):
                    self._rpc(self.portal_user, model, "search", [(name, "!=", False)])
                with self.assertRaises(AccessError):
                    self._rpc(self.portal_user, model, "read", [], [name])

    def test_technician_sees_no_prices(self):
        for model, names in {
            "support.contract": ["fee_amount", "fee_total", "pricelist_id"],
            "support.intervention": ["overage_amount", "hourly_price", "charge_ids"],
            "support.intervention.part": ["amount", "hourly_price"],
            "support.intervention.material": ["amount", "price_unit"],
            "support.contract.type": ["pricelist_id"],
            "support.contract.reinstatement": ["amount"],
            "support.contract.type.reinstatement": ["amount"],
            "support.reinstatement": ["charge_id", "order_id", "sale_line_id"],
        }.items():
            for name in names:
                with self.subTest(field=name), self.assertRaises(AccessError):
                    self.env[model].with_user(self.technician).search([], limit=1).read(
                        [name]
                    )


@tagged("post_install", "-at_install")
class TestRemoteCalls(AccessCase):
    def test_public_methods(self):
        """what a remote caller may call, written by hand"""
        names = [*self._own_models(), "helpdesk.ticket", "res.partner", "res.company"]
        names += ["product.template", "ir.module.module", "support.ledger.check"]
        names += ["support.cover", "resource.calendar"]
        names += ["resource.calendar.attendance", "resource.calendar.leaves"]
        core = set(dir(self.env.registry["base"])) | {"copy", "message_post"}
        for name in names:
            model = self.env[name]
            found = set()
            for cls in type(model).mro():
                if not cls.__module__.startswith("odoo.addons.support_contract."):
                    continue
                for method in cls.__dict__:
                    if method.startswith("_") or method in core:
                        continue
                    if not inspect.isroutine(cls.__dict__[method]):
                        continue
                    try:
                        get_public_method(model, method)
                    except AccessError:
                        continue
                    found.add(method)
            found -= {"message_new", "message_update", "message_subscribe"}
            found -= {"button_uninstall"}
            self.assertEqual(found, set(PUBLIC_METHODS.get(name, "").split()), name)

    def test_private_methods_are_not_called(self):
        for model, methods in {
            "support.ledger": "_credit _debit _reserve _post_set _insert _expire_due "
            "_lock init",
            "support.ledger.entry": "_reverse init",
            "support.ledger.reservation": "_use _release _end init",
            "support.contract": "_set_state _take_over _record_signature _grant_due "
            "_change_state _open_ledgers _run_job _cron_grant _write_agreed",
            "support.intervention": "_draw _undo _take_back _charge _log_hours "
            "_check_accepted _sign _sign_by_link _sign_by_portal _make_sign_link "
            "_find_by_sign_link _forget_signature _cron_send_sheets",
            "support.release": "_download _queue_notices _cron_send_notices",
            "support.release.file": "_get_download_url",
            "support.release.notice": "_send _decide",
            "support.release.campaign": "_find_installations _cron_work",
            "support.release.campaign.line": "_open _cancel_open",
            "support.charge": "_add _withdraw _invoice_open _cron_invoice",
            "support.price.acceptance": "_accept _accept_by_customer _decline "
            "_decline_by_customer",
            "helpdesk.ticket": "_support_hold _support_choose_cover _support_reject "
            "_support_split _support_merge _support_reopen _support_ask_file "
            "_support_offer_price _support_accept_by_phone _support_prepare_price "
            "_support_lock_next",
            "support.file.request": "_answer _cancel",
            "support.topup": "_sync _compare _cron_compare _take_sale_lines",
            "sale.order.line": "_support_sell",
            "account.move": "_support_sync",
            "support.ledger.check": "_cron_check _find",
            "support.call": "_log _take _end _check_code _open_ticket",
            "support.callback": "_plan _reach _cancel _mark_missed _cron_callbacks",
            "support.code.guard": "_take_try _forgive _refuse",
        }.items():
            for method in methods.split():
                with (
                    self.subTest(model=model, method=method),
                    self.assertRaises(AccessError),
                ):
                    self._rpc(self.manager, model, method, [])

    def test_portal_calls_no_action(self):
        before = self.ledger.balance, self.contract.state, self.work.state
        for model, methods in PUBLIC_METHODS.items():
            records = {
                "support.contract": self.contract,
                "support.ledger": self.ledger,
                "support.ledger.entry": self.ledger.entry_ids[:1],
                "support.intervention": self.work,
                "support.file.request": self.asked,
                "support.callback": self.callback,
                "helpdesk.ticket": self.ticket,
            }.get(model, self.env[model])
            for method in methods.split():
                with self.subTest(model=model, method=method):
                    try:
                        with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                            function = getattr(records, method)
                            of_model = getattr(function, "_api_model", False)
                            result = self._rpc(
                                self.portal_user,
                                model,
                                method,
                                *(() if of_model else (records.ids,)),
                                *ARGUMENTS.get(method, ()),
                            )
                    except (AccessError, UserError, ValueError):
                        continue
                    # opening a form does nothing; what it would do is refused
                    self.assertIsInstance(result or {}, dict)
        self.env.invalidate_all()
        self.assertEqual(
            (self.ledger.balance, self.contract.state, self.work.state), before
        )

    def _try(self, user, record, name, value, context):
        """Whether writing the field over RPC is refused or changes nothing."""
        before = record.sudo()[name]
        try:
            with mute_logger("odoo.sql_db", "odoo.models"), self.env.cr.savepoint():
                self._rpc(
                    user, record._name, "write", record.ids, {name: value}, **context
                )
                self.env.flush_all()
        except (UserError, ValueError):
            self.env.invalidate_all()
            return
        self.env.invalidate_all()
        self.assertEqual(record.sudo()[name], before, f"{user.login} wrote {name}")

    def test_protected_fields_are_not_written(self):
        draft_work = self._log_work(self.ticket, 10, done=False)
        protected = [
            (
                self.contract,
                {
                    "state": "draft",
                    "terminated_on": "2026-01-01",
                    "signed_on": "2026-01-01",
                    "signed_by": "Nobody",
                    "access_token": "guessable",
                    "job_error": "x",
                    "date_end": "2099-12-31",
                    "fee_total": 1,
                    "commercial_partner_id": self.other_customer.id,
                    "partner_id": self.other_customer.id,
                    "term_ids": [Command.clear()],
                    "status_ids": [Command.clear()],
                    "ledger_ids": [Command.clear()],
                    "change_ids": [Command.clear()],
                    "sale_line_id": 1,
                    "overdue_since": "2026-01-01",
                    "overdue_suspend_on": "2026-01-01",
                    "auto_topup_stopped": True,
                },
            ),
            (
                self.draft,
                {
                    "state": "active",
                    "signed_on": "2026-01-01",
                    "date_end": "2099-12-31",
                    "commercial_partner_id": self.other_customer.id,
                    "access_token": "guessable",
                },
            ),
            (
                self.ticket,
                {
                    "support_contract_id": self.other_contract.id,
                    "support_cover": "none",
                    "support_cover_reasons": [],
                    "support_cover_chosen": True,
                    "support_treatment": "free",
                    "support_rank": 1,
                    "support_rejected": True,
                    "support_rejection_reason": "x",
                    "partner_id": self.other_customer.id,
                    "support_entry_ids": [Command.clear()],
                    "support_reservation_ids": [Command.clear()],
                    "support_submission_key": "x",
                    "support_reopen_count": 5,
                    "support_settled_entry_id": self.ledger.entry_ids[0].id,
                    "support_split_from_id": self.other_ticket.id,
                    "support_split_ids": [Command.link(self.other_ticket.id)],
                    "support_file_request_ids": [Command.clear()],
                },
            ),
            (
                self.work,
                {
                    "state": "draft",
                    "contract_id": self.other_contract.id,
                    "cover": "on_call",
                    "treatment": "free",
                    "overage_minutes": 5,
                    "overage_amount": 5,
                    "hourly_price": 5,
                    "currency_id": self.env.ref("base.USD").id,
                    "billable_minutes": 1,
                    "raw_minutes": 1,
                    "day": "2020-01-01",
                    "company_id": self.env.ref("base.main_company").id,
                    "partner_id": self.other_customer.id,
                    "commercial_partner_id": self.other_customer.id,
                    "start": "2020-01-01 10:00:00",
                    "end": "2020-01-01 10:00:00",
                    "manual_minutes": 5,
                    "billable_by_hand": True,
                    "ticket_id": self.other_ticket.id,
                    "entry_ids": [Command.clear()],
                    "part_ids": [Command.clear()],
                    "charge_ids": [Command.clear()],
                    "timesheet_ids": [Command.clear()],
                    "travel_minutes": 5,
                    "posting": 7,
                    "acceptance_id": self.accepted.id,
                    "signed_on": "2026-01-01 10:00:00",
                    "signed_by": "Nobody",
                    "signature": "x",
                    "signed_values": {},
                    "sign_expires": "2099-01-01 10:00:00",
                    "sign_token_hash": "x",
                },
            ),
            (
                self.accepted,
                {"limit_minutes": 0, "hourly_price": 1, "state": "offered"},
            ),
            (
                draft_work,
                {
                    "state": "done",
                    "posting": 7,
                    "acceptance_id": self.accepted.id,
                    "billable_minutes": 1,
                    "raw_minutes": 1,
                    "day": "2020-01-01",
                },
            ),
            (
                self.contract,
                {"support_code": "111111111"},
            ),
            (
                self.callback,
                {
                    "state": "done",
                    "due_from": "2020-01-01 10:00:00",
                    "deadline": "2020-01-01 10:00:00",
                    "user_id": self.manager.id,
                    "missed_on": "2020-01-01 10:00:00",
                    "cancel_reason": "x",
                    "commercial_partner_id": self.other_customer.id,
                    "submission_key": "x",
                    "attempt_ids": [Command.clear()],
                },
            ),
            (self.ledger, {"balance": 1, "reserved": 1, "unit": "ticket"}),
            (self.ledger.entry_ids[0], {"quantity": 1, "remaining": 1, "reason": "x"}),
        ]
        contexts = [
            {},
            {
                "context": {
                    "su": True,
                    "force": True,
                    "install_mode": True,
                    "tracking_disable": True,
                    "support_from_mail": True,
                    "support_mark_offered": True,
                    "support_moment": "2020-01-01",
                    "bypass": True,
                }
            },
        ]
        for record, values in protected:
            for user in (self.manager, self.contract_user, self.technician):
                for name, value in values.items():
                    for context in contexts:
                        with self.subTest(record=record, user=user.login, field=name):
                            self._try(user, record, name, value, context)

    def test_defaults_are_no_way_around(self):
        """a remote caller chooses the context, and everybody has defaults of his own"""
        values = {
            "support.contract": (
                {
                    "type_id": self._create_time_type(signature_required=True).id,
                    "partner_id": self.customer.id,
                },
                {
                    "state": "active",
                    "signed_on": "2026-01-01",
                    "signed_by": "Nobody",
                    "terminated_on": "2026-01-01",
                    "date_end": "2099-12-31",
                    "commercial_partner_id": self.other_customer.id,
                },
            ),
            "support.intervention": (
                {"name": "Work", "ticket_id": self.ticket.id},
                {
                    "state": "done",
                    "contract_id": self.other_contract.id,
                    "overage_minutes": 5,
                    "overage_amount": 5.0,
                    "day": "2020-01-01",
                    "raw_minutes": 500,
                    "billable_minutes": 500,
                    "commercial_partner_id": self.other_customer.id,
                },
            ),
            "helpdesk.ticket": (
                {"name": "Help", "description": "x", "partner_id": self.contact.id},
                {
                    "support_contract_id": self.other_contract.id,
                    "support_cover": "on_call",
                    "support_cover_chosen": True,
                    "support_cover_reasons": [["chosen", 0, {}]],
                    "support_rejected": True,
                    "support_rejection_reason": "x",
                    "support_rank": 1,
                    "support_treatment": "free",
                    "support_reopen_count": 5,
                    "support_settled_entry_id": self.ledger.entry_ids[0].id,
                    "support_split_from_id": self.ticket.id,
                    "duplicate_id": self.ticket.id,
                },
            ),
        }
        for model, (given, forged) in values.items():
            for name, value in forged.items():
                for way in ("context", "own default"):
                    with (
                        self.subTest(model=model, field=name, way=way),
                        self.env.cr.savepoint() as savepoint,
                    ):
                        records = self.env[model].with_user(self.manager)
                        expected = records.create(dict(given)).sudo()[name]
                        if way == "context":
                            records = records.with_context(**{f"default_{name}": value})
                        else:
                            self.env["ir.default"].with_user(self.manager).set(
                                model, name, value, user_id=True
                            )
                        created = records.create(dict(given))
                        self.env.flush_all()
                        self.env.invalidate_all()
                        found = created.sudo()[name]
                        self.assertEqual(found, expected)
                        savepoint.rollback()
                    self.env.invalidate_all()

    def test_defaults_of_fields_that_one_may_not_see(self):
        for name in ("hourly_price", "overage_amount", "sign_token_hash"):
            works = self.env["support.intervention"].with_user(self.technician)
            works = works.with_context(**{f"default_{name}": 5.0})
            try:
                with self.env.cr.savepoint():
                    work = works.create({"name": "Work", "ticket_id": self.ticket.id})
            except AccessError:
                continue
            self.assertFalse(work.sudo()[name])

    def test_values_given_at_creation(self):
        for model, given, forged in [
            (
                "support.intervention",
                {"name": "Work", "ticket_id": self.ticket.id},
                {"contract_id": self.other_contract.id, "overage_minutes": 5},
            ),
            (
                "support.contract",
                {
                    "type_id": self._create_type().id,
                    "partner_id": self.customer.id,
                },
                {"signed_by": "Nobody", "terminated_on": "2026-01-01"},
            ),
            (
                "helpdesk.ticket",
                {"name": "Help", "description": "x"},
                {
                    "support_rank": 1,
                    "support_cover": "contract",
                    "support_reopen_count": 5,
                    "support_split_from_id": self.ticket.id,
                },
            ),
        ]:
            for name, value in forged.items():
                for extra in ({}, {"state": "draft"}):
                    if model == "helpdesk.ticket":
                        extra = {}
                    with self.subTest(field=name), self._assert_refused():
                        self.env[model].with_user(self.manager).create(
                            {**given, **extra, name: value}
                        )

    def test_nobody_posts_by_hand(self):
        entry = {
            "ledger_id": self.ledger.id,
            "kind": "topup",
            "quantity": 600,
            "day": "2026-03-01",
            "first_day": "2026-03-01",
        }
        for user in (
            self.manager,
            self.contract_user,
            self.technician,
            self.portal_user,
        ):
            for model, values in {
                "support.ledger.entry": entry,
                "support.ledger": {"contract_id": self.contract.id, "unit": "ticket"},
                "support.ledger.reservation": {
                    "ledger_id": self.ledger.id,
                    "quantity": 5,
                },
                "support.price.acceptance": {
                    "ticket_id": self.ticket.id,
                    "work_mode_id": self.remote.id,
                    "hourly_price": 1,
                    "offered_on": "2026-03-01",
                },
                "support.intervention.part": {
                    "intervention_id": self.work.id,
                    "minutes": 1,
                },
                "support.contract.term": {
                    "contract_id": self.contract.id,
                    "number": 2,
                    "first_day": "2027-01-01",
                    "last_day": "2099-12-31",
                },
                "support.contract.status": {
                    "contract_id": self.contract.id,
                    "state": "active",
                    "first_day": "2026-01-01",
                },
            }.items():
                with self.subTest(model=model), self.assertRaises(AccessError):
                    self._rpc(user, model, "create", values)
                with self.subTest(model=model), self.assertRaises(AccessError):
                    names = list(values)
                    result = (
                        self.env[model]
                        .with_user(user)
                        .load(names, [[str(value) for value in values.values()]])
                    )
                    # an import tells it in a message
                    if not result["ids"]:
                        message = "refused"
                        raise AccessError(message)

    def test_same_work_twice_in_one_call(self):
        """a call may name a record twice"""
        work = self._log_work(self.ticket, 60, done=False)
        balance = self._flushed(self.ledger).balance
        with self._assert_refused("undo it first"):
            self._rpc(
                self.technician, "support.intervention", "action_done", [work.id] * 2
            )
        self.assertEqual(self._flushed(self.ledger).balance, balance)

    def test_no_other_day_by_context(self):
        """only code in this process makes a Moment"""
        company = self.company.with_context(support_moment="2020-01-01")
        self.assertEqual(company._support_day(), self.company._support_day())
        for value in (0, "2020-01-01", ["2020-01-01"], {"day": "2020-01-01"}):
            self.assertNotIsInstance(value, Moment)

    def test_api_private_is_kept(self):
        """an override must not make a private method of Odoo public"""
        self.assertTrue(hasattr(api, "private"))
        with self.assertRaises(AccessError):
            get_public_method(self.env["support.ledger"], "init")
