"""moltrack: a leukaemia patient's molecular markers as comparable series over time.

The public API::

    import moltrack

    with moltrack.open("moltrack.db") as store:
        store.ingest("diagnosis.vcf.gz", patient="P01", sample="S1", date="2021-05-12")
        timeline = store.timeline("P01")
        timeline.table()            # pandas DataFrame
        print(timeline.risk("eln2022").text)

Everything is imported when first used, so that ``import moltrack`` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from moltrack.formats import read
    from moltrack.pipeline import Store, ingest, open
    from moltrack.timeline import Timeline, timeline

__version__ = "0.1.0"

__all__ = ["Store", "Timeline", "__version__", "ingest", "open", "read", "timeline"]

_HOMES = {
    "Store": "moltrack.pipeline",
    "Timeline": "moltrack.timeline",
    "ingest": "moltrack.pipeline",
    "open": "moltrack.pipeline",
    "read": "moltrack.formats",
    "timeline": "moltrack.timeline",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'moltrack' has no attribute '{name}'")
