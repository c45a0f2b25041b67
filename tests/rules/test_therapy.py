"""Which drugs were given, and which together."""

from __future__ import annotations

import pytest
from patients import drug, lesion, missed, patient, sample, seen, variant

from moltrack.analysis import build_axis
from moltrack.model import Event, EventType, Time, Truth
from moltrack.rules import load_ruleset, risk_verdict
from moltrack.rules.therapy import azacitidine_ivosidenib


def given(*events: Event) -> Truth:
    return azacitidine_ivosidenib(events)[0]


@pytest.mark.parametrize(
    ("events", "answer"),
    [
        pytest.param((), Truth.UNKNOWN, id="no-treatment-recorded"),
        pytest.param((drug("first line", 1, "azacitidine", "ivosidenib"),), Truth.YES, id="both"),
        pytest.param((drug("first line", 1, "Vidaza", "AG-120"),), Truth.YES, id="synonyms"),
        pytest.param((drug("AZA+IVO", 1),), Truth.YES, id="regimen-by-name"),
        pytest.param((drug("Vidaza and Tibsovo", 1),), Truth.YES, id="two-names"),
        pytest.param((drug("VEN+AZA", 1),), Truth.NO, id="another-regimen"),
        pytest.param((drug("AGILE-like", 1),), Truth.UNKNOWN, id="drugs-not-known"),
        pytest.param((drug("7+3", 1), drug("salvage", 90, "XYZ-123")), Truth.NO, id="listed-drug-without-entry"),
        pytest.param((drug("a", 1, "azacitidine"), drug("b", 1, "ivosidenib")), Truth.YES, id="same-start"),
        pytest.param((drug("a", 1, "azacitidine"), drug("b", 200, "ivosidenib")), Truth.UNKNOWN, id="ends-not-known"),
    ],
)
def test_azacitidine_with_ivosidenib(events: tuple[Event, ...], answer: Truth) -> None:
    assert given(*events) is answer


RELAPSE = Event(EventType.RELAPSE, "relapse", Time.day(300, anchor="start"))
FIRST_LINE, SALVAGE = drug("7+3", 1, "cytarabine"), drug("AZA+IVO", 310)


@pytest.mark.parametrize(
    ("events", "at", "category"),
    [
        # IDH1 is favorable with AZA+IVO in spite of NRAS (Döhner, Blood 2024;144:2169, Table 1), in the therapy that follows the diagnosis.
        pytest.param((drug("AZA+IVO", 1),), "", "F", id="first-line"),
        pytest.param((FIRST_LINE, RELAPSE, SALVAGE), "", "I", id="only-after-relapse"),
        pytest.param((FIRST_LINE, RELAPSE, SALVAGE), "R", "F", id="sample-of-the-relapse"),
        pytest.param((drug("AZA+IVO", 1), RELAPSE, drug("VEN+AZA", 310)), "R", "I", id="given-before-the-relapse"),
    ],
)
def test_therapy_counts_for_the_disease_that_it_treats(events: tuple[Event, ...], at: str, category: str) -> None:
    absent = [lesion(name) for name in ("TP53", "KRAS", "FLT3_ITD", "DDX41")]
    pairs = [(marker, seen(marker, where)) for where in ("D", "R") for marker in (variant("IDH1"), variant("NRAS"))]
    pairs += [(marker, missed(marker, where)) for where in ("D", "R") for marker in absent]
    samples = (sample("D", 0, "diagnosis"), sample("R", 305, "relapse"))
    records = patient(*pairs, samples=samples, events=events)
    verdict = risk_verdict(load_ruleset("eln2024li"), records, build_axis(records), at=at)
    assert verdict.category == category


@pytest.mark.parametrize(
    ("begin", "answer"),
    [pytest.param(20, Truth.YES, id="overlap"), pytest.param(40, Truth.NO, id="one-after-the-other")],
)
def test_two_treatments_are_together_while_they_overlap(begin: int, answer: Truth) -> None:
    def during(first: int, last: int, *drugs: str) -> Event:
        ends = {"start": Time.day(first, anchor="start"), "end": Time.day(last, anchor="start")}
        return Event(EventType.TREATMENT, "treatment", drugs=drugs, **ends)

    assert given(during(1, 28, "azacitidine"), during(begin, 60, "ivosidenib")) is answer
