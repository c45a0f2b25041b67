"""Tables of a trial over all patients of a store: visits, endpoints, survival, the long form.

A patient is read up to the data lock: samples and events after it are left out before markers are derived, so nothing that was
recorded later can change a table.
"""

from moltrack.timeline.trial.endpoints import ENDPOINT_COLUMNS, endpoints_table
from moltrack.timeline.trial.long import long_table
from moltrack.timeline.trial.outcomes import outcomes, relapse_free_survival
from moltrack.timeline.trial.schedule import Schedule, read_schedule
from moltrack.timeline.trial.selection import Selection
from moltrack.timeline.trial.subjects import Subject, TrialTable, records_until, subjects
from moltrack.timeline.trial.survival import SURVIVAL_COLUMNS, SURVIVAL_DEFINITIONS, mrd_group, survival_table
from moltrack.timeline.trial.visits import VISIT_COLUMNS, visits_table

__all__ = [
    "ENDPOINT_COLUMNS",
    "SURVIVAL_COLUMNS",
    "SURVIVAL_DEFINITIONS",
    "VISIT_COLUMNS",
    "Schedule",
    "Selection",
    "Subject",
    "TrialTable",
    "endpoints_table",
    "long_table",
    "mrd_group",
    "outcomes",
    "read_schedule",
    "records_until",
    "relapse_free_survival",
    "subjects",
    "survival_table",
    "visits_table",
]
