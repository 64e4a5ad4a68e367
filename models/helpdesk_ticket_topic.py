# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty

#: what only splitting sets
SPLIT_RESULTS = frozenset({"support_split_from_id"})


class HelpdeskTicket(models.Model):
    """One topic per ticket (S3: "each ticket must deal with one topic only"): a second
    topic is split off, a ticket about the same topic is merged."""

    _inherit = "helpdesk.ticket"

    support_split_from_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        string="Split Off From",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
    )
    support_split_ids = fields.One2many(
        comodel_name="helpdesk.ticket",
        inverse_name="support_split_from_id",
        string="Split Off",
        readonly=True,
        groups="base.group_user",
    )
    support_split_count = fields.Integer(
        string="Split Off Tickets",
        compute="_compute_support_split_count",
        groups="base.group_user",
    )

    @api.depends("support_split_ids")
    def _compute_support_split_count(self):
        counts = {
            ticket.id: count
            for ticket, count in self._read_group(
                [("support_split_from_id", "in", self.ids)],
                ["support_split_from_id"],
                ["__count"],
            )
        }
        for ticket in self:
            ticket.support_split_count = counts.get(ticket.id, 0)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self._support_refuse_fields(
                    {name for name in SPLIT_RESULTS if vals.get(name)}
                )
        # named, so that no default of the caller's context or own takes effect
        initial = {"support_split_from_id": False, "duplicate_id": False}
        tickets = super().create(
            [
                initial | vals | {"duplicate_id": False}  # merged once it is there
                for vals in vals_list
            ]
        )
        for ticket, vals in zip(tickets, vals_list, strict=True):
            if vals.get("duplicate_id"):
                ticket.duplicate_id = vals["duplicate_id"]
        return tickets

    def write(self, vals):
        if not self.env.su:
            self._support_refuse_fields(SPLIT_RESULTS & vals.keys())
        if "duplicate_id" not in vals:
            return super().write(vals)
        target = self.browse(
            self._fields["duplicate_id"].convert_to_cache(vals["duplicate_id"], self)
            or []
        )
        merged = self.filtered(lambda ticket: ticket.duplicate_id != target)
        if target and merged:
            (merged | target)._support_lock()
            merged._support_check_merge(target)
        elif merged and not self.env.su:
            raise UserError(
                self.env._(
                    "Duplicate of: use “Take Back the Merge” on ticket %s instead of "
                    "emptying the field.",
                    merged[0].number,
                )
            )
        result = super().write(vals)
        if target and merged:
            merged._support_merge(target)
        return result

    def _support_reopen(self, before):
        for ticket in self:
            if ticket.duplicate_id:
                raise UserError(
                    self.env._(
                        "Ticket %s is merged with another one and stays closed: take "
                        "back the merge to reopen it.",
                        ticket.number,
                    )
                )
        return super()._support_reopen(before)

    def _support_check_workable(self):
        """:raise UserError: also if the ticket is merged with another one"""
        result = super()._support_check_workable()
        for ticket in self:
            if ticket.duplicate_id:
                raise UserError(
                    self.env._(
                        "Ticket %s is merged with another one: work on that one, or "
                        "take back the merge.",
                        ticket.number,
                    )
                )
        return result

    # ------------------------------------------------------------------
    # Splitting
    # ------------------------------------------------------------------

    def action_support_split(self):
        """Open the form to split off a second topic."""
        self.ensure_one()
        return self._support_open_wizard(
            "support.ticket.split", self.env._("Split Off a Topic")
        )

    def action_support_view_split(self):
        """Open the tickets that were split off this one."""
        self.ensure_one()
        return self.support_split_ids._support_open_form()

    def _support_split(self, name, description, category, attachments=None):
        """Make a ticket of its own for a second topic of this one. It takes what any
        new ticket takes from what covers it, and the customer is told.

        :param str name: the topic, mandatory
        :param description: HTML, mandatory
        :param category: ``helpdesk.ticket.category``, may be empty
        :param attachments: files of this ticket to copy to the new one
        :raise UserError: without a topic, or if the ticket is rejected or merged
        :return: the new ticket
        """
        self.ensure_one()
        self.check_access("write")
        name = (name or "").strip()
        if not name:
            raise UserError(self.env._("Title: say what the second topic is."))
        if is_html_empty(description):
            raise UserError(self.env._("Description: say what is asked for."))
        self._support_lock()
        self._support_check_workable()
        ticket = self.env[self._name].create(
            self._support_prepare_split(name, description, category.id)
        )
        # set by this method alone, for a ticket that the user may write
        ticket.sudo().support_split_from_id = self
        for attachment in attachments or ():
            attachment.copy({"res_model": self._name, "res_id": ticket.id})
        ticket.message_subscribe(self._support_get_own_followers().ids)
        ticket._support_tell_split(self)
        self._message_log(
            body=Markup("%s %s")
            % (
                self.env._("Split off into a ticket of its own:"),
                ticket._support_get_link(),
            )
        )
        return ticket

    def _support_prepare_split(self, name, description, category_id):
        """Values of a ticket about another topic of the same customer."""
        self.ensure_one()
        values = {
            "name": name,
            "description": description,
            "category_id": category_id,
            "partner_id": self.partner_id.id,
            "partner_name": self.partner_name,
            "partner_email": self.partner_email,
            "support_phone": self.support_phone,
            "company_id": self.company_id.id,
            "team_id": self.team_id.id,
            "user_id": False,  # it waits in the queue like any other
            "stage_id": self._support_get_stages()[:1].id,
            "channel_id": self.channel_id.id,
            "support_work_mode_id": self.support_work_mode_id.id,
            "support_installation_id": self.support_installation_id.id,
        }
        if not self.support_cover_confirmed:
            # a mail's second topic is not confirmed either
            values["support_cover_confirmed"] = False
        return values

    def _support_get_own_followers(self):
        """Followers who are colleagues or the customer's own people. A contact of
        somebody else who reads this ticket reads no other because of it."""
        self.ensure_one()
        # compared, not shown: contacts may be hidden from the user
        ticket = self.sudo()
        customer = ticket.commercial_partner_id
        return ticket.message_partner_ids.filtered(
            lambda partner: (
                not partner.partner_share
                or (customer and partner.commercial_partner_id == customer)
            )
        )

    def _support_tell_split(self, origin):
        """Tell the customer on the new ticket what it is about. Sent automatically, so
        that it counts as no answer."""
        self.ensure_one()
        if not self.partner_id:
            return
        # the customer's language is not secret, the contact may be
        words = self.with_context(lang=self.sudo().partner_id.lang)
        self.message_post(
            body=words.env._(
                "Each ticket is about one topic. Your ticket %(origin)s has more than "
                "one, so that “%(topic)s” goes on here as %(number)s.",
                origin=origin.number,
                topic=self.name,
                number=self.number,
            ),
            subject=self.display_name,
            message_type="auto_comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.partner_id.ids,
        )

    def _support_get_link(self):
        """The ticket's number as a link, for notes."""
        self.ensure_one()
        return self._get_html_link(title=self.number)

    # ------------------------------------------------------------------
    # Merging
    # ------------------------------------------------------------------

    def _support_check_merge(self, target):
        """Refuse to merge what is not about the same topic of the same customer.

        :raise UserError: with what stands against it and what to do
        """
        self.check_access("write")
        target.check_access("write")
        if target in self:
            raise UserError(self.env._("A ticket cannot be merged with itself."))
        if target.duplicate_id:
            raise UserError(
                self.env._(
                    "Ticket %(target)s is itself merged with %(other)s: choose that "
                    "one.",
                    target=target.number,
                    # only its number is told
                    other=target.sudo().duplicate_id.number,
                )
            )
        if target.support_rejected:
            raise UserError(
                self.env._(
                    "Ticket %s was rejected as invalid: nothing can be merged with it.",
                    target.number,
                )
            )
        # what stands against it counts, whoever may see it
        for ticket in self.sudo():
            message = ticket._support_get_merge_obstacle(target.sudo())
            if message:
                raise UserError(message)

    def _support_get_merge_obstacle(self, target):
        """Why this ticket cannot be merged with ``target``, in words, or False."""
        self.ensure_one()
        names = {"ticket": self.number, "target": target.number}
        if self.duplicate_id:
            return self.env._(
                "Ticket %(ticket)s is merged already: take back that merge first.",
                ticket=self.number,
            )
        if self.with_context(active_test=False).duplicate_ids:
            return self.env._(
                "Other tickets are merged with %(ticket)s: merge %(target)s with it, "
                "or take back those merges first.",
                **names,
            )
        if self.support_rejected:
            return self.env._(
                "Ticket %(ticket)s was rejected as invalid: what it took was given "
                "back then.",
                ticket=self.number,
            )
        if self.company_id != target.company_id:
            return self.env._(
                "Tickets %(ticket)s and %(target)s belong to different companies.",
                **names,
            )
        if self.commercial_partner_id != target.commercial_partner_id:
            return self.env._(
                "Tickets %(ticket)s and %(target)s belong to different customers: "
                "check their contacts.",
                **names,
            )
        if self.support_intervention_ids.filtered(lambda work: work.state == "done"):
            return self.env._(
                "Ticket %(ticket)s cannot be merged: work has been done on it. Undo "
                "the work first, or merge %(target)s with it.",
                **names,
            )
        return False

    def _support_merge(self, target):
        """Give back what the tickets took, close them, and let their customer's people
        follow ``target`` instead."""
        # the right to write all of them is checked, and that nothing stands against it
        self._support_get_open_entries()._reverse(
            self.env._("merged with %s", target.number)
        )
        self._support_move_planned(target)
        self._support_release()
        self._support_close_merged()
        followers = self.env["res.partner"]
        for ticket in self:
            followers |= ticket._support_get_own_followers().filtered("partner_share")
            # whose contact is not secret to who may write the ticket
            followers |= ticket.sudo().partner_id
        if target.sudo().commercial_partner_id:
            target.message_subscribe(followers.ids)
        self._message_log_batch(
            dict.fromkeys(
                self.ids,
                Markup("%s %s")
                % (self.env._("Merged with"), target._support_get_link()),
            )
        )
        target._message_log(
            body=Markup("%s %s")
            % (
                self.env._("Merged with this ticket:"),
                Markup(", ").join(ticket._support_get_link() for ticket in self),
            )
        )

    def _support_close_merged(self):
        """Close merged tickets: in the stage that the company has chosen for it, else
        in the first one that closes without saying that the ticket is resolved."""
        for ticket in self.filtered(lambda ticket: not ticket.closed):
            closing = ticket._support_get_stages().filtered("closed")
            if not closing:
                raise UserError(
                    self.env._(
                        "No stage closes tickets of team %s: mark one as closing in "
                        "Helpdesk / Configuration / Stages.",
                        ticket.team_id.name or self.env._("none"),
                    )
                )
            chosen = ticket.company_id.helpdesk_mgmt_duplicate_ticket_stage_id
            unresolved = closing.filtered(lambda stage: not stage.support_resolved)
            ticket.stage_id = chosen & closing or (unresolved or closing)[0]

    def action_support_unmerge(self):
        """Take back the merge of tickets: they are open again and take what they need
        by a fresh decision.

        :raise UserError: if a ticket is not merged or no stage is there to reopen it
        """
        self.check_access("write")
        # the other ticket may be hidden from who takes the merge back; only its number
        # is told, and the note there is what its readers must know
        targets = {ticket: ticket.sudo().duplicate_id for ticket in self}
        (self | self.browse(target.id for target in targets.values()))._support_lock()
        for ticket, target in targets.items():
            if not target:
                raise UserError(
                    self.env._("Ticket %s is not merged with another.", ticket.number)
                )
            # the right to write the ticket is checked above
            ticket.sudo().duplicate_id = False
            ticket._support_open_again()
            ticket._message_log(
                body=Markup("%s %s")
                % (self.env._("No longer merged with"), target._support_get_link())
            )
            target._message_log(
                body=Markup("%s %s")
                % (
                    self.env._("No longer merged with this ticket:"),
                    ticket._support_get_link(),
                )
            )

    def _support_open_again(self):
        """Put a ticket whose merge is taken back where it would be worked on."""
        self.ensure_one()
        if not self.closed:
            self._support_decide_again()
            return
        stages = self._support_get_open_stages()
        if self.user_id:
            stages = stages.filtered(lambda stage: not stage.unattended) or stages
        if not stages:
            raise UserError(
                self.env._(
                    "Team %s has no open stage: add one in Helpdesk / Configuration / "
                    "Stages.",
                    self.team_id.name or self.env._("none"),
                )
            )
        self.stage_id = stages[0]
