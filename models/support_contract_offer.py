# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.tools import format_amount

from ..tools import cover


class SupportAllotmentMixin(models.AbstractModel):
    """An allotment in words, as an offer prints it."""

    _inherit = "support.allotment.mixin"

    def _get_offer_sentences(self):
        """What is included, and what happens to what is left: one string each."""
        self.ensure_one()
        quantity = self._format_quantity(self.quantity)
        granted = {
            "once": self.env._("%s in each term.", quantity),
            "month": self.env._("%s every month.", quantity),
            "quarter": self.env._("%s every quarter.", quantity),
            "year": self.env._("%s every year.", quantity),
        }[self.recurrence]
        sentences = [granted, self._get_offer_period(), self._get_offer_end()]
        if self.work_mode_ids:
            modes = ", ".join(self.work_mode_ids.mapped("name"))
            sentences.insert(1, self.env._("For: %s.", modes))
        return sentences

    def _get_offer_period(self):
        """For how long each grant can be used."""
        if self.recurrence == "once":
            if not self.validity_months:
                return self.env._("To be used by the end of the term.")
            if self.validity_months == 1:
                return self.env._("To be used within a month.")
            return self.env._("To be used within %s months.", self.validity_months)
        if self.rollover == "periods":
            if self.rollover_periods == 1:
                return self.env._(
                    "What is left at the end of a period can be used for one more "
                    "period."
                )
            return self.env._(
                "What is left at the end of a period can be used for %s more periods.",
                self.rollover_periods,
            )
        if self.rollover == "quantity":
            return self.env._(
                "Of what is left at the end of a period up to %s moves on to the next.",
                self._format_quantity(self.rollover_quantity),
            )
        if self.rollover == "unlimited":
            return self.env._(
                "What is left at the end of a period moves on to the next."
            )
        return self.env._("To be used within its period.")

    def _get_offer_end(self):
        """What happens to what is left at the end of the term."""
        if self.end_policy == "carried":
            return self.env._(
                "What is left at the end of the term is carried to the renewal."
            )
        if self.end_policy == "usable" and self.end_days == 1:
            return self.env._(
                "What is left at the end of the term can be used for one more day."
            )
        if self.end_policy == "usable":
            return self.env._(
                "What is left at the end of the term can be used for %s more days.",
                self.end_days,
            )
        return self.env._("What is left at the end of the term is forfeited.")


