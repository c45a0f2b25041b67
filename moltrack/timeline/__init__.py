"""Patients as a whole: one over time (``patient``), all of a store (``cohort``), and what is written of them.

One of the two modules that compose the parts (the other is ``pipeline``).
"""

from moltrack.timeline.cohort import write_cohort
from moltrack.timeline.patient import Timeline, timeline
from moltrack.timeline.table import COMPUTED_COLUMNS, TABLE_COLUMNS, TABLE_VERSION, cell_text
from moltrack.timeline.written import file_name, private_folder, write_private

__all__ = [
    "COMPUTED_COLUMNS",
    "TABLE_COLUMNS",
    "TABLE_VERSION",
    "Timeline",
    "cell_text",
    "file_name",
    "private_folder",
    "timeline",
    "write_cohort",
    "write_private",
]
