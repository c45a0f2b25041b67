"""The reference case (Exp Hematol Oncol 2022;11:67) as records, and what hostile input may look like.

Levels are those of the letter; samples, assays and lines are made up for the test.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from moltrack.analysis import build_axis, build_series, clearance
from moltrack.analysis.clones import clones_of
from moltrack.model import (
    Assay,
    Event,
    EventType,
    Evidence,
    Flag,
    Limit,
    LimitKind,
    Marker,
    MarkerKind,
    Measured,
    Observation,
    Origin,
    PatientInfo,
    PatientRecords,
    PatientView,
    Phase,
    PredicateTrace,
    Provenance,
    RuleTrace,
    SampleInfo,
    Status,
    Technique,
    Threshold,
    Time,
    Tissue,
    Truth,
    Verdict,
)

SAMPLES = (
    SampleInfo("P01", "dx", Time.on("2021-05", order=1), Tissue.BM, Phase.parse("diagnosis")),
    SampleInfo("P01", "rel", Time(order=5), Tissue.BM, Phase.parse("relapse")),
    SampleInfo("P01", "pre", Time(order=8), Tissue.BM, label="before infusion"),
    SampleInfo("P01", "d14pb", Time.day(14), Tissue.PB),
    SampleInfo("P01", "d17", Time.day(17), Tissue.BM),
    SampleInfo("P01", "d28pb", Time.day(28), Tissue.PB),
    SampleInfo("P01", "hsct", Time.day(90), Tissue.BM, Phase.parse("post_hct")),
)
_T, _R, _X = EventType.TREATMENT, EventType.RESPONSE, EventType.TOXICITY
EVENTS = (
    Event(_T, "IA (3+7)", Time(order=2), drugs=("idarubicin", "cytarabine")),
    Event(_R, "PR", Time(order=2), recorded_by="treating centre"),
    Event(_T, "decitabine + venetoclax", Time(order=3)),
    Event(_R, "CR", Time(order=3)),
    Event(_T, "CLAG + sorafenib", Time(order=4)),
    Event(EventType.RELAPSE, "relapse", Time(order=5)),
    Event(_T, "CLIA + venetoclax, gilteritinib", Time(order=6)),
    Event(_R, "failed", Time(order=6)),
    Event(_T, "decitabine", Time.day(-6), Time.day(-3), dose="50", unit="mg/day"),
    Event(_T, "fludarabine + cyclophosphamide", Time.day(-5), Time.day(-3), dose="30 + 300", unit="mg/m²/day"),
    Event(EventType.INFUSION, "CD7 CAR-T", Time.day(0), is_anchor=True, dose="1e6", unit="/kg"),
    Event(EventType.INFUSION, "CD7 CAR-T second dose", Time.day(2), dose="4e6", unit="/kg"),
    Event(_X, "fever", Time.day(1), Time.day(12), note="highest 39.4 °C"),
    Event(_X, "CRS", Time.day(1), Time.day(12), grade="3", scale="ASTCT 2019"),
    Event(_X, "cytopenia", Time.day(1), Time.day(38), grade="4"),
    Event(_X, "liver", Time.day(5), grade="3"),
    Event(_X, "end of neutropenia", Time.day(38)),
    Event(EventType.TRANSPLANT, "allo-HSCT", Time.day(55, 65)),
    Event(_R, "CR, MRD-negative", Time.day(90), recorded_by="treating centre"),
    Event(_X, "platelets free of transfusion", Time.day(91, 101)),
)
MARKERS = (
    Marker("ASXL1", MarkerKind.SMALL_VARIANT, "ASXL1 p.G646Wfs*12", ("ASXL1",)),
    Marker("FLT3-ITD", MarkerKind.ITD, "FLT3-ITD", ("FLT3",), ("FLT3_ITD",)),
    Marker("TP53 deletion", MarkerKind.COPY_NUMBER, "TP53 deletion", ("TP53",), ("minus17_abn17p",)),
    Marker("SKAP2::RUNX1", MarkerKind.FUSION, "SKAP2::RUNX1", ("SKAP2", "RUNX1")),
    Marker("MFC-MRD", MarkerKind.FLOW, "MFC-MRD", finding=Measured(MarkerKind.FLOW, "MFC-MRD")),
    Marker("blasts", MarkerKind.BLASTS, "BM blasts"),
    Marker("CD7", MarkerKind.ANTIGEN, "CD7 on blasts"),
    Marker("CAR", MarkerKind.EXPRESSION, "CAR copies", finding=Measured(MarkerKind.EXPRESSION, "CAR transgene")),
    Marker("karyotype", MarkerKind.REPORTED, "karyotype"),
)


def seen(sample: str, marker: str, assay: str, technique: Technique, line: int, **fields: object) -> Observation:
    tissue = next(item.tissue for item in SAMPLES if item.sample == sample)
    values: dict[str, object] = {
        "patient": "P01",
        "sample": sample,
        "marker": marker,
        "assay": assay,
        "technique": technique,
        "tissue": tissue,
        "status": Status.DETECTED,
        "origins": (Origin(f"{assay}.csv", line, "ab12"),),
    }
    return Observation(**(values | fields))  # type: ignore[arg-type]


def observations() -> tuple[Observation, ...]:
    panel, frag, fish, rna = (
        Technique.DNA_SEQUENCING,
        Technique.FRAGMENT_ANALYSIS,
        Technique.FISH,
        Technique.RNA_SEQUENCING,
    )
    flow, qpcr, miss = Technique.FLOW, Technique.QPCR, Status.NOT_DETECTED
    itd = [("dx", 0.594, "59.4%", 2), ("d17", 0.059, "5.9%", 4)]
    items = [
        seen(
            "dx", "ASXL1", "panel", panel, 2, quantity="vaf", level=0.06, printed="6%", flags=("illustrative variant",)
        ),
        seen("pre", "FLT3-ITD", "fragment", frag, 3),
        seen(
            "hsct",
            "FLT3-ITD",
            "fragment",
            frag,
            5,
            status=miss,
            limits=(Limit(LimitKind.LOD, 0.01, "declared for assay fragment"),),
            quantity="allelic_ratio",
        ),
        seen("rel", "SKAP2::RUNX1", "RNA panel", rna, 2),
        seen("pre", "SKAP2::RUNX1", "RNA panel", rna, 3),
        seen("d17", "SKAP2::RUNX1", "RNA panel", rna, 4, quantity="fusion_fraction", level=0.03, printed="3.0%"),
        seen(
            "dx",
            "TP53 deletion",
            "FISH",
            fish,
            2,
            quantity="cell_fraction",
            level=0.72,
            printed="72%",
            flags=("cutoff_unknown",),
        ),
        seen(
            "d17",
            "TP53 deletion",
            "FISH",
            fish,
            3,
            quantity="cell_fraction",
            level=0.09,
            printed="9%",
            flags=("cutoff_unknown",),
        ),
        seen("pre", "MFC-MRD", "MFC", flow, 2, quantity="cell_fraction", level=0.129, printed="12.9%"),
        seen("d17", "MFC-MRD", "MFC", flow, 3, quantity="cell_fraction", level=0.00025, printed="2.5e-4"),
        seen("hsct", "MFC-MRD", "MFC", flow, 4, status=miss, quantity="cell_fraction"),
        seen(
            "pre", "blasts", "morphology", Technique.MORPHOLOGY, 2, quantity="cell_fraction", level=0.2, printed="20%"
        ),
        seen(
            "d17",
            "blasts",
            "morphology",
            Technique.MORPHOLOGY,
            3,
            status=miss,
            quantity="cell_fraction",
            level=0.0,
            printed="0",
        ),
        seen("pre", "CD7", "MFC", flow, 5, quantity="cell_fraction", level=0.956, printed="95.6%"),
        seen(
            "d14pb", "CAR", "CAR qPCR", qpcr, 2, quantity="copies_per_ug", level=183945.0, printed="183,945 copies/µg"
        ),
        seen("d28pb", "CAR", "CAR qPCR", qpcr, 3, quantity="copies_per_ug", level=5084.0, printed="5,084 copies/µg"),
        seen("dx", "karyotype", "SNP array", Technique.REPORTED, 2, text="complex"),
        seen("d17", "karyotype", "karyotyping", Technique.REPORTED, 3, text="normal"),
    ]
    for sample, ratio, printed, line in itd:
        item = seen(sample, "FLT3-ITD", "fragment", frag, line, quantity="allelic_ratio", level=ratio, printed=printed)
        items += [item, replace(item, quantity="vaf", level=ratio / (1 + ratio), formula="VAF = AR / (1 + AR)")]
    return tuple(items)


def records() -> PatientRecords:
    return PatientRecords(
        PatientInfo("P01", sex="female", age=17, diagnosis="AML"),
        SAMPLES,
        EVENTS,
        MARKERS,
        observations(),
        assays=(Assay("fragment", Technique.FRAGMENT_ANALYSIS, factor=Decimal(1)),),
    )


def risk() -> Verdict:
    loss = PredicateTrace(
        "minus17_abn17p",
        "loss of 17p or TP53?",
        Truth.YES,
        "72 %",
        (Evidence("TP53 deletion 72 %", "dx", "TP53 deletion", "FISH.csv:2"),),
    )
    complex_ = PredicateTrace("complex", "complex karyotype?", Truth.UNKNOWN, missing=("karyotype by metaphases",))
    return Verdict(
        ruleset="eln2017",
        version="1",
        title="ELN 2017 risk",
        sample="dx",
        category=None,
        possible=("favorable", "intermediate", "adverse"),
        as_observed="adverse",
        reason="core-binding factor fusions were not tested",
        deciding=("RUNX1::RUNX1T1", "CBFB::MYH11", "KMT2A::MLLT3"),
        rules=(
            RuleTrace("adverse", "Adverse", "adverse", Truth.YES, "Döhner, Blood 2017;129:424, Table 5", operator="any", parts=(
                RuleTrace("loss17p", "-17 or abnormal 17p", "adverse", Truth.YES, predicate=loss),
                RuleTrace("complex", "complex karyotype", "adverse", Truth.UNKNOWN, predicate=complex_),
            )),
        ),
        citation="Döhner, Blood 2017;129:424",
    )  # fmt: skip


def view(data: PatientRecords | None = None, **fields: object) -> PatientView:
    """The page's input for the reference case, or for other records."""
    data = data or records()
    axis = build_axis(data)
    series = build_series(data, axis)
    values: dict[str, object] = {
        "records": data,
        "axis": axis,
        "clearances": tuple(clearance(one, axis, data, thresholds=THRESHOLDS) for one in series),
        "risk": (risk(), replace(risk(), ruleset="eln2022", title="ELN 2022 risk")),
        "response": (Verdict("response", "1", "Response, ELN 2022", "d17", None, ("CR", "CRh", "CRi", "MLFS"), deciding=("neutrophils", "platelets"), reason="blasts 0 %, counts missing"),),
        "flags": (
            Flag("minor", "Adult guidelines are applied to a patient of 17 years.", "dx", severity="warning"),
            Flag("discordant", "FLT3-ITD 5.9 % and SKAP2::RUNX1 3.0 % detected while MFC is 0.025 %.", "d17", severity="alert", evidence=(Evidence("FLT3-ITD AR 0.059", "d17", "FLT3-ITD", "fragment.csv:4"),)),
            Flag("emerging", "Whether SKAP2::RUNX1 emerges is not decided.", "rel", answer=Truth.UNKNOWN, missing=("an RNA test at diagnosis",)),
        ),
        "missing": ("ELN 2017 risk: RUNX1::RUNX1T1", "ELN 2017 risk: CBFB::MYH11", "Cutoff of the TP53 FISH assay"),
        "thresholds": THRESHOLDS,
        "clones": clones_of(data, axis, series),
        "provenance": Provenance("0.1.0", ("eln2017 1", "eln2022 1"), "9f2c" * 16, "2026-01-31 12:00 UTC", sources=(("fragment.csv", "ab12" * 16),)),
    }  # fmt: skip
    return PatientView(**(values | fields))  # type: ignore[arg-type]