class SupportContract(models.Model):
    """What the offer says, in words. Everything comes from the contract's own terms,
    in the language of the environment."""

    _inherit = "support.contract"

    def _get_offer_lines(self, hours_apart=False):
        """The terms as they are printed.

        :param bool hours_apart: without the coverage hours, which stand in a table
        :return: list of ``(title, [sentences])``, without empty sections
        """
        self.ensure_one()
        sections = [
            (self.env._("Fee"), self._get_offer_fee()),
            (self.env._("Included"), self._get_offer_allotments()),
            (self.env._("What we promise"), self._get_offer_promises(hours_apart)),
            (self.env._("Requests"), self._get_offer_requests()),
            (self.env._("Beyond the balance"), self._get_offer_overage()),
            (self.env._("Term"), self._get_offer_term()),
        ]
        return [(title, lines) for title, lines in sections if lines]

    def _get_offer_fee(self):
        if not self.fee_amount:
            return []
        fee = format_amount(self.env, self.fee_amount, self.currency_id)
        if self.fee_basis == "activation":
            if self.activation_count == 1:
                fee = self.env._("1 activation at %(fee)s", fee=fee)
            else:
                fee = self.env._(
                    "%(count)s activations at %(fee)s each, %(total)s",
                    count=self.activation_count,
                    fee=fee,
                    total=format_amount(self.env, self.fee_total, self.currency_id),
                )
        return [
            {
                "term": self.env._("%s for the term, without taxes.", fee),
                "month": self.env._("%s a month, without taxes.", fee),
                "quarter": self.env._("%s a quarter, without taxes.", fee),
                "year": self.env._("%s a year, without taxes.", fee),
            }[self.fee_period]
        ]

    def _get_offer_allotments(self):
        if not self.allotment_ids and not self.fee_pays_help:
            return [self.env._("Help is charged at the agreed rate.")]
        if not self.allotment_ids and self.fee_work_mode_ids:
            modes = ", ".join(self.fee_work_mode_ids.mapped("name"))
            return [self.env._("Help is included in the fee: %s.", modes)]
        if not self.allotment_ids:
            return [self.env._("All help is included in the fee.")]
        return [
            " ".join(allotment._get_offer_sentences())
            for allotment in self.allotment_ids
        ]

    def _get_offer_requests(self):
        treatments = dict(
            self._fields["other_requests"]._description_selection(self.env)
        )
        treatments[cover.DRAWN] = self._get_offer_drawn(treatments[cover.DRAWN])
        lines = [
            f"{line.category_id.display_name}: {treatments[line.treatment]}"
            for line in self.request_ids
        ]
        if lines:
            lines.append(self.env._("All others: %s", treatments[self.other_requests]))
        return lines

    def _get_offer_drawn(self, from_balance):
        """What help that is neither free nor excluded comes to; without a balance
        nothing can be drawn from it."""
        if self.allotment_ids or self.package_id:
            return from_balance
        if not self.fee_pays_help:
            return self.env._("Charged at the agreed rate")
        if self.fee_work_mode_ids:
            return self.env._("Included in the fee for the work modes named above")
        return self.env._("Included in the fee")

    def _get_offer_overage(self):
        lines = []
        if self.gate_minutes:
            lines.append(
                self.env._(
                    "Help is given while the balance covers at least %s of the work "
                    "that is asked for.",
                    self.env["support.unit.mixin"]._format_in_unit(
                        self.gate_minutes, "time", None
                    ),
                )
            )
        if self.allotment_ids:
            lines.append(
                {
                    cover.REFUSE: self.env._(
                        "Work that the balance does not cover is not part of this "
                        "contract."
                    ),
                    cover.CHARGE: self.env._(
                        "Work that the balance does not cover is charged at the hourly "
                        "rates of this contract."
                    ),
                    cover.WALLET: self.env._(
                        "Work that the hours do not cover is drawn from the amount of "
                        "this contract, at its hourly rates."
                    ),
                }[self.overage]
            )
        return lines

    def _get_offer_term(self):
        def months(count):
            if count == 1:
                return self.env._("one month")
            return self.env._("%s months", count)

        lines = [self.env._("First term: %s.", months(self.first_term_months))]
        if self.later_term_months != self.first_term_months:
            lines.append(self.env._("Later terms: %s.", months(self.later_term_months)))
        return lines

    def _get_offer_rates(self):
        """Hourly rates of the work modes that have one.

        :return: list of dicts with ``mode``, ``price``, ``minimum`` and ``step`` as
            people read them
        """
        self.ensure_one()

        def time(minutes):
            return self.env["support.unit.mixin"]._format_in_unit(minutes, "time", None)

        terms = {line.work_mode_id: line for line in self.work_mode_terms_ids}
        rates = []
        for mode in self.env["support.work.mode"].search(
            [("company_id", "in", [False, self.company_id.id])]
        ):
            price = mode._get_hourly_price(
                self.pricelist_id,
                self.currency_id,
                self.date_start,
                self.company_id,
                self.partner_id,
            )
            if price is None:
                continue
            source = terms.get(mode, mode)
            rates.append(
                {
                    "mode": mode.name,
                    "price": format_amount(self.env, float(price), self.currency_id),
                    "minimum": time(source.minimum_minutes)
                    if source.minimum_minutes
                    else "",
                    "step": time(source.step_minutes),
                }
            )
        return rates
