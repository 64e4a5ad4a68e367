# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from markupsafe import Markup

from odoo import models

from ..tools import moment_text
from ..tools import signature as signatures
from .support_contract_signing import REASON_LENGTH
from .support_contract_stated import STATED_LIMIT


class SupportContract(models.Model):
    """What the pages to sign a contract show: plain values, in the reader's language,
    of a record that was checked for him."""

    _inherit = "support.contract"

    def _get_sign_page(self, step, may_act):
        """The page of one step.

        :param step: what the reader asks for; the first that is not done if it cannot
            be shown
        :param bool may_act: whether he signs, or only reads
        :return: dict of what is shown, None if there is nothing to sign
        """
        self.ensure_one()
        values = {
            "name": self.name,
            "type": self.type_id.name,
            "company": self.company_id.name,
        }
        if self.state != "offered":
            signed = self._get_unwithdrawn()
            if self.state != "signed" or not signed:
                return None
            return {**values, **self._get_sign_done_page()}
        live = self._get_live_signatures()
        steps = self._get_sign_steps(live)
        keys = [key for key, _done in steps]
        # the first that is not done is as far as one gets
        reach = next(
            (index for index, (_key, done) in enumerate(steps) if not done),
            len(steps) - 1,
        )
        if not may_act:
            reach = len(steps) - 1
        index = keys.index(step) if step in keys else (reach if may_act else 0)
        index = min(index, reach)
        return {
            **values,
            **self._get_sign_notices(may_act),
            "may_act": may_act,
            "step": keys[index],
            "steps": [
                {
                    "key": key,
                    "name": self._get_sign_step_names()[key],
                    "done": done,
                    "current": number == index,
                    "open": number <= reach,
                }
                for number, (key, done) in enumerate(steps)
            ],
            "previous": keys[index - 1] if index else None,
            "next": keys[index + 1] if index + 1 < len(keys) else None,
            "button": self.env._("Next"),
            "signed": None,
            "name_lengths": signatures.NAME_LENGTHS,
            "reason_length": REASON_LENGTH,
            **self._get_sign_signer(live),
            **self._get_sign_step_values(keys[index], live),
        }

    def _get_sign_step_names(self):
        return {
            "activations": self.env._("Activations"),
            "type": self.env._("Type of contract"),
            "contract": self.env._("Contract"),
            "conditions": self.env._("General conditions"),
        }

    def _get_sign_signer(self, live):
        """Name and role, as they were entered for the text before."""
        first = live.get("contract")
        return {
            "signer": first.signer if first else self.signatory_id.name or "",
            "role": (first.role if first else self.signatory_id.function) or "",
        }

    def _get_sign_step_values(self, step, live):
        if step == "activations":
            items = [
                {"id": item.id, "name": item.name, "number": item.activations_stated}
                for item in self.installation_ids
            ]
            whole = {
                "id": 0,
                "name": self.env._("Machines or activations"),
                "number": self.activation_count,
            }
            return {"counts": items or [whole], "count_limit": STATED_LIMIT}
        if step == "type":
            return {"choices": self._get_sign_choice_values()}
        if step in live:
            item = live[step]
            return {
                # as it was signed, in the language in which it was
                "text": Markup(item.content),
                "signed": self.env._(
                    "Signed by %(person)s on %(moment)s.",
                    person=item.signer,
                    moment=item._get_moment_text(),
                ),
            }
        text = self._get_sign_text(step)
        contract = step == "contract"
        return {
            # rendered by the server, stripped of whatever would be fetched
            "text": Markup(text),
            "digest": self._get_sign_digest(text),
            "sign_title": self.env._("Sign the contract")
            if contract
            else self.env._("Sign the general conditions"),
            "button": self.env._("Sign the Contract")
            if contract
            else self.env._("Sign the General Conditions"),
        }

    def _get_sign_notices(self, may_act):
        """What happened before."""
        zone = self.company_id.support_tz

        def moment(value):
            return moment_text.format_moment(self.env, value, zone)

        notices = {"why_not": None, "refused": None, "returned": None, "paper": None}
        if not may_act and self.signatory_id:
            notices["why_not"] = self.env._(
                "You can read the contract. It is signed by %s.", self.signatory_id.name
            )
        elif not may_act:
            notices["why_not"] = self.env._(
                "You can read the contract. No signatory is named yet: please ask us."
            )
        if self.refused_on:
            notices["refused"] = self.env._(
                "%(person)s refused to sign on %(moment)s.",
                person=self.refused_by,
                moment=moment(self.refused_on),
            )
        if self.paper_on:
            notices["paper"] = self.env._(
                "The scan of %s was uploaded: we look at it and tell you.",
                moment(self.paper_on),
            )
        elif self.paper_returned:
            notices["returned"] = self.paper_returned
        return notices

    def _get_sign_done_page(self):
        document = self.env["support.document"].search(
            [
                ("contract_id", "=", self.id),
                ("kind", "=", "signed"),
                ("signature_ids.withdrawn_on", "=", False),
            ],
            order="id desc",
            limit=1,
        )
        return {
            "step": "done",
            "steps": [],
            "may_act": False,
            "document": document._get_portal_url() if document else None,
            **dict.fromkeys(("why_not", "refused", "returned", "paper")),
        }
