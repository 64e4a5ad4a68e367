# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
import random
import time
from functools import partial

from odoo import fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import split_every

_logger = logging.getLogger(__name__)

TRIES = 5


class SupportJobMixin(models.AbstractModel):
    """How every nightly job works: in batches that commit, repeating a batch on
    conflicts itself (Odoo does not retry jobs), then record by record, so that one
    bad record is left behind with its error and the others go on (``design.md``,
    "Contract"; ``trust.md``, rule 15).

    A model that uses it has an owner ``user_id``, and a chatter or another record that
    has one (:meth:`_get_job_owner_record`).
    """

    _name = "support.job.mixin"
    _description = "Work in Committed Batches"

    job_error = fields.Text(
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Why the last run of a job left this record behind.",
    )
    job_error_method = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_user",
        export_string_translation=False,
        help="Technical name of the job that failed.",
    )

    def _run_job(self, method, batch_size=200):
        """Call ``method`` on batches of ``self`` and commit each one.

        The method must do what is due by itself and nothing when called again: a
        killed or repeated run ends where an undisturbed one would have.

        :return: True if all batches were tried, False if the time ran out; what is
            left is still due and is found by the next run
        """
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(self))
        for ids in split_every(batch_size, self.ids):
            self.browse(ids)._run_batch(method)
            if not cron._commit_progress(len(ids)):
                return False
        return True

    def _run_batch(self, method):
        """One batch and its commit; split to single records when it fails."""
        error = self._try_batch(method)
        if error is None:
            return
        parts = self._split_job_batch()
        if len(parts) > 1:
            for part in parts:
                part._run_batch(method)
        elif isinstance(error, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
            # nobody's fault: the record stays due for the next run
            _logger.warning("%s: conflicts last on %s: %s", method, self, error)
        else:
            _logger.error("%s failed on %s", method, self, exc_info=error)
            failure = self._try_commit(partial(self._store_job_error, method, error))
            if failure is not None:
                _logger.error("no error stored on %s: %s", self, failure)

    def _split_job_batch(self):
        """The batch in parts that are done on their own after it failed as a whole."""
        return list(self)

    def _try_batch(self, method):
        """Run and commit; return the error if it failed for good."""

        def run():
            records = self.exists()
            getattr(records, method)()
            records._clear_job_error(method)

        return self._try_commit(run)

    def _try_commit(self, function):
        """Call and commit, again on conflicts; return the error if it failed for
        good."""
        for attempt in range(1, TRIES + 1):
            try:
                function()
                self.env.cr.flush()
                # a batch that stands must survive what comes after it
                self.env.cr.commit()  # pylint: disable=invalid-commit
                return None
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY as error:
                self.env.cr.rollback()
                last = error
                time.sleep(random.uniform(0, 0.05 * 2**attempt))
            except Exception as error:  # pylint: disable=broad-except
                self.env.cr.rollback()
                return error
        return last

    def _store_job_error(self, method, error):
        """Keep the error on the record and tell its owner, once."""
        # the job's own note, on records that its user need not be able to write
        records = self.sudo().exists()
        if records and not any(records.mapped("job_error")):
            record = records[0]
            record._get_job_owner_record().activity_schedule(
                "support_contract.mail_activity_type_job_error",
                user_id=record.user_id.id or self.env.uid,
                note=str(error),
            )
        records.write(
            {"job_error": str(error) or repr(error), "job_error_method": method}
        )

    def _clear_job_error(self, method):
        """The job has succeeded: its own error is over, another job's is not."""
        # as in _store_job_error
        failed = self.sudo().filtered(
            lambda record: record.job_error and record.job_error_method == method
        )
        if failed:
            failed.write({"job_error": False, "job_error_method": False})
            failed._get_job_owner_record().activity_unlink(
                ["support_contract.mail_activity_type_job_error"]
            )

    def _get_job_owner_record(self):
        """The record with the chatter in which the owner is told about an error."""
        return self
