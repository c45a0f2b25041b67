"""Which marker a call belongs to: spellings that meet, things that stay apart."""

from __future__ import annotations

import pytest
from patient_input import (
    ARRAY,
    DNA,
    FISH,
    IDH2,
    KARYOTYPE,
    NPM1,
    RNA,
    TET2,
    call,
    level,
    marker,
    normalized,
    of,
    run,
)

from moltrack.model import (
    Breakpoint,
    Change,
    CopyNumber,
    Counts,
    Fusion,
    Itd,
    KaryotypeEvent,
    MarkerKind,
    Measured,
    Reported,
    Result,
    SmallVariant,
    Status,
    StructuralVariant,
    Technique,
)

KRAS_38 = SmallVariant("GRCh38", "12", 25245350, "C", "T", gene="KRAS", hgvs_p="p.Gly12Asp")
KRAS_37 = SmallVariant("GRCh37", "12", 25398284, "C", "T", gene="KRAS", hgvs_p="p.Gly12Asp")


def tracked(result):
    return [item.label for item in result.markers if item.tracked]


# --- small variants ---------------------------------------------------------------------------------------------------


def test_one_variant_in_both_builds_is_one_marker():
    result = normalized(run("S1", calls=[call(KRAS_38)]), run("S2", calls=[call(KRAS_37)], build="GRCh37"))
    [found] = result.markers
    assert found.joined[0] == "same variant: GRCh37 12:25398284 C>T, GRCh38 12:25245350 C>T"


def test_a_named_class_tracks_a_variant_and_says_which():
    result = normalized(run(calls=[call(IDH2)]))
    assert tracked(result) == ["IDH2 p.Arg140Gln"]
    assert result.markers[0].lesions == ("IDH2",)
    assert "hotspot IDH2 p.Arg140Gln" in result.markers[0].why


def test_a_variant_of_no_class_is_kept_and_hidden():
    [found] = normalized(run(calls=[call(TET2)])).markers
    assert (found.tracked, found.lesions, found.classification) == (False, (), "")
    assert "no class" in found.why


def test_the_laboratorys_class_tracks_a_variant():
    [found] = normalized(run(calls=[call(TET2, classification="Pathogenic")])).markers
    assert (found.tracked, found.lesions) == (True, ("TET2",))


def test_a_variant_that_never_passed_is_hidden_and_not_evaluable():
    result = normalized(run(calls=[call(NPM1, level("1 %"), filters=("germline", "weak"))]))
    [found] = result.markers
    assert (found.tracked, found.why) == (False, "only seen with FILTER germline;weak")
    assert of(result, found.id).status is Status.NOT_EVALUABLE


def test_a_filtered_record_counts_once_the_marker_has_passed():
    result = normalized(
        run("S1", calls=[call(NPM1, level("40 %"))]), run("S2", calls=[call(NPM1, level("0.5 %"), filters=("weak",))])
    )
    item = of(result, "NPM1 p.Trp288CysfsTer12", "S2")
    assert (item.status, item.level, item.filters) == (Status.DETECTED, 0.005, ("weak",))
    assert "filtered" in item.flags


MNV = SmallVariant("GRCh38", "2", 208248388, "CG", "TT", gene="IDH1")
SNVS = (
    SmallVariant("GRCh38", "2", 208248388, "C", "T", gene="IDH1"),
    SmallVariant("GRCh38", "2", 208248389, "G", "T", gene="IDH1"),
)


def test_an_mnv_meets_the_substitutions_it_was_split_into():
    whole = run("S1", "mutect2", [call(MNV, level("30 %"))])
    split = run("S2", "varscan", [call(SNVS[0], level("28 %"), line=2), call(SNVS[1], level("26 %"), line=3)])
    result = normalized(whole, split)
    [found] = result.markers
    # The MNV is in no more reads than its rarer half.
    assert of(result, found.id, "S2").level == 0.26


def test_half_of_an_mnv_is_a_marker_of_its_own():
    whole = run("S1", "mutect2", [call(MNV, level("30 %"))])
    half = run("S2", "varscan", [call(SNVS[0], level("28 %"))])
    assert len(normalized(whole, half).markers) == 2


# --- duplications -----------------------------------------------------------------------------------------------------


