"""Tables of a trial: visit windows, what was evaluable, times to events with their definitions, survival, the long form.

Every definition is stated in :data:`DEFINITIONS`; nothing is counted that was not tested, and nothing is imputed.
"""

from moltrack.analysis.trial.endpoints import (
    DEFINITIONS,
    MRD_RANK,
    TIMES,
    Definition,
    Moment,
    MrdAssessment,
    Outcome,
    best_mrd,
    best_reduction,
    is_negative,
    last_contact,
    time_to,
    time_to_clearance,
    time_to_molecular_relapse,
    time_to_mrd_negativity,
)
from moltrack.analysis.trial.long import LONG_COLUMNS, Planned, long_form
from moltrack.analysis.trial.survival import ComparedGroup, LogRank, Step, from_landmark, kaplan_meier, log_rank
from moltrack.analysis.trial.visits import (
    STATES,
    Evaluability,
    OffSchedule,
    Visit,
    VisitMatch,
    evaluability,
    map_visits,
    why_missing,
)

__all__ = [
    "DEFINITIONS",
    "LONG_COLUMNS",
    "MRD_RANK",
    "STATES",
    "TIMES",
    "ComparedGroup",
    "Definition",
    "Evaluability",
    "LogRank",
    "Moment",
    "MrdAssessment",
    "OffSchedule",
    "Outcome",
    "Planned",
    "Step",
    "Visit",
    "VisitMatch",
    "best_mrd",
    "best_reduction",
    "evaluability",
    "from_landmark",
    "is_negative",
    "kaplan_meier",
    "last_contact",
    "log_rank",
    "long_form",
    "map_visits",
    "time_to",
    "time_to_clearance",
    "time_to_molecular_relapse",
    "time_to_mrd_negativity",
    "why_missing",
]
