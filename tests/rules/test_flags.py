"""What each flag says, word for word, and where it keeps quiet."""

from __future__ import annotations

import pytest
from flag_trials import flags, mrd_verdict
from patients import drug, lesion, lod, missed, patient, sample, seen, variant

from moltrack.analysis import build_axis
from moltrack.model import (
    Counts,
    Event,
    EventType,
    Limit,
    LimitKind,
    Marker,
    MarkerKind,
    Observation,
    PatientRecords,
    Status,
    Technique,
    Time,
    Truth,
)
from moltrack.rules import mrd_verdicts

SAMPLES = (sample("D", 0, "diagnosis"), sample("F", 60, "follow_up"))
ITD = lesion("FLT3_ITD", MarkerKind.ITD, genes=("FLT3",))
NPM1 = variant("NPM1", "p.Trp288fs")
FLOW = Marker("MFC-MRD", MarkerKind.FLOW, "MFC-MRD")


def test_a_minor_is_told_from_an_adult() -> None:
    [flag] = flags(patient(age=17), "minor")
    assert flag.text == "The patient was 17 at diagnosis: guidelines made for adults are applied to a minor."
    assert flags(patient(age=18), "minor") == []


@pytest.mark.parametrize(
    ("level", "answer", "words"),
    [
        pytest.param(0.09, Truth.UNKNOWN, "it may be background", id="inside"),
        pytest.param(0.72, Truth.YES, "cutoff is not declared.", id="above"),
    ],
)
def test_a_fish_level_without_cutoff_may_be_background(level: float, answer: Truth, words: str) -> None:
    loss = lesion("minus17_abn17p", MarkerKind.COPY_NUMBER)
    item = seen(loss, "D", level, technique=Technique.FISH, quantity="cell_fraction", flags=("cutoff_unknown",))
    [flag] = flags(patient((loss, item)), "cutoff_unknown")
    assert flag.answer is answer
    assert words in flag.text


def test_flow_below_its_threshold_beside_a_detected_itd_is_discordant() -> None:
    records = patient(
        (FLOW, seen(FLOW, "D", 0.00025, technique=Technique.FLOW, quantity="cell_fraction")),
        (ITD, seen(ITD, "D", 0.059, quantity="allelic_ratio")),
    )
    [flag] = flags(records, "discordant")
    assert flag.text == "Sample D: MFC-MRD 0.025 % is below 0.1 %, while FLT3_ITD 5.9 % is detected."
    assert flag.severity == "alert"


def test_flow_at_its_threshold_is_not_discordant() -> None:
    records = patient((FLOW, seen(FLOW, "D", 0.001, technique=Technique.FLOW)), (ITD, seen(ITD, "D", 0.059)))
    assert flags(records, "discordant") == []


def test_a_gene_of_clonal_haematopoiesis_does_not_contradict_flow() -> None:
    tet2 = variant("TET2")
    records = patient((FLOW, seen(FLOW, "D", 0.0001, technique=Technique.FLOW)), (tet2, seen(tet2, "D", 0.3)))
    assert flags(records, "discordant") == []


def test_a_miss_whose_limit_lies_below_the_other_level_contradicts_it() -> None:
    records = patient(
        (ITD, seen(ITD, "D", 0.10)),
        (ITD, missed(ITD, "D", assay="other", quantity="vaf", limits=lod(0.01))),
    )
    [flag] = flags(records, "techniques_contradict")
    assert "10 % by DNA sequencing, not detected by DNA sequencing, which sees down to 1 %" in flag.text


def test_a_miss_whose_limit_lies_above_the_other_level_contradicts_nothing() -> None:
    records = patient(
        (ITD, seen(ITD, "D", 0.005)),
        (ITD, missed(ITD, "D", assay="other", quantity="vaf", limits=lod(0.01))),
    )
    assert flags(records, "techniques_contradict") == []


