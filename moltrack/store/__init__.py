"""Records in a database, and back: SQLite by default, PostgreSQL by URL. See :class:`Store`.

``schema`` says what is kept, ``landing`` and ``edits`` how it changes, ``reading`` how it is read, ``derived`` what is made of
it, ``audit`` and ``verify`` why it can be trusted.
"""

from moltrack.store.landing import Landed
from moltrack.store.store import Store
from moltrack.store.upkeep import StoreInfo
from moltrack.store.verify import Verification

__all__ = ["Landed", "Store", "StoreInfo", "Verification"]
