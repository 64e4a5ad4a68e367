"""A plugin of pytest: what Odoo has read once need not be read again for each test.

Odoo empties the registry's caches (rights, views, compiled pages, ...) after each test,
as the test's changes are rolled back. But who changes something that is cached has to
empty its cache: so a cache that nobody emptied still holds what was true before the
test, and one that was emptied gets back what it held until then. The same for a class,
whose set-up is rolled back too.
"""

from unittest.mock import patch

from odoo.orm.registry import Registry
from odoo.tests.common import TransactionCase, get_db_name
from odoo.tools.lru import LRU


class KeptCache(LRU):
    """A cache that can be put back to what it held when something began."""

    __slots__ = ("begun",)

    def __init__(self, count):
        super().__init__(count)
        # Of the class and of the test in it: what was here when it emptied the cache.
        self.begun = []

    def clear(self):
        with self._lock:
            if self.begun and self.begun[-1] is None:
                self.begun[-1] = self.snapshot
            super().clear()

    def begin(self):
        self.begun.append(None)

    def end(self):
        with self._lock:
            held = self.begun.pop()
            if held is not None:
                self._values = held
                self._ordering = dict.fromkeys(held)

    def forget(self):
        """Nothing of this is true any more."""
        with self._lock:
            self.begun = [{} for _ in self.begun]
            super().clear()


def _init(self, db_name):
    _odoo_init(self, db_name)
    caches = self._Registry__caches
    caches.update({name: KeptCache(cache.count) for name, cache in caches.items()})


def _set_up_class(cls):
    registry = Registry(get_db_name())
    cls.addClassCleanup(registry.__dict__.pop, "clear_all_caches", None)
    _odoo_set_up_class(cls)
    _begin(registry)
    # Before Odoo's own clean-up, which shall not empty them again.
    cls.addClassCleanup(setattr, registry, "clear_all_caches", lambda: None)
    cls.addClassCleanup(_end, cls)


def _set_up(self):
    # This belongs to the class.
    self.env.flush_all()
    _begin(self.registry)

    def end():
        _end(type(self))

    with patch.object(self.registry, "clear_all_caches", end):
        _odoo_set_up(self)


def _begin(registry):
    for cache in registry._Registry__caches.values():
        cache.begin()


def _end(cls):
    registry = cls.registry
    changed = (
        registry.registry_invalidated
        or registry.registry_sequence != cls.registry_start_sequence
    )
    for cache in registry._Registry__caches.values():
        if changed:  # in its models or fields
            cache.forget()
        cache.end()


_odoo_init = Registry.init
_odoo_set_up_class = TransactionCase.setUpClass.__func__
_odoo_set_up = TransactionCase.setUp

Registry.init = _init
TransactionCase.setUpClass = classmethod(_set_up_class)
TransactionCase.setUp = _set_up
