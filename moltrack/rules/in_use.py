"""The rules that a patient is judged by: one file for each question, the references' or a laboratory's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from moltrack.errors import InputError
from moltrack.rules.catalogue import load_rules
from moltrack.rules.flags import FlagRules, load_flags
from moltrack.rules.ruleset import RuleSet, load_ruleset, risk_rulesets


@dataclass(frozen=True)
class RulesInUse:
    """The rule sets behind the verdicts and flags of a patient; ``risk`` holds several, oldest first."""

    risk: tuple[RuleSet, ...]
    response: RuleSet
    mrd: RuleSet
    flags: FlagRules

    def risk_of(self, name: str) -> RuleSet:
        """The risk rules in the place of a guideline of the references."""
        return next(rules for rules in self.risk if name in {rules.id, rules.extends})

    @property
    def versions(self) -> tuple[str, ...]:
        """Each rule set with its version and, where it is a laboratory's, its files with the start of their SHA-256."""
        used: tuple[RuleSet | FlagRules, ...] = (*self.risk, self.response, self.mrd, self.flags)
        return tuple(map(_version, used))


def _version(rules: RuleSet | FlagRules) -> str:
    files = ", ".join(f"{name} sha256 {digest[:12]}" for name, digest in rules.files)
    return f"{rules.id} {rules.version}" + (f" ({files})" if files else "")


def rules_in_use(files: Sequence[str | Path] = ()) -> RulesInUse:
    """The references' rules, each replaced by the file that is about the same.

    A file that extends a risk guideline takes its place; a risk guideline of its own is judged beside the others.

    Parameters
    ----------
    files
        Rule files about risk, response, MRD or flags, by path or by their name in the references.

    Raises
    ------
    InputError
        Two files are about the same.
    UnknownError, RuleError
        As of :func:`load_rules`.
    """
    found = RulesInUse(
        tuple(map(load_ruleset, risk_rulesets())),
        load_ruleset("eln2022", "response"),
        load_ruleset("eln2021", "mrd"),
        load_flags(),
    )
    given: dict[str, str | Path] = {}
    for name in files:
        rules = load_rules(name)
        about = rules.extends or rules.id if isinstance(rules, RuleSet) and rules.kind == "risk" else rules.kind
        if about in given:
            raise InputError(f"{given[about]} and {name} are both rules for {about}.", advice="Give one of them.")
        given[about] = name
        if isinstance(rules, FlagRules):
            found = replace(found, flags=rules)
        elif rules.kind == "response":
            found = replace(found, response=rules)
        elif rules.kind == "mrd":
            found = replace(found, mrd=rules)
        else:
            found = replace(found, risk=_with(found.risk, rules))
    return found


def _with(risk: tuple[RuleSet, ...], rules: RuleSet) -> tuple[RuleSet, ...]:
    replaced = rules.extends or rules.id
    if replaced not in {one.id for one in risk}:
        return (*risk, rules)
    return tuple(rules if one.id == replaced else one for one in risk)
