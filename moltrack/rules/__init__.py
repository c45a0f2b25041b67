"""Guidelines as data on a three-valued engine: risk, response, MRD and flags.

``ruleset`` reads the risk guidelines of ``references/rules`` with the ``predicates`` they may name, ``engine`` decides over all completions of
what is unknown, ``facts`` turns observations into inputs, ``judging`` makes verdicts, ``verdict`` those of a patient, ``explain`` prints
them, ``cohort`` classifies tables. ``response`` and ``mrd`` answer the predicates of theirs, ``flags`` is its own subject; ``catalogue`` finds
rule files of every kind, ``in_use`` chooses those that a patient is judged by.
"""

from moltrack.rules.catalogue import load_rules, rule_files
from moltrack.rules.cohort import RESULTS, classify_rows, column_meanings, column_names, input_columns
from moltrack.rules.explain import changes_between, explain, summary, verdict_json
from moltrack.rules.facts import inputs_of
from moltrack.rules.flags import FlagRule, FlagRules, flags_of, load_flags
from moltrack.rules.in_use import RulesInUse, rules_in_use
from moltrack.rules.inputs import Inputs, Number
from moltrack.rules.judging import evaluate, evaluate_many
from moltrack.rules.mrd import MrdInputs, mrd_status, mrd_verdicts
from moltrack.rules.response import WINDOW_DAYS, ResponseInputs, recorded_responses, response_status, response_verdicts
from moltrack.rules.ruleset import RuleSet, load_ruleset, risk_rulesets, rulesets
from moltrack.rules.thresholds import thresholds_of
from moltrack.rules.verdict import risk_verdict

__all__ = [
    "RESULTS",
    "WINDOW_DAYS",
    "FlagRule",
    "FlagRules",
    "Inputs",
    "MrdInputs",
    "Number",
    "ResponseInputs",
    "RuleSet",
    "RulesInUse",
    "changes_between",
    "classify_rows",
    "column_meanings",
    "column_names",
    "evaluate",
    "evaluate_many",
    "explain",
    "flags_of",
    "input_columns",
    "inputs_of",
    "load_flags",
    "load_rules",
    "load_ruleset",
    "mrd_status",
    "mrd_verdicts",
    "recorded_responses",
    "response_status",
    "response_verdicts",
    "risk_rulesets",
    "risk_verdict",
    "rule_files",
    "rules_in_use",
    "rulesets",
    "summary",
    "thresholds_of",
    "verdict_json",
]