def test_one_tp53_mutation_with_loss_of_17p_is_two_hits() -> None:
    mutation, loss = variant("TP53", "p.Arg175His"), lesion("minus17_abn17p", MarkerKind.COPY_NUMBER)
    records = patient((mutation, seen(mutation, "D", 0.6)), (loss, seen(loss, "D", 0.7)))
    [flag] = flags(records, "tp53_multi_hit")
    assert flag.text == "Two hits of TP53 in sample D: 1 mutation(s) and loss or LOH of 17p."


def test_one_tp53_mutation_alone_is_one_hit() -> None:
    mutation = variant("TP53", "p.Arg175His")
    assert flags(patient((mutation, seen(mutation, "D", 0.9))), "tp53_multi_hit") == []


@pytest.mark.parametrize(
    ("given", "marker", "words"),
    [
        pytest.param("quizartinib", variant("FLT3", "p.Phe691Leu", lesions=()), "gatekeeper residue F691", id="f691"),
        pytest.param(
            "gilteritinib", variant("FLT3", "p.Phe691Leu", tracked=False, lesions=()), "F691", id="f691-not-followed"
        ),
        pytest.param("AC220", variant("FLT3", "p.Asp835Tyr"), "activation loop", id="d835-type-ii-by-synonym"),
        pytest.param("gilteritinib", variant("NRAS", "p.Gln61Lys"), "RAS-pathway", id="ras-flt3"),
        pytest.param("enasidenib", variant("IDH2", "p.Gln316Glu", tracked=False), "second-site", id="idh2-second-site"),
        pytest.param("ivosidenib", variant("IDH1", "p.Ser280Phe"), "second-site", id="idh1-second-site"),
        pytest.param("ivosidenib", variant("IDH2", "p.Arg140Gln"), "switching from IDH1 to IDH2", id="isoform-switch"),
        pytest.param("enasidenib", variant("KRAS", "p.Gly12Asp"), "RAS-pathway", id="ras-idh2"),
    ],
)
def test_resistance_under_the_drug_given(given: str, marker: Marker, words: str) -> None:
    records = patient((marker, seen(marker, "F", 0.1)), samples=SAMPLES, events=(drug("salvage", 10, given),))
    [flag] = flags(records, "resistance")
    assert words in flag.text
    assert f"is first seen in sample F, after {given} was begun" in flag.text


@pytest.mark.parametrize(
    ("given", "marker", "where"),
    [
        pytest.param("gilteritinib", variant("FLT3", "p.Asp835Tyr"), "F", id="d835-under-type-i"),
        pytest.param("venetoclax", variant("NRAS", "p.Gln61Lys"), "F", id="another-drug"),
        pytest.param("gilteritinib", variant("NRAS", "p.Gln61Lys"), "D", id="there-before-the-drug"),
        pytest.param("enasidenib", variant("IDH2", "p.Ala47Val", tracked=False), "F", id="no-known-residue"),
    ],
)
def test_no_resistance(given: str, marker: Marker, where: str) -> None:
    records = patient((marker, seen(marker, where, 0.1)), samples=SAMPLES, events=(drug("salvage", 10, given),))
    assert flags(records, "resistance") == []


def test_a_variant_seen_before_the_drug_and_after_it_is_no_resistance() -> None:
    nras = variant("NRAS", "p.Gln61Lys")
    records = patient(
        (nras, seen(nras, "D", 0.1)),
        (nras, seen(nras, "F", 0.1)),
        samples=SAMPLES,
        events=(drug("salvage", 10, "gilteritinib"),),
    )
    assert flags(records, "resistance") == []


def test_an_antigen_that_fell_below_half_is_lost() -> None:
    cd7 = Marker("CD7", MarkerKind.ANTIGEN, "CD7 on blasts")
    records = patient(
        (cd7, seen(cd7, "D", 0.956, quantity="cell_fraction")),
        (cd7, seen(cd7, "F", 0.10, quantity="cell_fraction")),
        samples=SAMPLES,
    )
    [flag] = flags(records, "antigen_loss")
    assert flag.text == "CD7 on blasts fell from 95.6 % (sample D) to 10 % (sample F)."


