# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..tools import activation_rows

SOURCES = [
    ("hand", "By hand"),
    ("import", "Imported file"),
    ("rpc", "Other system"),
]


class CountRow(NamedTuple):
    """One count: the contract, one of its customer's installations (empty: the whole
    contract), the local day, and how many activations are in use."""

    contract: models.Model
    installation: models.Model
    day: object
    number: int


class SupportActivationCount(models.Model):
    """How many activations were really in use on a day: a log that only grows. A count
    that was wrong is followed by another one of the same day."""

    _name = "support.activation.count"
    _description = "Counted Activations"
    _order = "day desc, id desc"
    _rec_name = "number"

    contract_id = fields.Many2one(
        comodel_name="support.contract",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="contract_id.company_id", store=True, index=True
    )
    installation_id = fields.Many2one(
        comodel_name="support.installation",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Empty: the whole contract was counted.",
    )
    day = fields.Date(
        string="Counted On", required=True, readonly=True, help="Local day."
    )
    number = fields.Integer(
        string="Counted", required=True, readonly=True, aggregator=None
    )
    revision = fields.Integer(
        required=True,
        readonly=True,
        default=1,
        aggregator=None,
        help="1 for the first count of a day, 2 for the one that corrects it ...",
    )
    source = fields.Selection(selection=SOURCES, required=True, readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users", string="Entered By", readonly=True
    )

    _number_limit = models.Constraint(
        f"CHECK (number >= 0 AND number <= {activation_rows.MAX_NUMBER} "
        "AND revision >= 1)",
        "The number of activations is a whole number from 0 up to a million.",
    )
    _once = models.UniqueIndex(
        "(contract_id, COALESCE(installation_id, 0), day, revision)",
        "This has been counted already.",
    )

    def write(self, vals):
        """Nobody changes what was counted."""
        if self:
            raise UserError(self.env._("A count is never changed: count again."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_counted(self):
        raise UserError(self.env._("A count is never deleted: count again."))

    @api.model
    def _count(self, rows, source):
        """The one door: log the counts that are not known yet, and hand them to the
        installations and contracts. What was counted with the same result on the same
        day already is left out, so that a file that is imported twice counts once.

        :param rows: iterable of :class:`CountRow`, already checked
        :param str source: one of :data:`SOURCES`
        :return: the new counts
        """
        rows = list(rows)
        contracts = self.env["support.contract"].union(*(row.contract for row in rows))
        contracts.check_access("read")
        contracts._lock_activations()
        known = self._read_revisions(rows)
        values = []
        for row in rows:
            key = (row.contract.id, row.installation.id, row.day)
            revision, number = known.get(key, (0, None))
            if number == row.number:
                continue
            known[key] = revision + 1, row.number
            values.append(
                {
                    "contract_id": row.contract.id,
                    "installation_id": row.installation.id,
                    "day": row.day,
                    "number": row.number,
                    "revision": revision + 1,
                    "source": source,
                    "user_id": self.env.uid,
                }
            )
        # nobody has a right to write the log; the callers check who may count
        counts = self.sudo().create(values)
        counts._tell_installations()
        contracts._take_counts()
        return counts.sudo(False)

    @api.model
    def _read_revisions(self, rows):
        """``{(contract id, installation id, day): (revision, number)}`` of the latest
        count of each day that ``rows`` count."""
        # whether it was counted already, whoever did
        found = self.sudo().search(
            [
                ("contract_id", "in", list({row.contract.id for row in rows})),
                ("day", "in", list({row.day for row in rows})),
            ],
            order="revision",
        )
        return {
            (count.contract_id.id, count.installation_id.id, count.day): (
                count.revision,
                count.number,
            )
            for count in found
        }

    def _tell_installations(self):
        """Each installation shows the latest count of it."""
        latest = {}
        for count in self.sorted(lambda item: (item.day, item.revision)):
            latest[count.installation_id] = count
        for installation, count in latest.items():
            if installation and count.day >= (installation.counted_on or count.day):
                installation._set_counted(count.number, count.day)

    # ------------------------------------------------------------------
    # Who may count what
    # ------------------------------------------------------------------

    @api.model
    def _require_count_right(self):
        """:raise AccessError: for everybody but contract users"""
        if not (
            self.env.su
            or self.env.user.has_group("support_contract.group_support_user")
        ):
            raise AccessError(
                self.env._("Only a contract user may enter counted activations.")
            )

    @api.model
    def count_activations(self, rows):
        """Enter counted activations from another system, for the present company. Good
        rows are kept, whatever is wrong with others.

        :param list rows: at most 10,000 dicts with plain values: ``number`` and
            ``day`` (``2026-03-31``), and ``contract`` (number of the contract),
            ``customer`` (reference or VAT number) or ``licence_key``;
            ``installation`` (name) and ``licence_key`` name one installation, without
            them the whole contract was counted
        :return: dict with ``counted`` (how many are new), ``known`` (how many had been
            counted before) and ``refused``, a list of ``{"row": position from 0,
            "reason": text}``
        :raise AccessError: for everybody but contract users
        :raise UserError: if ``rows`` is no list of dicts, or too long
        """
        self._require_count_right()
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise UserError(self.env._("Counts: give a list of rows."))
        if len(rows) > activation_rows.MAX_ROWS:
            raise UserError(
                self.env._("At most %s rows at a time.", activation_rows.MAX_ROWS)
            )
        found = self._read_rows(list(enumerate(rows)))
        good = [row for row in found if not row.reason]
        counts = self._count([row.get_count() for row in good], "rpc")
        return {
            "counted": len(counts),
            "known": len(good) - len(counts),
            "refused": [
                {"row": row.line, "reason": row.reason} for row in found if row.reason
            ],
        }

    @api.model
    def _check_day(self, day, company):
        """:raise UserError: if ``day`` lies in the future of the company"""
        today = company._support_day()
        if day > today:
            raise UserError(
                self.env._(
                    "%(day)s lies in the future: today is %(today)s.",
                    day=format_date(self.env, day),
                    today=format_date(self.env, today),
                )
            )
