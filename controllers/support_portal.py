# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What all portal pages of support have in common, and the way to them.

A route checks the record with the reader's own rights (``_document_check_access``),
asks a method of the model for what the page shows (plain texts, in the reader's
language), and renders it. Whatever changes something is a POST with a CSRF token and
goes through :meth:`SupportPortal._submit_once`.
"""

import hashlib
import uuid

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, ConcurrencyError, MissingError, UserError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

from .news import tell_next


class SupportPortal(CustomerPortal):
    def _get_support_record(self, model, record_id):
        """The record with all rights, if the user may read it; else None.

        Records of others and records that do not exist get the same answer. From here
        on rights are no more asked: pages print what the models' portal methods give
        them, and nothing else.
        """
        try:
            return self._document_check_access(model, record_id)
        except (AccessError, MissingError):
            return None

    def _get_priced_contract(self, contract_id):
        """The contract with all rights for a page that shows its prices, if the user
        may read both; else None. Technicians see no prices."""
        contract = self._get_support_record("support.contract", contract_id)
        if contract and contract._hides_prices(request.env.user):
            return None
        return contract

    def _get_form_key(self, kw):
        """The key of the form that was shown, made the user's own; None if it has
        none. Without the user in it, somebody else's key would lead to his page."""
        try:
            key = uuid.UUID(str(kw.get("submission_key")))
        except ValueError:
            return None
        return f"{request.env.uid}:{key}"

    def _prepare_support_values(self, page_name, **values):
        """Values of every page of support; ``page_name`` decides the breadcrumbs."""
        return {
            **self._prepare_portal_layout_values(),
            "page_name": page_name,
            "submission_key": str(uuid.uuid4()),
            "error": None,
            **values,
        }

    def _get_shown_key(self, shown):
        """What a form sends along, so that nobody orders at another price than the one
        that he has read.

        :param shown: plain values of the page
        """
        return hashlib.sha256(repr(shown).encode()).hexdigest()

    def _check_shown(self, kw, shown):
        """It protects who sends the form, so that leaving it out helps nobody.

        :param dict kw: what was posted
        :param shown: the same values as they are now
        :raise UserError: if they are not what the page showed
        """
        if "shown" in kw and kw["shown"] != self._get_shown_key(shown):
            raise UserError(
                request.env._(
                    "The prices have changed since you opened this page: please look "
                    "at them again."
                )
            )

    def _submit_once(self, kw, act, show_error):
        """Do what a form asks for, once for each form that was shown.

        :param dict kw: what was posted, with ``submission_key``
        :param act: function without arguments that does it and returns where to go on;
            nothing of it stays if it raises a UserError
        :param show_error: function that takes the message for the user and returns the
            response, usually the page with the form again
        :return: the response; what the URL of ``act`` names as ``said`` is what the
            next page says
        """
        key = self._get_form_key(kw)
        if not key:
            return show_error(
                request.env._("This page was open for too long: please try again.")
            )
        # closed to everybody; the key holds the user, who sent this very form
        forms = request.env["support.portal.form"].sudo()
        form = forms.search(Domain("key", "=", key), limit=1)
        if form:
            return request.redirect(tell_next(form.url))
        try:
            with request.env.cr.savepoint():
                form = forms.create({"key": key})
                forms.flush_model()
                form.url = act()
        except UniqueViolation as violation:
            index = forms._key_unique.full_name(forms)
            if violation.diag.constraint_name != index:
                raise
            # The same form arrived a moment earlier. Repeated on a fresh view of the
            # database, the request finds where it led to.
            raise ConcurrencyError("Portal form sent twice") from violation
        except (UserError, AccessError) as error:
            return show_error(error.args[0])
        return request.redirect(tell_next(form.url))
