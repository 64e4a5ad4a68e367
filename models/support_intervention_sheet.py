# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.tools import format_date, formatLang, get_lang
from odoo.tools.image import image_data_uri

from ..tools import moment_text


class SupportIntervention(models.Model):
    """The sheet that a customer gets for an intervention: who did what, when, what it
    took from the balance and what is left. Without prices.

    The values are plain texts in the customer's language and the company's time zone;
    whoever prints them escapes them.
    """

    _inherit = "support.intervention"

    def _get_sheet_lang(self):
        """The language of the sheet: the contact's, else that of his company."""
        self.ensure_one()
        partner = self.partner_id
        lang = partner.lang or self.commercial_partner_id.lang
        return get_lang(self.env, lang).code

    def _get_sheet(self):
        """What the sheet says: what was signed, else what is true now.

        :raise AccessError: without a right to read the work
        :return: ``(language, values)``
        """
        self.ensure_one()
        self.check_access("read")
        # checked above; the sheet says nothing that its customer may not read
        work = self.sudo()
        if work.signed_on:
            return work.signed_values["lang"], work.signed_values
        lang = work._get_sheet_lang()
        return lang, work.with_context(lang=lang)._prepare_sheet_values() | {
            "lang": lang
        }

    def _get_sheet_signature(self):
        """What the sheet prints of the signature, or None.

        :raise AccessError: without a right to read the work
        """
        self.ensure_one()
        self.check_access("read")
        work = self.sudo()  # checked above
        if not work.signed_on:
            return None
        work = work.with_context(lang=work._get_sheet()[0], bin_size=False)
        return {
            "name": work.signed_by,
            "moment": work._format_sheet_moment(work.signed_on),
            "remark": work.signed_remark or "",
            "image": image_data_uri(work.signature),
        }

    def _prepare_sheet_values(self):
        """The sheet as plain texts that JSON can hold: it is kept as it was signed."""
        self.ensure_one()
        ticket = self.ticket_id
        customer = self.commercial_partner_id
        return {
            "name": self.name,
            "ticket": f"{ticket.number} {ticket.name}",
            "day": format_date(self.env, self.day) if self.day else "",
            "customer": customer.name or self.partner_id.name or "",
            "contact": (self.partner_id - customer).name or "",
            "address": self._prepare_sheet_address(),
            "technician": self.user_id.name,
            "mode": self.work_mode_id.name,
            "moments": self._prepare_sheet_moments(),
            "minutes": self._prepare_sheet_minutes(),
            "description": self.description or "",
            "cover": self._prepare_sheet_cover(),
            "left": self._prepare_sheet_left(),
            "materials": self._prepare_sheet_materials(),
            "zone": self.company_id.support_tz,
        }

    def _prepare_sheet_address(self):
        partner = self.partner_id or self.commercial_partner_id
        lines = partner._display_address(without_company=True).splitlines()
        return "\n".join(line.strip() for line in lines if line.strip())

    def _prepare_sheet_moments(self):
        """``[[label, text], ...]``: when the work was."""
        moments = [
            [self.env._("Planned"), self.planned_start],
            [self.env._("Started"), self.start],
            [self.env._("Ended"), self.end],
        ]
        return [
            [label, self._format_sheet_moment(moment)]
            for label, moment in moments
            if moment
        ]

    def _format_sheet_moment(self, moment):
        return moment_text.format_moment(self.env, moment, self.company_id.support_tz)

    def _prepare_sheet_minutes(self):
        """``[[label, text], ...]``: how long it took and what of it counts."""
        rows = [
            [self.env._("Time worked"), self.raw_minutes],
            [self.env._("Billable time"), self.billable_minutes],
        ]
        if self.travel_minutes:
            rows.insert(1, [self.env._("Travel"), self.travel_minutes])
        if self.overage_minutes:
            rows.append([self.env._("Charged apart"), self.overage_minutes])
        return [[label, self._format_sheet_minutes(value)] for label, value in rows]

    def _format_sheet_minutes(self, minutes):
        return self.env["support.unit.mixin"]._format_in_unit(minutes, "time", None)

    def _prepare_sheet_cover(self):
        """``[[label, text], ...]``: what the work is covered by, and what it took."""
        rows = []
        if self.contract_id:
            contract = self.contract_id
            rows.append(
                [self.env._("Contract"), f"{contract.name}, {contract.type_id.name}"]
            )
        elif self.cover:
            covers = dict(self._fields["cover"]._description_selection(self.env))
            rows.append([self.env._("Covered by"), covers[self.cover]])
        if self.drawn:
            rows.append([self.env._("Taken from the balance"), self.drawn])
        return rows

    def _prepare_sheet_left(self):
        """``[[label, text], ...]``: what can still be used for such work."""
        if not self.contract_id:
            return []
        return [
            [ledger.label, ledger._format_quantity(ledger.usable)]
            for ledger in self.contract_id._get_ledgers_for(self.work_mode_id)
        ]

    def _prepare_sheet_materials(self):
        """``[[name, quantity], ...]`` of what was used up or handed over."""
        return [
            [
                material.name,
                f"{formatLang(self.env, material.quantity, dp='Product Unit')} "
                f"{material.uom_id.name or ''}".strip(),
            ]
            for material in self.material_ids
        ]

    def _get_sheet_filename(self):
        """Ticket, day and customer, without the extension."""
        self.ensure_one()
        self.check_access("read")
        work = self.sudo()  # checked above; as on the sheet
        work = work.with_context(lang=work._get_sheet_lang())
        name = work.env._(
            "Intervention %(ticket)s %(day)s %(customer)s",
            ticket=work.ticket_id.number,
            day=work.day or "",
            customer=work.commercial_partner_id.name or "",
        )
        return "".join(char if char not in '/\\:*?"<>|' else "-" for char in name)

    def action_print_sheet(self):
        """Print the intervention sheet.

        :raise AccessError: without a right to read the work
        """
        self.check_access("read")
        document = self.env.ref("support_contract.report_intervention_sheet_action")
        return document.report_action(self)