def itd(length, pos=28034123, **more):
    return Itd("FLT3", length, "GRCh38", "13", pos, "insertion", **more)


def test_the_gene_has_one_marker_and_each_clone_another():
    result = normalized(run(calls=[call(itd(21), level("10 %"), line=2), call(itd(30), level("5 %"), line=3)]))
    assert [item.id for item in result.markers] == ["FLT3-ITD", "FLT3-ITD 21 bp", "FLT3-ITD 30 bp"]
    assert [item.parent for item in result.markers] == ["", "FLT3-ITD", "FLT3-ITD"]


def test_the_level_of_the_gene_is_the_sum_over_clones_and_says_which():
    calls = [
        call(itd(21), level("10 %"), line=2, counts=Counts(alt=100, depth=1000)),
        call(itd(30), level("5 %"), line=3, counts=Counts(alt=50, depth=1000)),
    ]
    item = of(normalized(run(calls=calls)), "FLT3-ITD")
    assert item.level == pytest.approx(0.15)
    assert (item.counts.alt, item.formula) == (150, "sum over 2 clones (21 bp, 30 bp)")
    assert "sum_of_clones" in item.flags
    assert [origin.line for origin in item.origins] == [2, 3]


def test_the_vaf_of_a_summed_ratio_comes_from_the_sum():
    """AR 0.25 + 0.25 = 0.5; VAF = 0.5 / 1.5 = 1/3, not 0.2 + 0.2."""
    calls = [call(itd(n), level("0.25", "allelic_ratio"), line=n) for n in (21, 30)]
    result = normalized(run(calls=calls))
    assert of(result, "FLT3-ITD", quantity="allelic_ratio").level == 0.5
    assert of(result, "FLT3-ITD", quantity="vaf").level == pytest.approx(1 / 3)


def test_a_printed_sum_goes_before_the_sum_of_its_clones():
    calls = [call(itd(21), level("10 %"), line=2), call(Itd("FLT3", aggregate=True), level("12 %"), line=3)]
    assert of(normalized(run(calls=calls)), "FLT3-ITD").level == 0.12


def test_a_clone_is_one_marker_across_tools():
    """getITD's insertion site on GRCh37 and a tool that prints the first duplicated base on GRCh38."""
    getitd = Itd("FLT3", 21, "GRCh37", "13", 28608260, "insertion")
    other = Itd("FLT3", 21, "GRCh38", "13", 28034143, "first_duplicated")
    result = normalized(
        run("S1", "getitd", [call(getitd, level("10 %"))]), run("S1", "flt3_itd_ext", [call(other, level("8 %"))])
    )
    assert [item.id for item in result.markers] == ["FLT3-ITD", "FLT3-ITD 21 bp"]
    assert of(result, "FLT3-ITD 21 bp", assay="flt3_itd_ext").level == 0.08


def test_an_insertion_in_a_vcf_is_the_same_duplication():
    allele = "A" + "TCATATTCATATTCTCTGAAA"
    vcf = SmallVariant("GRCh38", "13", 28034123, "A", allele, gene="FLT3")
    result = normalized(run("S1", "getitd", [call(itd(21))]), run("S1", "mutect2", [call(vcf, level("8 %"))]))
    assert "FLT3-ITD 21 bp" in {item.id for item in result.markers}
    assert of(result, "FLT3-ITD 21 bp", assay="mutect2").level == 0.08


def test_a_filtered_clone_is_left_out_of_the_sum():
    calls = [call(itd(21), level("10 %"), line=2), call(itd(30), level("5 %"), line=3, filters=("low",))]
    assert of(normalized(run(calls=calls)), "FLT3-ITD").level == 0.1


# --- fusions ----------------------------------------------------------------------------------------------------------

CBF = Fusion("RUNX1", "RUNX1T1")


def reads(n, pairs=0):
    return Counts(junction_reads=n, spanning_reads=pairs)


@pytest.mark.parametrize("genes", [("AML1", "ETO"), ("RUNX1", "RUNX1T1"), ("RUNX1", "CBFA2T1")])
def test_older_names_are_the_same_fusion(genes):
    [found] = normalized(run("S1", "rna", [call(Fusion(*genes), counts=reads(5))], technique=RNA)).markers
    assert (found.id, found.lesions, found.tracked) == ("RUNX1::RUNX1T1", ("t_8_21",), True)


