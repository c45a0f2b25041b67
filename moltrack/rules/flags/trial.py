"""Rules tried on a patient: the answer on each subject, and the flags that follow."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from moltrack.model import Axis, Evolution, Flag, PatientRecords, Truth, Verdict
from moltrack.rules.facts import evidence_of
from moltrack.rules.flags.file import FlagRule, FlagRules, load_flags
from moltrack.rules.flags.registry import PREDICATES, Found
from moltrack.rules.flags.subjects import OfMarker, Pair, Patient, Subject, subjects
from moltrack.rules.inputs import kleene


@dataclass(frozen=True)
class Trial:
    """A rule tried on one subject: the answer, and what each predicate that was asked found."""

    rule: FlagRule
    subject: Subject
    answer: Truth
    found: Mapping[str, Found]

    @property
    def words(self) -> dict[str, str]:
        words = self.subject.words
        for found in self.found.values():
            words |= found.words
        return words

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The results behind the answer, each once."""
        shown = [found for found in self.found.values() if found.answer is not Truth.NO]
        return tuple(dict.fromkeys(pair for found in shown for pair in found.pairs))

    @property
    def missing(self) -> tuple[str, ...]:
        """What would answer the predicates that are open."""
        unclear = [found for found in self.found.values() if found.answer is Truth.UNKNOWN]
        return tuple(dict.fromkeys(test for found in unclear for test in found.missing))


def flags_of(
    records: PatientRecords,
    axis: Axis,
    *,
    evolution: Evolution = Evolution(),
    mrd: Sequence[Verdict] = (),
    rules: FlagRules | str | Path = "flags",
) -> tuple[Flag, ...]:
    """Every flag of a patient, in the order of the rules and of samples. The order of observations does not matter.

    Parameters
    ----------
    evolution
        How markers came and went (``moltrack.analysis``); rules that read it keep quiet without.
    mrd
        MRD verdicts, for molecular relapse and for what is seen in remission.
    rules
        A laboratory's own file instead of the rules of the references.
    """
    chosen = rules if isinstance(rules, FlagRules) else load_flags(rules)
    patient = Patient(records, axis, evolution, mrd)
    held: dict[str, set[Hashable]] = {}
    flags: dict[tuple[str, str, str, str], Flag] = {}
    for rule in chosen.rules:
        stronger = set[Hashable]().union(*(held[name] for name in rule.yields_to))
        own = held[rule.id] = set()
        for trial in tried(rule, patient):
            if trial.answer is Truth.YES:
                own.add(trial.subject.key)
            flag = flag_of(trial) if trial.subject.key not in stronger else None
            if flag is not None:
                # A marker with two quantities in one run says the same twice.
                flags.setdefault((flag.id, flag.sample, flag.marker, flag.text), flag)
    return tuple(flags.values())


def tried(rule: FlagRule, patient: Patient) -> Iterator[Trial]:
    """The rule on everything it is tried on, unless what is known of the patient rules it out."""
    known = {name: rule.ask(name, patient) for name in rule.values if PREDICATES[name].scope == "patient"}
    # What is not of the patient is open here.
    if known and kleene(rule.when, {name: found.answer for name, found in known.items()}, {}) is Truth.NO:
        return
    for subject in subjects(patient, rule.scope, hidden=rule.hidden):
        asked = _Asked(rule, subject, known)
        yield Trial(rule, subject, kleene(rule.when, asked, {}), asked.found)


class _Asked(dict[str, Truth]):
    """The answers of a rule's predicates on one subject, each asked when it is first needed."""

    def __init__(self, rule: FlagRule, subject: Subject, known: Mapping[str, Found]) -> None:
        super().__init__()
        self.rule = rule
        self.subject = subject
        self.found = dict(known)

    def get(self, name: str, default: Truth = Truth.UNKNOWN) -> Truth:  # type: ignore[override]
        found = self.found.get(name)
        if found is None:
            found = self.found[name] = self.rule.ask(name, self.subject)
        return found.answer


def flag_of(trial: Trial) -> Flag | None:
    """What is said of a trial; None when nothing is."""
    rule = trial.rule
    template = {Truth.YES: rule.text, Truth.UNKNOWN: rule.unknown}.get(trial.answer, "")
    if not template:
        return None
    words = _Words(trial.words, citation=rule.citation)
    text = template.format_map(words)
    holds = trial.answer is Truth.YES
    return Flag(
        rule.flag,
        _with_override(text, rule.overridden),
        words["sample"],
        trial.subject.marker.id if isinstance(trial.subject, OfMarker) else "",
        severity=rule.severity if holds else rule.unknown_severity,
        answer=rule.answer if holds else Truth.UNKNOWN,
        evidence=tuple(evidence_of(*pair) for pair in trial.pairs),
        missing=tuple(item.format_map(words) for item in rule.missing) if holds else trial.missing,
        citation=rule.source,
        overridden=rule.overridden,
    )


class _Words(dict[str, str]):
    """Words of a template; one that no predicate filled in is left out."""

    def __missing__(self, name: str) -> str:
        return ""


def _with_override(text: str, overridden: Sequence[str]) -> str:
    if not overridden:
        return text
    end = "." if text.endswith(".") else ""
    return f"{text.removesuffix('.')}; threshold changed by the laboratory: {', '.join(overridden)}{end}"
