# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import random
import time
from contextlib import contextmanager
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..tools.support_code import mask_code

#: wrong codes that an operator may enter before entry is locked
LIMIT = 5
#: how long a wrong code is remembered, and how long entry stays locked
MEMORY = timedelta(minutes=15)

TRIES = 30


class SupportCodeGuard(models.Model):
    """How many wrong support codes a user has entered: one row for each user.

    A try is counted before the code is looked at, in one statement and a transaction
    of its own. So it counts although the request fails, and of many tries at once no
    more than the limit get through (``trust.md``, rule 12).
    """

    _name = "support.code.guard"
    _description = "Wrong Support Codes of a User"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        comodel_name="res.users", required=True, readonly=True, ondelete="cascade"
    )
    failures = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Wrong codes since the last right one, none of them more than 15 minutes "
        "after the one before.",
    )
    last_failure = fields.Datetime(required=True, readonly=True)
    locked_until = fields.Datetime(compute="_compute_locked_until")

    _user_unique = models.UniqueIndex(
        "(user_id)", "Wrong codes are counted in one row for each user."
    )

    @api.depends("failures", "last_failure")
    def _compute_locked_until(self):
        now = self.env["res.company"]._support_now()
        for guard in self:
            until = guard.last_failure + MEMORY
            locked = guard.failures >= LIMIT and until > now
            guard.locked_until = until if locked else False

    # ------------------------------------------------------------------
    # What calls need
    # ------------------------------------------------------------------

    @api.model
    def _take_try(self):
        """Count a try of the current user, as wrong until it proves right.

        :return: until when entry is locked (naive UTC), and the code must not be
            looked at; None if it may
        """
        now = self.env["res.company"]._support_now()
        statement = SQL(
            """
            INSERT INTO support_code_guard AS guard
                   (user_id, failures, last_failure,
                    create_uid, create_date, write_uid, write_date)
            VALUES (%(user)s, 1, %(now)s, %(user)s, %(now)s, %(user)s, %(now)s)
            ON CONFLICT (user_id) DO UPDATE
               SET failures = CASE WHEN guard.last_failure > %(past)s
                                   THEN guard.failures + 1 ELSE 1 END,
                   last_failure = %(now)s, write_uid = %(user)s, write_date = %(now)s
             WHERE guard.failures < %(limit)s OR guard.last_failure <= %(past)s
            RETURNING failures
            """,
            user=self.env.uid,
            now=now,
            past=now - MEMORY,
            limit=LIMIT,
        )
        if self._commit_alone(statement):
            return None
        return self._get_locked_until() or now + MEMORY

    @api.model
    def _forgive(self, user=None):
        """A right code was entered, or a manager lifts the lock: forget the wrong
        ones of the user (default: the current one)."""
        self._commit_alone(
            SQL(
                "UPDATE support_code_guard SET failures = 0 WHERE user_id = %s "
                "RETURNING id",
                (user or self.env.user).id,
            )
        )

    @api.model
    def _refuse(self, text, kind):
        """Note a wrong code, masked, so that it stays whatever becomes of the request.

        :param kind: ``malformed`` or ``unknown``
        :return: how many tries are left, and until when entry is locked if none is
        """
        now = self.env["res.company"]._support_now()
        self._commit_alone(
            SQL(
                """
                INSERT INTO support_code_refusal
                       (user_id, company_id, date, code, kind,
                        create_uid, create_date, write_uid, write_date)
                VALUES (%(user)s, %(company)s, %(now)s, %(code)s, %(kind)s,
                        %(user)s, %(now)s, %(user)s, %(now)s)
                RETURNING id
                """,
                user=self.env.uid,
                company=self.env.company.id,
                now=now,
                code=mask_code(text),
                kind=kind,
            )
        )
        [(failures, last_failure)] = self._commit_alone(
            SQL(
                "SELECT failures, last_failure FROM support_code_guard "
                "WHERE user_id = %s",
                self.env.uid,
            )
        ) or [(LIMIT, now)]
        left = max(LIMIT - failures, 0)
        return left, None if left else last_failure + MEMORY

    @api.model
    def _get_locked_until(self, user=None):
        """Until when the user (default: the current one) cannot enter codes (naive
        UTC), or None."""
        rows = self._commit_alone(
            SQL(
                "SELECT last_failure FROM support_code_guard "
                "WHERE user_id = %s AND failures >= %s AND last_failure > %s",
                (user or self.env.user).id,
                LIMIT,
                self.env["res.company"]._support_now() - MEMORY,
            )
        )
        return rows[0][0] + MEMORY if rows else None

    # ------------------------------------------------------------------
    # Transactions of their own
    # ------------------------------------------------------------------

    def _commit_alone(self, statement):
        """Rows of one statement in a transaction that commits whatever becomes of the
        request. Many at once wait for each other; a try that could not be counted is
        refused with the error."""
        for attempt in range(1, TRIES + 1):
            try:
                with self._own_cursor() as cursor:
                    cursor.execute(statement)
                    return cursor.fetchall()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                if attempt == TRIES:
                    raise
                time.sleep(random.uniform(0, 0.02 * min(attempt, 10)))

    @contextmanager
    def _own_cursor(self):
        # only this model's own rows, with plain values: nothing of the request is seen
        with self.env.registry.cursor() as cursor:
            yield cursor

    def _require_lift_right(self):
        if not (
            self.env.su
            or self.env.user.has_group("support_contract.group_support_manager")
        ):
            raise AccessError(
                self.env._("Only a contract manager may lift the lock on code entry.")
            )