def test_a_steady_half_of_a_germline_gene_may_be_inherited() -> None:
    ddx41 = variant("DDX41", "p.Met1?")
    records = patient((ddx41, seen(ddx41, "D", 0.49)), (ddx41, seen(ddx41, "F", 0.48)), samples=SAMPLES)
    [flag] = flags(records, "possible_germline")
    assert flag.text == "DDX41 p.Met1? stays near 49 % in 2 samples and may be inherited; a germline sample would tell."


def test_a_variant_that_falls_is_not_inherited() -> None:
    runx1 = variant("RUNX1")
    records = patient((runx1, seen(runx1, "D", 0.49)), (runx1, seen(runx1, "F", 0.01)), samples=SAMPLES)
    assert flags(records, "possible_germline") == []


def test_one_sample_does_not_show_that_a_variant_is_inherited() -> None:
    """Two assays of one sample are still one sample."""
    runx1 = variant("RUNX1")
    records = patient((runx1, seen(runx1, "D", 0.49)), (runx1, seen(runx1, "D", 0.5, assay="other")))
    assert flags(records, "possible_germline") == []


def test_a_gene_of_clonal_haematopoiesis_that_persists() -> None:
    dnmt3a = variant("DNMT3A", "p.Arg882His")
    records = patient((dnmt3a, seen(dnmt3a, "D", 0.4)), (dnmt3a, seen(dnmt3a, "F", 0.3)), samples=SAMPLES)
    [flag] = flags(records, "chip_gene")
    assert flag.text == (
        "DNMT3A p.Arg882His: DNMT3A is a gene of clonal haematopoiesis and is left out of NGS-MRD;"
        " it is still detected in sample F."
    )


def test_a_variant_first_seen_after_transplant_may_be_of_the_donor() -> None:
    tet2 = variant("TET2", "p.Gln100*")
    transplant = Event(EventType.TRANSPLANT, "allo-HSCT", Time.day(30, anchor="start"))
    records = patient((tet2, seen(tet2, "F", 0.05)), samples=SAMPLES, events=(transplant,))
    [flag] = flags(records, "donor_possible")
    assert "first seen after the transplant (sample F)" in flag.text


def test_a_ratio_from_sequencing_is_marked() -> None:
    records = patient((ITD, seen(ITD, "D", 0.3, quantity="allelic_ratio", flags=("ar_from_ngs",))))
    [flag] = flags(records, "ar_from_ngs")
    assert flag.text.endswith("is from DNA sequencing, which underestimates longer duplications.")


def test_a_caller_that_contradicts_its_own_counts_is_named() -> None:
    npm1 = variant("NPM1")
    records = patient((npm1, seen(npm1, "D", 0.30, caller_level=0.45, formula="alt / depth")))
    [flag] = flags(records, "caller_level_differs")
    assert "the caller says 0.45, its counts 0.3 (alt / depth)" in flag.text


def test_complex_without_a_karyotype_is_not_read() -> None:
    reported = Marker("reported karyotype", MarkerKind.REPORTED, "reported karyotype")
    item = seen(reported, "D", technique=Technique.ARRAY, text="complex")
    [flag] = flags(patient((reported, item)), "reported_only")
    assert flag.missing == ("the karyotype as an ISCN string",)


def test_mrd_negative_without_technique_is_shown_not_computed() -> None:
    reported = Marker("reported MRD", MarkerKind.REPORTED, "MRD")
    item = missed(reported, "D", technique=Technique.REPORTED, text="negative")
    [flag] = flags(patient((reported, item)), "reported_mrd")
    assert "without its technique and limit" in flag.text