def test_a_reciprocal_alone_is_flagged():
    [found] = normalized(run("S1", "rna", [call(Fusion("RUNX1T1", "RUNX1"), counts=reads(5))], technique=RNA)).markers
    assert (found.id, found.flags) == ("RUNX1::RUNX1T1", ("reciprocal_only",))


def test_a_reciprocal_beside_the_driver_does_not_give_its_level():
    calls = [call(CBF, level("9", "ffpm"), counts=reads(9)), call(Fusion("RUNX1T1", "RUNX1"), counts=reads(50), line=3)]
    result = normalized(run("S1", "rna", calls, technique=RNA))
    item = of(result, "RUNX1::RUNX1T1", quantity="ffpm")
    assert (item.level, item.counts.junction_reads) == (9, 9)
    assert marker(result, "RUNX1::RUNX1T1").flags == ()


def test_a_fusion_outside_the_myeloid_set_is_hidden():
    [found] = normalized(run("S1", "rna", [call(Fusion("GAPDH", "ACTB"), counts=reads(5))], technique=RNA)).markers
    assert (found.tracked, found.why) == (False, "partners are not in the myeloid set")


def junction(three, **more):
    return Fusion(
        "CBFB",
        "MYH11",
        build="GRCh38",
        breakpoint5=Breakpoint("16", 67082297),
        breakpoint3=Breakpoint("16", three),
        **more,
    )


TYPE_A, OTHER = junction(15721000), junction(15726000)


def cbfb(sample, *entries):
    calls = [call(f, level(str(n), "junction_reads"), counts=reads(n), line=i) for i, (f, n) in enumerate(entries, 2)]
    return run(sample, "rna", calls, technique=RNA)


def test_each_junction_is_an_isoform_with_its_own_reads():
    result = normalized(cbfb("S1", (TYPE_A, 40), (OTHER, 4)))
    isoforms = [item for item in result.markers if item.parent == "CBFB::MYH11"]
    assert sorted(of(result, item.id).level for item in isoforms) == [4, 40]
    assert of(result, "CBFB::MYH11").level == 40
    assert of(result, "CBFB::MYH11").flags == ("several_isoforms",)


def test_the_junction_of_the_baseline_gives_the_level_of_later_samples():
    result = normalized(cbfb("S1", (TYPE_A, 40), (OTHER, 4)), cbfb("S2", (TYPE_A, 3), (OTHER, 9)))
    assert of(result, "CBFB::MYH11", "S2").level == 3


def test_another_junction_than_the_baselines_is_a_detection_without_level():
    result = normalized(cbfb("S1", (TYPE_A, 40)), cbfb("S2", (OTHER, 9)))
    item = of(result, "CBFB::MYH11", "S2")
    assert (item.status, item.level) == (Status.DETECTED, None)
    assert "isoform_switch" in item.flags


def test_zero_reads_are_no_detection():
    result = normalized(run("S1", "rna", [call(CBF, counts=reads(0))], technique=RNA))
    assert of(result, "RUNX1::RUNX1T1").status is Status.NOT_DETECTED


# --- one marker by several techniques ---------------------------------------------------------------------------------


def karyotype_event(text, *lesions, cells="", line=2, **more):
    levels = [level(cells, "cell_fraction", denominator="metaphases")] if cells else []
    return call(KaryotypeEvent(text, lesions=lesions, **more), *levels, line=line)


def test_t_8_21_by_karyotype_fish_rna_and_pcr_is_one_marker():
    result = normalized(
        run("S1", "kt", [karyotype_event("t(8;21)(q22;q22.1)", "t_8_21", cells="18/20")], technique=KARYOTYPE),
        run(
            "S1",
            "fish",
            [call(Fusion("RUNX1", "RUNX1T1", ordered=False), level("80 %", "cell_fraction"))],
            technique=FISH,
        ),
        run("S1", "arriba", [call(CBF, counts=reads(40))], technique=RNA),
        run("S1", "qpcr", [call(CBF, level("52 %", "normalized_copies"))], technique=Technique.QPCR),
    )
    [found] = result.markers
    assert (found.id, found.lesions) == ("RUNX1::RUNX1T1", ("t_8_21",))
    assert {item.assay: item.level for item in result.observations} == {
        "kt": 0.9,
        "fish": 0.8,
        "arriba": None,
        "qpcr": 0.52,
    }


