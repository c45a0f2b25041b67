"""Every flag rule answers YES, NO and, where records can leave it open, UNKNOWN: a tiny patient for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from flag_trials import answer, mrd_verdict
from patients import drug, lesion, lod, missed, patient, sample, seen, variant

from moltrack.model import (
    Assay,
    Event,
    EventType,
    Marker,
    MarkerKind,
    Observation,
    PatientRecords,
    SampleInfo,
    Status,
    Technique,
    Time,
    Truth,
    Verdict,
)
from moltrack.rules import load_flags

D, R, F = sample("D", 0, "diagnosis"), sample("R", 30, "after_cycle 1"), sample("F", 60, "follow_up")
THREE = (D, R, F)
ITD = lesion("FLT3_ITD", MarkerKind.ITD, genes=("FLT3",))
FLOW = Marker("MFC-MRD", MarkerKind.FLOW, "MFC-MRD")
CD7 = Marker("CD7", MarkerKind.ANTIGEN, "CD7 on blasts")
MRD = Marker("reported MRD", MarkerKind.REPORTED, "MRD")
KARYOTYPE = Marker("reported karyotype", MarkerKind.REPORTED, "karyotype")
LOSS = lesion("minus17_abn17p", MarkerKind.COPY_NUMBER)
TP53, TP53_TOO = variant("TP53", "p.Arg175His"), variant("TP53", "p.Arg248Gln")
NPM1, TET2, RUNX1 = variant("NPM1", "p.Trp288fs"), variant("TET2", "p.Gln100*"), variant("RUNX1", "p.Arg201*")
NRAS = variant("NRAS", "p.Gln61Lys")
D835, F691, FLT3 = variant("FLT3", "p.Asp835Tyr"), variant("FLT3", "p.Phe691Leu", tracked=False), variant("FLT3")
IDH1, IDH2 = variant("IDH1", "p.Arg132His"), variant("IDH2", "p.Arg140Gln")
S280, Q316 = variant("IDH1", "p.Ser280Phe", tracked=False), variant("IDH2", "p.Gln316Glu", tracked=False)
IDH1_UNNAMED, IDH2_UNNAMED = variant("IDH1"), variant("IDH2")
TRANSPLANT = Event(EventType.TRANSPLANT, "allo-HSCT", Time.day(40, anchor="start"))
AUTOLOGOUS = Event(EventType.TRANSPLANT, "autologous HSCT", Time.day(40, anchor="start"))
UNNAMED = Event(EventType.TREATMENT, "study drug", Time.day(10, anchor="start"))
Pairs = Sequence[tuple[Marker, Observation]]


@dataclass(frozen=True)
class Case:
    """A patient, and what a rule answers of it."""

    rule: str
    answer: Truth
    pairs: Pairs = ()
    samples: tuple[SampleInfo, ...] = THREE
    events: tuple[Event, ...] = ()
    age: float | None = None
    mrd: tuple[Verdict, ...] = ()
    assays: tuple[Assay, ...] = ()
    why: str = ""

    @property
    def records(self) -> PatientRecords:
        made = patient(*self.pairs, samples=self.samples, events=self.events, age=self.age)
        return replace(made, assays=self.assays)


YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN


def of(marker: Marker, *items: Observation) -> Pairs:
    return [(marker, item) for item in items]


def flow(level: float | None, **more: object) -> Pairs:
    return of(FLOW, seen(FLOW, "F", level, technique=Technique.FLOW, quantity="cell_fraction", **more))


def fish(level: float, **more: object) -> Pairs:
    return of(LOSS, seen(LOSS, "D", level, technique=Technique.FISH, quantity="cell_fraction", **more))


def unclear(marker: Marker, where: str, **more: object) -> Observation:
    return seen(marker, where, status=Status.NOT_EVALUABLE, **more)


def cd7(where: str, level: float | None, **more: object) -> Observation:
    return seen(CD7, where, level, quantity="cell_fraction", **more)


def resistance(rule: str, given: str, marker: Marker, unnamed: Marker | None) -> list[Case]:
    """A drug, then the marker: resistance. The marker first: none. A treatment without its drugs, or a variant without its change: open."""
    after = of(marker, seen(marker, "F", 0.1))
    found = [
        Case(rule, YES, after, events=(drug("salvage", 10, given),), why="after the drug"),
        Case(
            rule,
            NO,
            of(marker, seen(marker, "D", 0.1), seen(marker, "F", 0.1)),
            events=(drug("salvage", 10, given),),
            why="before the drug",
        ),
        Case(rule, NO, after, events=(drug("salvage", 10, "venetoclax"),), why="another drug"),
        Case(rule, NO, of(NPM1, seen(NPM1, "F", 0.1)), events=(drug("salvage", 10, given),), why="another gene"),
        Case(rule, UNKNOWN, after, events=(UNNAMED,), why="drugs of the treatment unknown"),
        Case(rule, UNKNOWN, after, why="no treatment recorded"),
    ]
    if unnamed is not None:
        open_change = of(unnamed, seen(unnamed, "F", 0.1))
        found.append(Case(rule, UNKNOWN, open_change, events=(drug("salvage", 10, given),), why="change unknown"))
    return found


RELAPSE = ("MRD relapse, confirmed", "MRD relapse, unconfirmed")
CASES = [
    Case("minor", YES, age=17),
    Case("minor", NO, age=18),
    Case("minor", UNKNOWN),
    # MRD relapse
    Case("molecular_relapse", YES, mrd=(mrd_verdict("F", RELAPSE[0]),)),
    Case("molecular_relapse", NO, mrd=(mrd_verdict("F", RELAPSE[1]),), why="unconfirmed"),
    Case("molecular_relapse", NO, mrd=(mrd_verdict("F"),)),
    Case("molecular_relapse", NO, mrd=(mrd_verdict("F", None, applicable=False),), why="no remission"),
    Case("molecular_relapse", UNKNOWN, mrd=(mrd_verdict("F", None, possible=("negative", RELAPSE[0])),)),
    Case("molecular_relapse_unconfirmed", YES, mrd=(mrd_verdict("F", RELAPSE[1]),)),
    Case("molecular_relapse_unconfirmed", NO, mrd=(mrd_verdict("F", RELAPSE[0]),), why="confirmed"),
    Case("molecular_relapse_unconfirmed", UNKNOWN, mrd=(mrd_verdict("F", None, possible=("positive", RELAPSE[1])),)),
    # disagreement
    Case("discordant", YES, [*flow(0.0002), *of(ITD, seen(ITD, "F", 0.05))]),
    Case("discordant", YES, [*flow(None, status=Status.NOT_DETECTED), *of(ITD, seen(ITD, "F"))], why="without levels"),
    Case("discordant", NO, [*flow(0.01), *of(ITD, seen(ITD, "F", 0.05))], why="flow positive"),
    Case("discordant", NO, [*flow(0.0002), *of(ITD, missed(ITD, "F"))], why="both negative"),
    Case("discordant", NO, [*flow(0.0002), *of(ITD, seen(ITD, "D", 0.5), missed(ITD, "F"))], why="another sample"),
    Case("discordant", UNKNOWN, [*flow(None), *of(ITD, seen(ITD, "F", 0.05))], why="flow without level"),
    Case("discordant", UNKNOWN, flow(0.0002), why="no other test"),
    Case("discordant", UNKNOWN, [*flow(0.0002), *of(TET2, seen(TET2, "F", 0.3))], why="clonal haematopoiesis only"),
    Case("techniques_contradict", YES, of(ITD, seen(ITD, "D", 0.1), missed(ITD, "D", assay="other", quantity="vaf", limits=lod(0.01)))),
    Case("techniques_contradict", NO, of(ITD, seen(ITD, "D", 0.005), missed(ITD, "D", assay="other", quantity="vaf", limits=lod(0.01))), why="below the limit"),
    Case("techniques_contradict", NO, of(ITD, missed(ITD, "D"), missed(ITD, "D", assay="other")), why="both negative"),
    Case("techniques_contradict", UNKNOWN, of(ITD, seen(ITD, "D", 0.1), missed(ITD, "D", assay="other", quantity="vaf")), why="limit unknown"),
    Case("techniques_contradict", UNKNOWN, of(ITD, seen(ITD, "D", 0.1), missed(ITD, "D", assay="other", quantity="allelic_ratio", limits=lod(0.01))), why="another scale"),
    Case("techniques_contradict", UNKNOWN, of(ITD, seen(ITD, "D", 0.1), unclear(ITD, "D", assay="other")), why="not evaluable"),
    Case("cutoff_unknown", YES, fish(0.72, flags=("cutoff_unknown",))),
    Case("cutoff_unknown", NO, fish(0.72), why="declared"),
    Case("cutoff_unknown", UNKNOWN, fish(0.09, flags=("cutoff_unknown",))),
    # TP53
    Case("tp53_multi_hit", YES, [*of(TP53, seen(TP53, "D", 0.6)), *fish(0.7)]),
    Case("tp53_multi_hit", YES, [*of(TP53, seen(TP53, "D", 0.3)), *of(TP53_TOO, seen(TP53_TOO, "D", 0.3))]),
    Case("tp53_multi_hit", NO, [*of(TP53, seen(TP53, "D", 0.6)), *fish(0.01, status=Status.NOT_DETECTED)], samples=(D,)),
    Case("tp53_multi_hit", UNKNOWN, of(TP53, seen(TP53, "D", 0.6)), why="17p not tested"),
    Case("tp53_multi_hit", UNKNOWN, [*of(TP53, seen(TP53, "D", 0.6)), *fish(0.09, flags=("cutoff_unknown",))], why="background"),
    Case("tp53_multi_hit", UNKNOWN, fish(0.7), why="TP53 not sequenced"),
    Case("tp53_multi_hit", UNKNOWN, [*of(TP53, missed(TP53, "D")), *fish(0.7)], why="one variant absent, not the gene"),
    # resistance
    *resistance("resistance_f691", "quizartinib", F691, FLT3),
    *resistance("resistance_d835", "AC220", D835, FLT3),
    Case("resistance_d835", NO, of(D835, seen(D835, "F", 0.1)), events=(drug("salvage", 10, "gilteritinib"),), why="type I"),
    *resistance("resistance_ras_flt3", "gilteritinib", NRAS, None),
    *resistance("resistance_idh1_second_site", "ivosidenib", S280, IDH1_UNNAMED),
    *resistance("resistance_idh2_second_site", "enasidenib", Q316, IDH2_UNNAMED),
    *resistance("resistance_idh1_to_idh2", "ivosidenib", IDH2, None),
    *resistance("resistance_idh2_to_idh1", "enasidenib", IDH1, None),
    *resistance("resistance_ras_idh1", "olutasidenib", NRAS, None),
    *resistance("resistance_ras_idh2", "enasidenib", NRAS, None),
    # antigens
    Case("antigen_loss", YES, of(CD7, cd7("D", 0.9), cd7("F", 0.1))),
    Case("antigen_loss", YES, of(CD7, cd7("D", 0.9), cd7("F", None, status=Status.NOT_DETECTED)), why="gone"),
    Case("antigen_loss", NO, of(CD7, cd7("D", 0.9), cd7("F", 0.8))),
    Case("antigen_loss", NO, of(CD7, cd7("D", 0.1), cd7("F", 0.9)), why="rose"),
    Case("antigen_loss", NO, of(CD7, cd7("D", 0.9), cd7("F", 0.1, assay="other")), why="two assays"),
    Case("antigen_loss", UNKNOWN, of(CD7, cd7("D", 0.9), seen(CD7, "F")), why="no level"),
    # inherited, or of clonal haematopoiesis
    Case("germline_in_remission", YES, of(NPM1, seen(NPM1, "D", 0.5), seen(NPM1, "R", 0.48)), mrd=(mrd_verdict("R"),)),
    Case("germline_in_remission", NO, of(NPM1, seen(NPM1, "D", 0.5), seen(NPM1, "R", 0.1)), mrd=(mrd_verdict("R"),), why="fell"),
    Case("germline_in_remission", NO, of(NPM1, seen(NPM1, "D", 0.5), missed(NPM1, "R")), mrd=(mrd_verdict("R"),), why="gone"),
    Case("germline_in_remission", UNKNOWN, of(NPM1, seen(NPM1, "D", 0.5), seen(NPM1, "R", 0.48)), why="remission unknown"),
    Case("germline_in_remission", UNKNOWN, of(NPM1, seen(NPM1, "D", 0.5), seen(NPM1, "R")), mrd=(mrd_verdict("R"),), why="no VAF"),
    Case("germline_gene", YES, of(RUNX1, seen(RUNX1, "D", 0.49), seen(RUNX1, "F", 0.95))),
    Case("germline_gene", YES, of(RUNX1, seen(RUNX1, "D", 0.49), seen(RUNX1, "R", 0.5), missed(RUNX1, "F")), events=(TRANSPLANT,), why="cells of a donor"),
    Case("germline_gene", NO, of(RUNX1, seen(RUNX1, "D", 0.49), seen(RUNX1, "F", 0.01)), why="fell"),
    Case("germline_gene", NO, of(RUNX1, seen(RUNX1, "D", 0.49), seen(RUNX1, "R", 0.5), missed(RUNX1, "F")), why="gone"),
    Case("germline_gene", NO, of(NPM1, seen(NPM1, "D", 0.49), seen(NPM1, "F", 0.49)), why="another gene"),
    Case("germline_gene", UNKNOWN, of(RUNX1, seen(RUNX1, "D", 0.49), seen(RUNX1, "D", 0.5, assay="other")), why="one sample"),
    Case("chip_persists", YES, of(TET2, seen(TET2, "D", 0.4), seen(TET2, "F", 0.3))),
    Case("chip_persists", NO, of(TET2, seen(TET2, "D", 0.4), missed(TET2, "F"))),
    Case("chip_persists", NO, of(NPM1, seen(NPM1, "D", 0.4), seen(NPM1, "F", 0.3)), why="another gene"),
    Case("chip_persists", UNKNOWN, of(TET2, seen(TET2, "D", 0.4)), why="not tested again"),
    Case("chip_gene", YES, of(TET2, seen(TET2, "D", 0.4))),
    Case("chip_gene", NO, of(TET2, missed(TET2, "D"))),
    Case("chip_gene", UNKNOWN, of(TET2, unclear(TET2, "D"))),
    # transplant
    Case("donor_possible", YES, of(TET2, seen(TET2, "F", 0.05)), events=(TRANSPLANT,)),
    Case("donor_possible", YES, of(TET2, seen(TET2, "F", 0.05)), samples=(D, sample("F", 60, "post_hct")), why="by its phase"),
    Case("donor_possible", NO, of(TET2, seen(TET2, "D", 0.05), seen(TET2, "F", 0.05)), events=(TRANSPLANT,), why="seen before"),
    Case("donor_possible", NO, of(TET2, seen(TET2, "F", 0.05)), events=(AUTOLOGOUS,), why="own cells"),
    # what a result does not say
    Case("ar_from_ngs", YES, of(ITD, seen(ITD, "D", 0.3, quantity="allelic_ratio", flags=("ar_from_ngs",)))),
    Case("ar_from_ngs", NO, of(ITD, seen(ITD, "D", 0.3, quantity="allelic_ratio"))),
    Case("caller_level_differs", YES, of(NPM1, seen(NPM1, "D", 0.3, caller_level=0.45))),
    Case("caller_level_differs", NO, of(NPM1, seen(NPM1, "D", 0.3, caller_level=0.31))),
    Case("caller_level_differs", UNKNOWN, of(NPM1, seen(NPM1, "D", 0.3)), why="the caller says nothing"),
    Case("reported_only", YES, of(KARYOTYPE, seen(KARYOTYPE, "D", technique=Technique.ARRAY, text="complex"))),
    Case("reported_only", NO, of(MRD, seen(MRD, "D", technique=Technique.ARRAY))),
    Case("reported_mrd", YES, of(MRD, missed(MRD, "D", technique=Technique.REPORTED, text="negative"))),
    Case("reported_mrd", NO, of(MRD, seen(MRD, "D", technique=Technique.REPORTED, text="positive"))),
    Case("reported_mrd", UNKNOWN, of(MRD, unclear(MRD, "D"))),
    Case("limit_unknown", YES, of(ITD, missed(ITD, "D"))),
    Case("limit_unknown", NO, of(ITD, missed(ITD, "D", limits=lod(0.01)))),
    Case("limit_unknown", UNKNOWN, of(ITD, unclear(ITD, "D"))),
    Case("follow_up_insensitive", YES, of(NPM1, seen(NPM1, "D", 0.4), missed(NPM1, "F", quantity="vaf", limits=lod(0.02)))),
    Case("follow_up_insensitive", NO, of(NPM1, seen(NPM1, "D", 0.4), missed(NPM1, "F", quantity="vaf", limits=lod(0.0005)))),
    Case("follow_up_insensitive", NO, of(TET2, seen(TET2, "D", 0.4), missed(TET2, "F", quantity="vaf", limits=lod(0.02))), why="no marker of MRD"),
    Case("follow_up_insensitive", NO, of(NPM1, missed(NPM1, "F", quantity="vaf", limits=lod(0.02))), why="never seen"),
    Case("follow_up_insensitive", UNKNOWN, of(NPM1, seen(NPM1, "D", 0.4), missed(NPM1, "F", quantity="vaf")), why="limit unknown"),
    Case("follow_up_insensitive", UNKNOWN, of(NPM1, seen(NPM1, "D", 0.4), missed(NPM1, "F", quantity="vaf", limits=lod(0.02))), samples=(D, sample("F", 60)), why="phase unknown"),
    # how the clone changed
    Case("emerging", YES, of(NPM1, missed(NPM1, "D", quantity="vaf", limits=lod(0.001)), seen(NPM1, "F", 0.05))),
    Case("emerging", NO, of(NPM1, seen(NPM1, "F", 0.05)), why="nobody had looked"),
    Case("emerging", NO, of(NPM1, seen(NPM1, "D", 0.05)), why="there from the start"),
    Case("emerging", UNKNOWN, of(NPM1, missed(NPM1, "D", quantity="vaf", limits=lod(0.1)), seen(NPM1, "F", 0.05)), why="blunt"),
    Case("first_seen", YES, of(NPM1, seen(NPM1, "F", 0.05))),
    Case("first_seen", NO, of(NPM1, missed(NPM1, "D"), seen(NPM1, "F", 0.05))),
    Case("lost", YES, of(NPM1, seen(NPM1, "D", 0.4), missed(NPM1, "F", quantity="vaf", limits=lod(0.01)))),
    Case("lost", NO, of(NPM1, seen(NPM1, "D", 0.4), seen(NPM1, "F", 0.1))),
    Case("lost", UNKNOWN, of(NPM1, seen(NPM1, "D", 0.4), missed(NPM1, "F", quantity="vaf")), why="limit unknown"),
    Case("not_followed_up", YES, of(NPM1, seen(NPM1, "D", 0.4))),
    Case("not_followed_up", NO, of(NPM1, seen(NPM1, "D", 0.4), seen(NPM1, "F", 0.1))),
    Case("not_followed_up", NO, of(NPM1, seen(NPM1, "D", 0.4)), samples=(D,), why="the only sample"),
    # assays
    Case("program_changed", YES, of(NPM1, seen(NPM1, "D", 0.4, tool="Mutect2", tool_version="4.1"), seen(NPM1, "F", 0.1, tool="Mutect2", tool_version="4.4"))),
    Case("program_changed", NO, of(NPM1, seen(NPM1, "D", 0.4, tool="Mutect2"), seen(NPM1, "F", 0.1, tool="Mutect2"))),
    Case("program_changed", UNKNOWN, of(NPM1, seen(NPM1, "D", 0.4, tool="Mutect2"), seen(NPM1, "F", 0.1)), why="not stated"),
    Case("assays_joined", YES, of(NPM1, seen(NPM1, "D", 0.4), seen(NPM1, "F", 0.1, assay="new")), assays=(Assay("new", Technique.DNA_SEQUENCING, same_as="panel", factor=Decimal(1)),)),
    Case("assays_joined", NO, of(NPM1, seen(NPM1, "D", 0.4), seen(NPM1, "F", 0.1, assay="new"))),
    Case("assay_changed", YES, of(NPM1, seen(NPM1, "D", 0.4), seen(NPM1, "F", 0.1, assay="new"))),
    Case("assay_changed", NO, of(NPM1, seen(NPM1, "D", 0.4), seen(NPM1, "D", 0.4, assay="new"), seen(NPM1, "F", 0.1, assay="new")), why="measured side by side"),
]  # fmt: skip

#: Rules whose predicates are about what the records hold, so that nothing can stay open.
ALWAYS_DECIDED = {
    "ar_from_ngs",
    "assay_changed",
    "assays_joined",
    "donor_possible",
    "first_seen",
    "not_followed_up",
    "reported_only",
}


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case.rule}-{case.answer}{f'-{case.why}' if case.why else ''}"
)
def test_answer(case: Case) -> None:
    assert answer(case.records, case.rule, mrd=case.mrd) is case.answer


@pytest.mark.parametrize("rule", [rule.id for rule in load_flags().rules])
def test_every_rule_has_a_patient_for_each_answer(rule: str) -> None:
    answers = {case.answer for case in CASES if case.rule == rule}
    assert answers == {YES, NO} | (set() if rule in ALWAYS_DECIDED else {UNKNOWN})