#: Lines of the case's series, as the rules draw them.
THRESHOLDS = (
    Threshold("MFC-MRD", "cell_fraction", "MFC", 0.001, "ELN-MRD 2021", "flow MRD positive from here", "Heuser, Blood 2021;138:2753", "mrd_eln2021 1"),
    Threshold("FLT3-ITD", "allelic_ratio", "fragment", 0.5, "ELN 2017 genetic risk", "high ratio from here, at diagnosis"),
    Threshold("TP53 deletion", "cell_fraction", "FISH", 0.07, "cutoff of FISH", "highest value of negatives", "declared"),
)  # fmt: skip


def late_view() -> PatientView:
    """The case with one more sample two years later: a long gap."""
    data = records()
    late = SampleInfo("P01", "late", Time.day(820), Tissue.PB)
    item = seen("d17", "FLT3-ITD", "fragment", Technique.FRAGMENT_ANALYSIS, 9, quantity="allelic_ratio", level=0.01)
    item = replace(item, sample="late", tissue=Tissue.BM)
    return view(replace(data, samples=(*data.samples, late), observations=(*data.observations, item)))


#: Text that would break a page that does not escape.
HOSTILE = "<script>alert(1)</script></script>\"'&<img src=x onerror=alert(2)>\u202eRTL =1+1"


