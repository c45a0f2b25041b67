"""Findings about a patient that are no category: discordance, emerging markers, possible germline variants, resistance ...

Each flag is a rule of ``references/rules/flags.yaml``: a condition over named predicates, its words, its citation. ``registry`` says what a
predicate is; the modules ``on_*`` hold them by what they are asked of (``subjects``). ``file`` reads and checks rule files, ``trial`` tries
the rules on a patient. A new flag needs a rule; only a new question needs a predicate.
"""

from moltrack.rules.flags.file import FlagRule, FlagRules, load_flags
from moltrack.rules.flags.registry import PREDICATES, FlagPredicate
from moltrack.rules.flags.subjects import Patient
from moltrack.rules.flags.trial import Trial, flags_of, tried

__all__ = [
    "PREDICATES",
    "FlagPredicate",
    "FlagRule",
    "FlagRules",
    "Patient",
    "Trial",
    "flags_of",
    "load_flags",
    "tried",
]