def test_loss_of_tp53_by_karyotype_fish_and_array_is_one_marker():
    array = CopyNumber(Change.LOSS, build="GRCh38", chrom="17", start=0, end=20_000_000, log2=-0.5)
    result = normalized(
        run("S1", "kt", [karyotype_event("-17", "minus17_abn17p", cells="10/20")], technique=KARYOTYPE),
        run("S1", "fish", [call(CopyNumber(Change.LOSS, gene="TP53"), level("72 %", "cell_fraction"))], technique=FISH),
        run("S1", "array", [call(array)], technique=ARRAY),
    )
    [found] = [item for item in result.markers if "minus17_abn17p" in item.lesions]
    assert {item.assay for item in result.observations if item.marker == found.id} == {"kt", "fish", "array"}


def test_an_event_of_several_clones_has_the_largest_level():
    calls = [
        karyotype_event("+8", "plus8_8q", cells="4/20", line=2),
        karyotype_event("+8", "plus8_8q", cells="12/20", line=3),
    ]
    result = normalized(run("S1", "kt", calls, technique=KARYOTYPE))
    assert [item.level for item in result.observations] == [0.6]


def test_a_constitutional_event_is_hidden_and_no_lesion():
    calls = [karyotype_event("+21", "plus21", constitutional=True)]
    [found] = normalized(run("S1", "kt", calls, technique=KARYOTYPE)).markers
    assert (found.tracked, found.lesions, found.id) == (False, (), "+21 (constitutional)")


# --- copy number ------------------------------------------------------------------------------------------------------


def segment(change, chrom, start, end, **more):
    return CopyNumber(change, build="GRCh38", chrom=chrom, start=start, end=end, **more)


def test_a_chromosome_lost_in_pieces_is_one_monosomy():
    pieces = [
        call(segment(Change.LOSS, "7", a, b, log2=-0.4), line=i)
        for i, (a, b) in enumerate([(0, 58_000_000), (60_000_000, 110_000_000), (110_000_000, 159_345_973)], 2)
    ]
    result = normalized(run("S1", "array", pieces, technique=ARRAY))
    assert "minus7" in {lesion for item in result.markers for lesion in item.lesions}
    assert "del7q" not in {lesion for item in result.markers for lesion in item.lesions}
    [item] = [o for o in result.observations if "minus7" in marker(result, o.marker).lesions]
    assert any("with lines" in flag for flag in item.flags)


def test_copy_neutral_loss_is_no_loss():
    neutral = call(segment(Change.CN_LOH, "17", 0, 20_000_000))
    result = normalized(run("S1", "array", [neutral], technique=ARRAY))
    assert all("minus17_abn17p" not in item.lesions for item in result.markers)
    assert "TP53 CN-LOH" in {item.id for item in result.markers}


@pytest.mark.parametrize(("sex", "lesions"), [("male", {"minusY"}), ("female", set())])
def test_a_lost_y_is_a_lesion_in_men_only(sex, lesions):
    lost = call(segment(Change.LOSS, "Y", 2_781_479, 56_887_902, log2=-1))
    result = normalized(run("S1", "array", [lost], technique=ARRAY), sex=sex)
    assert {lesion for item in result.markers for lesion in item.lesions} == lesions


def test_the_fraction_of_cells_is_computed_from_the_log_ratio():
    """2 (1 - 2^-0.5) = 0.5858."""
    lost = call(segment(Change.LOSS, "17", 0, 20_000_000, log2=-0.5))
    result = normalized(run("S1", "array", [lost], technique=ARRAY))
    [item] = [o for o in result.observations if "minus17_abn17p" in marker(result, o.marker).lesions]
    assert item.level == pytest.approx(0.5858, abs=1e-4)
    assert item.formula == "2 (1 - 2^log2)"


# --- the rest ---------------------------------------------------------------------------------------------------------


