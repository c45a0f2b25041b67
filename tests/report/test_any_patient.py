"""Whatever a store may hold of a patient, the page is built, its data is JSON, and no number is invented."""

from __future__ import annotations

import json
import math
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from moltrack.model import (
    Counts,
    Event,
    EventType,
    Limit,
    LimitKind,
    Marker,
    MarkerKind,
    Observation,
    Origin,
    PatientInfo,
    PatientRecords,
    SampleInfo,
    Status,
    Technique,
    Time,
    Tissue,
)
from moltrack.quantity import QUANTITIES
from moltrack.report import cohort_page, cohort_row, figure, patient_page
from report.case import view

NAMES = ("a", "b", "c", "d")
KINDS = tuple(MarkerKind)

times = st.one_of(
    st.just(Time()),
    st.builds(lambda n: Time(order=n), st.integers(1, 9)),
    st.builds(lambda m, d: Time.on(f"2021-{m:02}-{d:02}"), st.integers(1, 12), st.integers(1, 28)),
    st.builds(lambda m: Time.on(f"2021-{m:02}"), st.integers(1, 12)),
    st.builds(lambda a, b: Time.day(a, a + b), st.integers(-50, 300), st.integers(0, 20)),
    st.builds(lambda a: Time.day(a, anchor="HSCT"), st.integers(-50, 300)),
)
limits = st.lists(
    st.builds(Limit, st.sampled_from(tuple(LimitKind)), st.floats(1e-6, 0.5), st.just("declared")), max_size=3, unique_by=lambda x: x.kind
)  # fmt: skip
counts = st.one_of(
    st.just(Counts()),
    st.builds(lambda a, b: Counts(alt=a, ref=b, depth=a + b), st.integers(0, 500), st.integers(1, 5000)),
)
levels = st.one_of(st.none(), st.just(0.0), st.floats(1e-6, 1))
observations = st.builds(
    Observation,
    patient=st.just("P01"),
    sample=st.sampled_from(NAMES),
    marker=st.sampled_from([str(kind) for kind in KINDS]),
    assay=st.sampled_from(("one", "two")),
    technique=st.sampled_from((Technique.DNA_SEQUENCING, Technique.FISH, Technique.QPCR, Technique.FLOW)),
    tissue=st.sampled_from((Tissue.BM, Tissue.PB, Tissue.UNKNOWN)),
    status=st.sampled_from(tuple(Status)),
    quantity=st.sampled_from(("", *QUANTITIES)),
    level=levels,
    comparator=st.sampled_from(("", "<", ">", "~")),
    printed=st.sampled_from(("", "5 %", "12 mg/L")),
    counts=counts,
    limits=limits.map(tuple),
    text=st.sampled_from(("", "complex")),
    origins=st.builds(lambda n: (Origin("x.csv", n),), st.integers(1, 10_000)),
)
events = st.builds(
    Event, st.sampled_from(tuple(EventType)), st.sampled_from(("HSCT", "chemo", "relapse")), times, st.none(),
    is_anchor=st.booleans(), planned=st.booleans(),
)  # fmt: skip


@st.composite
def patients(draw: st.DrawFn) -> PatientRecords:
    samples = tuple(
        SampleInfo("P01", name, draw(times), draw(st.sampled_from((Tissue.BM, Tissue.PB)))) for name in NAMES
    )
    return PatientRecords(
        PatientInfo("P01"),
        samples,
        tuple(draw(st.lists(events, max_size=4))),
        tuple(Marker(str(kind), kind, f"{kind} marker") for kind in KINDS),
        tuple(draw(st.lists(observations, max_size=14))),
    )


@settings(max_examples=60)
@given(patients())
def test_every_patient_has_pages(data):
    shown = view(data, risk=(), response=(), flags=(), missing=())
    html = patient_page(shown)
    json.loads(re.search(r'id="data">(.*?)</script>', html, re.DOTALL)[1])
    assert "P01" in cohort_page([cohort_row(shown)], shown.provenance)


@settings(max_examples=60)
@given(patients())
def test_every_height_is_a_level_or_a_limit_of_the_patient(data):
    known = {
        float(f"{value:.6g}")
        for o in data.observations
        for value in (o.level, *(x.value for x in o.limits))
        if value is not None
    }
    fig = figure(view(data, risk=(), response=(), flags=(), missing=()))
    for trace in fig["data"]:
        axis = fig["layout"].get("yaxis" + trace["yaxis"][1:], {})
        if axis.get("type") not in {"log", "linear"} or trace.get("meta") == "limit":
            continue
        for value in trace["y"]:
            # Limits that are computed from counts are the one figure that no file printed.
            computed = value is not None and any(_from_counts(o, value) for o in data.observations)
            assert value is None or float(f"{value:.6g}") in known or computed


def _from_counts(item: Observation, value: float) -> bool:
    depth = item.counts.depth
    if not depth:
        return False
    lod = 1 - 0.05 ** (1 / depth)
    return any(math.isclose(value, x, rel_tol=1e-4) for x in (lod, lod / (1 - lod)))