@pytest.mark.parametrize(
    ("limits", "count"),
    [
        pytest.param((), 1, id="nobody-says"),
        pytest.param((Limit(LimitKind.LOD, 0.01, "declared"),), 0, id="declared"),
    ],
)
def test_a_miss_without_a_limit_is_named(limits: tuple[Limit, ...], count: int) -> None:
    records = patient((ITD, missed(ITD, "D", limits=limits)))
    assert len(flags(records, "limit_unknown")) == count


def test_not_evaluable_is_no_contradiction() -> None:
    records = patient(
        (ITD, seen(ITD, "D", 0.10)), (ITD, seen(ITD, "D", assay="other", status=Status.NOT_EVALUABLE, quantity="vaf"))
    )
    assert flags(records, "techniques_contradict") == []


def npm1_levels(*items: Observation) -> PatientRecords:
    return patient(*((NPM1, item) for item in items), samples=SAMPLES)


def test_molecular_relapse_names_the_verdict() -> None:
    verdict = mrd_verdict("F", "MRD relapse, confirmed")
    [flag] = flags(patient(samples=SAMPLES), "molecular_relapse", mrd=[verdict])
    assert flag.text == "Molecular relapse in sample F, confirmed: ELN-MRD 2021: NPM1 by qPCR, BM, rose by 1.2 log10."
    assert (flag.severity, flag.sample) == ("alert", "F")


def test_a_relapse_that_may_be_asks_for_what_would_decide() -> None:
    verdict = mrd_verdict("F", None, possible=("positive", "MRD relapse, unconfirmed"), deciding=("an earlier marrow",))
    [flag] = flags(patient(samples=SAMPLES), "molecular_relapse", mrd=[verdict])
    assert (flag.answer, flag.missing) == (Truth.UNKNOWN, ("an earlier marrow",))
    assert flag.text.startswith("Whether sample F shows a molecular relapse is open: ELN-MRD 2021")


def test_a_confirmed_relapse_is_not_also_called_unconfirmed() -> None:
    both = [mrd_verdict("F", f"MRD relapse, {word}") for word in ("confirmed", "unconfirmed")]
    [flag] = flags(patient(samples=SAMPLES), "molecular_relapse", mrd=both)
    assert "confirmed:" in flag.text


def test_emerging_names_the_limit_before() -> None:
    [flag] = flags(npm1_levels(missed(NPM1, "D", quantity="vaf", limits=lod(0.001)), seen(NPM1, "F", 0.05)), "emerging")
    assert flag.text == "NPM1 p.Trp288fs emerges in sample F at 5 %: not detected in sample D down to 0.1 %"
    assert (flag.answer, flag.severity, flag.sample) == (Truth.YES, "warning", "F")
    assert [item.sample for item in flag.evidence] == ["F", "D"]


def test_a_blunt_negative_leaves_emerging_open() -> None:
    [flag] = flags(npm1_levels(missed(NPM1, "D"), seen(NPM1, "F", 0.05)), "emerging")
    assert (flag.answer, flag.missing) == (Truth.UNKNOWN, ("limit of NPM1 p.Trp288fs in sample D",))
    assert flag.text == (
        "NPM1 p.Trp288fs was not detected before sample F, but no earlier limit is known to lie below its level there"
    )


def test_first_seen_is_not_emerging() -> None:
    records = npm1_levels(seen(NPM1, "F", 0.05))
    [flag] = flags(records, "first_seen")
    assert flag.text == "NPM1 p.Trp288fs is first seen in sample F; no earlier sample was tested for it"
    assert flags(records, "emerging") == []


def test_lost_says_between_which_samples() -> None:
    [flag] = flags(npm1_levels(seen(NPM1, "D", 0.4), missed(NPM1, "F", quantity="vaf", limits=lod(0.001))), "lost")
    assert flag.text == ("NPM1 p.Trp288fs: cleared between samples D and F; one sample, not confirmed by a second")


def test_never_looked_for_again_is_not_cleared() -> None:
    [flag] = flags(npm1_levels(seen(NPM1, "D", 0.4)), "not_followed_up")
    assert flag.text == ("NPM1 p.Trp288fs: no result after sample D: not followed up, which is not cleared")