def test_measured_markers_meet_whatever_their_capitals():
    one = call(Measured(MarkerKind.FLOW, "MFC-MRD"), level("1 %", "cell_fraction"))
    two = call(Measured(MarkerKind.FLOW, "mfc-mrd"), level("2 %", "cell_fraction"))
    result = normalized(run("S1", "mfc", [one]), run("S2", "mfc", [two]))
    assert len(result.markers) == 1
    assert result == normalized(run("S2", "mfc", [two]), run("S1", "mfc", [one]))


def test_the_population_makes_another_marker():
    on = [
        call(Measured(MarkerKind.ANTIGEN, "CD7", population=p), level("1 %", "cell_fraction"))
        for p in ("blasts", "T cells")
    ]
    assert [item.label for item in normalized(run("S1", "mfc", on)).markers] == ["CD7 on T cells", "CD7 on blasts"]


@pytest.mark.parametrize(
    ("conclusion", "status"),
    [("complex", Status.DETECTED), ("normal", Status.NOT_DETECTED), ("Negative", Status.NOT_DETECTED)],
)
def test_a_reported_conclusion_is_its_text_and_no_lesion(conclusion, status):
    result = normalized(run("S1", "reported", [call(Reported("karyotype", conclusion))], technique=Technique.REPORTED))
    [found], [item] = result.markers, result.observations
    assert (found.kind, found.label, found.lesions) == (MarkerKind.REPORTED, "karyotype (as reported)", ())
    assert (item.status, item.text) == (status, conclusion)


def test_a_structural_variant_without_fusion_is_hidden():
    event = StructuralVariant("DEL", "GRCh38", Breakpoint("4", 1000), Breakpoint("4", 9000))
    near = StructuralVariant("DEL", "GRCh38", Breakpoint("4", 1005), Breakpoint("4", 8995))
    [found] = normalized(run("S1", "manta", [call(event)]), run("S1", "delly", [call(near)])).markers
    assert (found.tracked, found.id) == (False, "DEL 4:1000-4:9000")


def test_a_negative_result_does_not_track_its_marker():
    result = normalized(
        run("S1", "dpcr", [call(TET2, result=Result.NEGATIVE, classification="pathogenic")], technique=DNA)
    )
    assert [item.tracked for item in result.markers] == [False]
    assert result.markers[0].why == "never detected"


@pytest.mark.parametrize(("gene", "is_tracked"), [("NUP98", True), ("MECOM", True), ("BCL6", False)])
def test_a_break_apart_of_a_gene_that_fuses_in_myeloid_neoplasms_is_tracked(gene, is_tracked):
    # NUP98::NSD1 and RUNX1::MECOM are fusions of AML; BCL6 is rearranged in lymphomas
    apart = call(Fusion(gene, "", rearranged_only=True), level("40 %", "cell_fraction"), result=Result.POSITIVE)
    [found] = normalized(run("S1", "fish", [apart], technique=FISH)).markers
    assert found.tracked is is_tracked


@pytest.mark.parametrize(
    ("gene", "technique", "is_tracked"),
    [
        ("NPM1", Technique.QPCR, True),
        ("NPM1", Technique.DPCR, True),
        ("NPM1", DNA, False),  # a sequencer may have seen any variant
        ("IDH2", Technique.QPCR, False),  # which of its mutations is the target is not told
    ],
)
def test_a_pcr_of_mutated_npm1_needs_no_type(gene, technique, is_tracked):
    # Mutated NPM1 is one class, the frameshift of the last exon (Falini, N Engl J Med 2005;352:254), which a PCR has for target
    calls = [call(SmallVariant(gene=gene), level("250 %", "normalized_copies"))]
    [found] = normalized(run("S1", "pcr", calls, technique=technique)).markers
    assert (found.tracked, found.lesions) == (is_tracked, ("NPM1",) if is_tracked else ())


def test_a_sample_with_the_reciprocal_alone_is_detected_without_level():
    result = normalized(
        run("S1", "rna", [call(CBF, level("9", "ffpm"), counts=reads(9))], technique=RNA),
        run("S2", "rna", [call(Fusion("RUNX1T1", "RUNX1"), level("3", "ffpm"), counts=reads(3))], technique=RNA),
    )
    item = of(result, "RUNX1::RUNX1T1", "S2")
    assert (item.status, item.level, item.flags) == (Status.DETECTED, None, ("reciprocal_only",))