def hostile_view() -> PatientView:
    """The case with hostile text wherever a file may bring text in."""
    data = records()
    data = replace(
        data,
        patient=replace(data.patient, patient=HOSTILE, diagnosis=HOSTILE, note=HOSTILE),
        samples=tuple(replace(s, label=HOSTILE) for s in data.samples),
        markers=tuple(replace(m, label=f"{m.label} {HOSTILE}") for m in data.markers),
        events=tuple(replace(e, name=f"{e.name} {HOSTILE}", note=HOSTILE, drugs=(HOSTILE,)) for e in data.events),
        observations=tuple(
            replace(o, assay=f"{o.assay} {HOSTILE}", tool=HOSTILE, tool_version=HOSTILE, filters=(HOSTILE,), formula=HOSTILE, denominator=HOSTILE if o.quantity == "cell_fraction" else "",
                printed=f"{o.printed} {HOSTILE}", flags=(*o.flags, HOSTILE), text=o.text and HOSTILE, origins=(Origin(f"{HOSTILE}.csv", 1),))
            for o in data.observations
        ),
    )  # fmt: skip
    flags = (Flag(HOSTILE, HOSTILE, "d17", severity="alert", missing=(HOSTILE,)),)
    lines = tuple(
        replace(line, assay=f"{line.assay} {HOSTILE}", title=HOSTILE, meaning=HOSTILE, citation=HOSTILE, rule=HOSTILE)
        for line in THRESHOLDS
    )
    return view(
        data,
        flags=flags,
        thresholds=lines,
        missing=(HOSTILE,),
        provenance=Provenance("0", (HOSTILE,), HOSTILE, HOSTILE, HOSTILE),
    )


def wide_view(series: int = 100, points: int = 50) -> PatientView:
    """Many series with many points, for speed and size."""
    samples = tuple(SampleInfo("P01", f"s{i:02}", Time.day(i * 14), Tissue.BM) for i in range(points))
    markers = tuple(Marker(f"M{i:03}", MarkerKind.SMALL_VARIANT, f"GENE{i:03} p.A{i}V") for i in range(series))
    items = tuple(
        Observation(
            "P01", sample.sample, marker.id, "panel", Technique.DNA_SEQUENCING, Tissue.BM, Status.DETECTED,
            quantity="vaf", level=round(0.4 * 0.9**k + 0.0004 * (j % 9 + 1), 5), printed="x", origins=(Origin("panel.vcf.gz", 100 + j),),
        )
        for j, marker in enumerate(markers)
        for k, sample in enumerate(samples)
    )  # fmt: skip
    data = PatientRecords(PatientInfo("P01"), samples, (), markers, items)
    return view(data, risk=(), response=(), flags=(), missing=())