def test_a_blunt_miss_in_follow_up_says_what_is_needed() -> None:
    records = npm1_levels(seen(NPM1, "D", 0.4), missed(NPM1, "F", quantity="vaf", limits=lod(0.02)))
    [flag] = flags(records, "follow_up_insensitive")
    assert flag.text == (
        "Sample F may hide residual disease: NPM1 p.Trp288fs by DNA sequencing down to 2 %, 0.1 % is needed."
    )


def test_a_new_version_of_the_program_is_named() -> None:
    records = npm1_levels(
        seen(NPM1, "D", 0.4, tool="Mutect2", tool_version="4.1"),
        seen(NPM1, "F", 0.1, tool="Mutect2", tool_version="4.4"),
    )
    [flag] = flags(records, "assay_changed")
    assert flag.text == ("NPM1 p.Trp288fs · vaf · panel · BM: Mutect2 4.1 until then, Mutect2 4.4 from sample F.")


def test_one_assay_that_follows_on_another_is_named() -> None:
    [flag] = flags(npm1_levels(seen(NPM1, "D", 0.4), seen(NPM1, "F", 0.1, assay="new")), "assay_changed")
    assert flag.text == (
        "NPM1 p.Trp288fs is measured by panel up to sample D and by new from sample F on; no reduction is computed across."
    )


def test_a_vaf_that_does_not_fall_with_remission_may_be_inherited_whatever_the_gene() -> None:
    records = npm1_levels(seen(NPM1, "D", 0.49), seen(NPM1, "F", 0.48))
    [flag] = flags(records, "possible_germline", mrd=[mrd_verdict("F")])
    assert flag.text == (
        "NPM1 p.Trp288fs stays near 49 % in remission (sample F) and may be inherited; a germline sample would tell."
    )
    assert flags(records, "possible_germline") == []


def test_a_convention_says_that_it_is_one() -> None:
    [flag] = flags(npm1_levels(seen(NPM1, "D", 0.4)), "not_followed_up")
    assert flag.citation == "convention: not tested is not cleared"


def test_a_conversion_in_remission_is_a_molecular_relapse_by_the_guideline() -> None:
    """NPM1 negative with 10^5 control copies, then positive at 1 % in marrow, complete remission recorded: ELN-MRD 2021, conversion."""
    pcr = {"technique": Technique.QPCR, "assay": "qpcr", "quantity": "normalized_copies"}
    npm1 = variant("NPM1", "type A")
    records = patient(
        (npm1, seen(npm1, "D", 3.0, **pcr)),
        (npm1, missed(npm1, "E", counts=Counts(control_copies=100_000), limits=lod(1e-5), **pcr)),
        (npm1, seen(npm1, "F", 0.01, counts=Counts(copies=1_000, control_copies=100_000), **pcr)),
        samples=(sample("D", 0, "diagnosis"), sample("E", 90, "end_of_treatment"), sample("F", 180, "follow_up")),
        events=(drug("7+3", 1, "cytarabine"), Event(EventType.RESPONSE, "CR", Time.day(60, anchor="start"))),
    )
    [flag] = flags(records, "molecular_relapse", mrd=mrd_verdicts(records, build_axis(records)))
    assert (flag.sample, flag.answer, flag.severity) == ("F", Truth.YES, "alert")
    assert "converted from negative to positive" in flag.text


def test_remission_is_that_of_the_guideline_for_mrd() -> None:
    records = patient(
        (NPM1, seen(NPM1, "D", 0.49)),
        (NPM1, seen(NPM1, "F", 0.48)),
        samples=SAMPLES,
        events=(drug("7+3", 1, "cytarabine"), Event(EventType.RESPONSE, "CR", Time.day(50, anchor="start"))),
    )
    [flag] = flags(records, "possible_germline", mrd=mrd_verdicts(records, build_axis(records)))
    assert "stays near 49 % in remission (sample F)" in flag.text
