# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from typing import NamedTuple

from odoo import fields, models
from odoo.tools import format_date

from ..tools import updates


class UpdateRight(NamedTuple):
    """Whether an installation is entitled to updates on a day: ``kind`` is
    ``contract``, ``warranty`` or ``none``, ``contract`` the contract that gives the
    right or lacks what it takes (may be empty), ``code`` and ``day`` say why."""

    kind: str
    contract: models.Model
    code: str
    day: object = None
    installs: bool = False

    def __bool__(self):
        return self.kind != updates.NONE


class SupportInstallation(models.Model):
    """Whether new versions and changes of law come with what the customer has
    (``design.md``: a benefit that ends with the contract)."""

    _inherit = "support.installation"

    release_count = fields.Integer(
        string="Releases",
        compute="_compute_release_count",
        help="Releases of the product and the modules that were published.",
    )

    def _compute_release_count(self):
        releases = self.env["support.release"]._get_releases_of(self)
        for installation in self:
            installation.release_count = len(releases[installation])

    def action_view_releases(self):
        """Open the published releases of the product and the modules."""
        self.ensure_one()
        releases = self.env["support.release"]._get_releases_of(self)[self]
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_release_action"
        )
        return action | {"domain": [("id", "in", releases.ids)], "context": {}}

    # ------------------------------------------------------------------
    # Right to updates
    # ------------------------------------------------------------------

    def _get_update_right(self, day=None):
        """The :class:`UpdateRight` of one installation, see
        :meth:`_get_update_rights`."""
        self.ensure_one()
        return self._get_update_rights(day)[self]

    def _get_update_rights(self, day=None):
        """Who is entitled to updates: the one place that decides it.

        Reads as superuser, because the decision must not depend on what the person who
        asks may see. The number of queries does not depend on how many installations
        there are.

        :param date day: local day in the company's zone, default: today
        :return: ``{installation: UpdateRight}``
        """
        rights = {}
        for installation in self.sudo():  # see above
            today = day or installation.company_id._support_day()
            contract = installation.contract_id
            right = updates.Right(updates.NONE, "archived")
            if installation.active:
                right = updates.decide(
                    today,
                    contract and contract._get_update_terms(today),
                    installation._get_warranty_of_updates(),
                )
            if right.kind == updates.WARRANTY:
                contract = contract.browse()
            rights[installation.with_env(self.env)] = UpdateRight(
                right.kind,
                contract.with_env(self.env),
                right.code,
                right.day,
                right.installs,
            )
        return rights

    def _get_warranty_of_updates(self):
        self.ensure_one()
        if not (self.warranty_start and self.warranty_end):
            return None
        return updates.Warranty(
            self.warranty_start,
            self.warranty_end,
            self.warranty_policy_id.includes_updates,
        )

    def _explain_update_right(self, right):
        """``right`` in one sentence in the reader's language: why the update comes, or
        what is missing and the way back."""
        self.ensure_one()
        contract = right.contract.sudo().name  # the number of the customer's contract
        day = format_date(self.env, right.day) if right.day else ""
        texts = {
            "term": lambda: self.env._(
                "Contract %(contract)s includes updates, at present until %(day)s.",
                contract=contract,
                day=day,
            ),
            "grace": lambda: self.env._(
                "Contract %(contract)s ended on %(day)s and still gives updates in its "
                "days of grace: renew it in time.",
                contract=contract,
                day=day,
            ),
            "warranty": lambda: self.env._(
                "The warranty until %s includes updates.", day
            ),
            "not_included": lambda: self.env._(
                "Contract %s does not include updates: ask us for one that does.",
                contract,
            ),
            "suspended": lambda: self.env._(
                "Contract %(contract)s is suspended since %(day)s: updates come again "
                "as soon as it goes on.",
                contract=contract,
                day=day,
            ),
            "terminated": lambda: self.env._(
                "Contract %(contract)s was terminated on %(day)s: a new support "
                "contract brings updates again.",
                contract=contract,
                day=day,
            ),
            "lapsed": lambda: self.env._(
                "Contract %(contract)s has lapsed on %(day)s: have it reinstated, or "
                "buy a new licence, to get updates again.",
                contract=contract,
                day=day,
            ),
            "not_started": lambda: self.env._(
                "Contract %s is not active yet: updates come with it once it is.",
                contract,
            ),
            "ended": lambda: self.env._(
                "Contract %(contract)s ended on %(day)s: renew it to get updates "
                "again.",
                contract=contract,
                day=day,
            ),
            "warranty_over": lambda: self.env._(
                "The warranty ended on %s and no contract follows it: a support "
                "contract brings updates again.",
                day,
            ),
            "warranty_to_come": lambda: self.env._(
                "The warranty only begins on %s, and no contract includes updates "
                "before.",
                day,
            ),
            "warranty_without_updates": lambda: self.env._(
                "The warranty does not include updates: a support contract brings them."
            ),
            "archived": lambda: self.env._(
                "It is no longer among the installations in use."
            ),
        }
        if right.code in texts:
            return texts[right.code]()
        return self.env._("No contract covers it: a support contract brings updates.")
