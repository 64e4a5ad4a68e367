# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

# What helpdesk_mgmt keeps itself. Deadlines, periods and invoices are argued from
# these values, so that nobody may type them.
SERVER_DATES = ("assigned_date", "closed_date", "last_stage_update")
SERVER_FIELDS = frozenset((*SERVER_DATES, "access_token", "number"))


class IssuedNumber(str):
    """A number that came from the sequence.

    The copy of a ticket hands its new number over in the values of create(), where it
    looks like one that the caller typed. Remote callers send plain strings only, so
    that they cannot make one of these.
    """

    __slots__ = ()


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    assigned_date = fields.Datetime(readonly=True)
    closed_date = fields.Datetime(readonly=True)
    last_stage_update = fields.Datetime(copy=False, readonly=True)

    # ---------------------------------------------------
    # Portal form
    # ---------------------------------------------------

    support_submission_key = fields.Char(
        copy=False,
        readonly=True,
        groups=fields.NO_ACCESS,
        export_string_translation=False,
        help="User and rendered portal form that this ticket came from: posting the "
        "same form again leads to this ticket instead of creating another.",
    )

    _support_submission_key_unique = models.UniqueIndex(
        "(support_submission_key) WHERE support_submission_key IS NOT NULL",
        "This form has already been sent.",
    )

    # ---------------------------------------------------
    # CRUD: values that only the server sets
    # ---------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse spoofed dates, tokens and numbers, whatever way they come.

        Forcing the values, instead of only looking for them, also covers defaults that
        the caller put in the context or stored as user defaults.
        """
        vals_list = [dict(vals) for vals in vals_list]
        by_hand = []
        for index, vals in enumerate(vals_list):
            if not self.env.su:
                self._support_check_create_values(vals)
            number = vals.get("number")
            if number and number != "/" and not isinstance(number, IssuedNumber):
                by_hand.append(index)
            vals["number"] = str(number) if number else "/"
            for name in (*SERVER_DATES, "access_token"):
                vals.setdefault(name, False)
            if not vals["last_stage_update"]:
                vals["last_stage_update"] = fields.Datetime.now()
        tickets = super().create(vals_list)
        if not self.env.su:
            self.browse(tickets[index].id for index in by_hand)._support_check_number()
        return tickets

    def write(self, vals):
        """Refuse the fields that helpdesk_mgmt sets itself, below this method.

        It adds them to the very dictionary it got, hence the copy: a caller who writes
        the same values on two records must not be refused the second time.
        """
        if not self.env.su:
            self._support_refuse_fields(SERVER_FIELDS.intersection(vals))
        return super().write(dict(vals))

    def copy(self, default=None):
        """Mark the copy's new number as one of the sequence, so that create() takes it.

        A number that the caller asks for stays as unmarked as it came.
        """
        default = dict(default or {})
        if "number" not in default:
            default["number"] = IssuedNumber(self._prepare_ticket_number(default))
        return super().copy(default)

    @api.model
    def _support_check_create_values(self, vals):
        """A number may be typed by a helpdesk manager only, who imports tickets."""
        names = {
            name for name in SERVER_FIELDS.difference({"number"}) if vals.get(name)
        }
        number = vals.get("number")
        if (
            number
            and number != "/"
            and not isinstance(number, IssuedNumber)
            and not self.env.user.has_group("helpdesk_mgmt.group_helpdesk_manager")
        ):
            names.add("number")
        self._support_refuse_fields(names)

    @api.model
    def _support_refuse_fields(self, names):
        if not names:
            return
        labels = sorted(
            self._fields[name]._description_string(self.env) or name for name in names
        )
        raise AccessError(
            self.env._(
                "These values of a ticket are set by the system and cannot be "
                "changed: %(fields)s.",
                fields=", ".join(labels),
            )
        )

    def _support_check_number(self):
        """A number typed by hand must not be the number of another ticket.

        Not a unique index: existing databases may hold numbers twice (several
        companies, a sequence that was set back), and a mail must not bounce for that.
        """
        for ticket in self:
            # Rules may hide the other ticket: only that it exists is told.
            twin = self.sudo().with_context(active_test=False)
            if twin.search_count(
                Domain("number", "=", ticket.number)
                & Domain("company_id", "=", ticket.company_id.id)
                & Domain("id", "!=", ticket.id),
                limit=1,
            ):
                raise ValidationError(
                    self.env._(
                        "There is already a ticket with the number %(number)s.",
                        number=ticket.number,
                    )
                )

    # ---------------------------------------------------
    # Portal
    # ---------------------------------------------------

    def _support_get_portal_closing_stages(self, user):
        """Stages with which this user may close the ticket from the portal.

        Reading is not enough: whoever follows a ticket of another customer, or holds a
        link to it, does not decide that the other's problem is solved.
        """
        self.ensure_one()
        own = (
            user.commercial_partner_id == self.commercial_partner_id
            and bool(self.commercial_partner_id)
            and not user._is_public()
        )
        stages = self.env["helpdesk.ticket.stage"]
        if self.closed or not (own or self.with_user(user).has_access("write")):
            return stages
        team = self.team_id.with_company(self.company_id)
        return team._get_applicable_stages().filtered("close_from_portal")

    def _support_get_portal_attachments(self):
        """Files of the ticket without those of internal notes, which share its id."""
        self.ensure_one()
        messages = self.env["mail.message"].search(
            Domain("model", "=", self._name)
            & Domain("res_id", "=", self.id)
            & Domain("attachment_ids", "in", self.attachment_ids.ids)
        )
        shared = messages.filtered_domain(messages._get_search_domain_share())
        return self.attachment_ids - (messages.attachment_ids - shared.attachment_ids)

    # ---------------------------------------------------
    # Mail gateway
    # ---------------------------------------------------

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        gateway = self.with_context(support_from_mail=True)
        ticket = super(HelpdeskTicket, gateway).message_new(
            msg_dict, custom_values=custom_values
        )
        return ticket.with_env(self.env)

    def message_update(self, msg_dict, update_vals=None):
        gateway = self.with_context(support_from_mail=True)
        return super(HelpdeskTicket, gateway).message_update(
            msg_dict, update_vals=update_vals
        )

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Do not let an incoming mail decide who reads a customer's ticket.

        helpdesk_mgmt makes every known address in To and Cc a follower, and a follower
        opens the ticket to the portal users of his whole company. From a mail, only
        colleagues and the customer's own people follow; an agent may still add anybody.
        The context key can only narrow, so that it does not matter who sets it.
        """
        if not partner_ids or not self.env.context.get("support_from_mail"):
            return super().message_subscribe(partner_ids, subtype_ids)
        # The gateway may run as a user who cannot read all contacts.
        partners = self.env["res.partner"].sudo().browse(partner_ids)
        for ticket in self:
            customer = ticket.sudo().commercial_partner_id
            known = partners.filtered(
                lambda partner, customer=customer: not partner.partner_share
                or (customer and partner.commercial_partner_id == customer)
            )
            super(HelpdeskTicket, ticket).message_subscribe(known.ids, subtype_ids)
        return True
