"""Coverage becomes ``not_detected``: by every scope, in any order of files, with the limit that it has."""

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
    covers,
    lesion,
    level,
    limit,
    marker,
    normalized,
    of,
    run,
)

from moltrack.model import (
    Assay,
    Change,
    CopyNumber,
    Counts,
    CoverageScope,
    Fusion,
    Itd,
    LimitKind,
    MarkerKind,
    Measured,
    Result,
    SmallVariant,
    Status,
    Technique,
)
from moltrack.normalize.absence import lowest_detectable

#: KRAS p.Gly12Asp: 12:25245350 on GRCh38, 12:25398284 on GRCh37 (ClinVar 12582).
KRAS_38 = SmallVariant("GRCh38", "12", 25245350, "C", "T", gene="KRAS", hgvs_p="p.Gly12Asp")
T_8_21 = Fusion("RUNX1", "RUNX1T1")


def first(*calls, assay="panel", technique=DNA, **more):
    """Diagnosis: the calls that later coverage is read against."""
    return run("S1", assay, calls or [call(NPM1, level("40 %"))], technique=technique, **more)


def later(*coverage, assay="panel", technique=DNA, **more):
    return run("S2", assay, (), coverage, technique=technique, **more)


# --- what is no evidence ----------------------------------------------------------------------------------------------


def test_without_coverage_a_marker_is_not_tested():
    result = normalized(first(), later())
    assert [item.sample for item in result.observations] == ["S1"]


def test_another_gene_proves_nothing():
    result = normalized(first(), later(covers(CoverageScope.GENE, "IDH2")))
    assert "S2" not in {
        o.sample for o in result.observations if o.marker == marker(result, "NPM1 p.Trp288CysfsTer12").id
    }


# --- every scope ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "coverage",
    [covers(CoverageScope.GENE, "NPM1"), covers(CoverageScope.PANEL, "myeloid")],
    ids=["gene", "panel"],
)
def test_a_gene_or_panel_covers_the_variants_of_its_genes(coverage):
    result = normalized(first(), later(coverage))
    assert of(result, "NPM1 p.Trp288CysfsTer12", "S2").status is Status.NOT_DETECTED


@pytest.mark.parametrize(
    ("build", "pos"), [("GRCh38", 25245350), ("GRCh37", 25398284)], ids=["same build", "other build"]
)
def test_a_region_covers_a_variant_in_both_builds(build, pos):
    region = covers(CoverageScope.REGION, build=build, chrom="12", start=pos - 1, end=pos + 99)
    result = normalized(first(call(KRAS_38, level("10 %"))), later(region, build=build))
    assert of(result, "KRAS p.Gly12Asp", "S2").status is Status.NOT_DETECTED


@pytest.mark.parametrize("shift", [-1, 1], ids=["ends before", "begins after"])
def test_a_region_beside_the_variant_does_not_cover_it(shift):
    start = 25245349 + shift
    region = covers(CoverageScope.REGION, build="GRCh38", chrom="12", start=start, end=start + 1)
    result = normalized(first(call(KRAS_38, level("10 %"))), later(region))
    assert {item.sample for item in result.observations} == {"S1"}


@pytest.mark.parametrize(("alt", "covered"), [("T", True), ("A", False)])
def test_a_forced_call_covers_its_own_allele_only(alt, covered):
    position = covers(
        CoverageScope.POSITION, build="GRCh38", chrom="12", start=25245349, end=25245350, ref="C", alt=alt
    )
    result = normalized(first(call(KRAS_38, level("10 %"))), later(position))
    assert ("S2" in {item.sample for item in result.observations}) is covered


def test_a_region_says_nothing_of_a_duplication():
    """Reads over FLT3 exon 14 do not show whether the caller could have seen an ITD."""
    itd = call(Itd("FLT3", 21, "GRCh38", "13", 28034123, "insertion"), level("20 %"))
    region = covers(CoverageScope.REGION, build="GRCh38", chrom="13", start=28033000, end=28035000)
    assert {item.sample for item in normalized(first(itd), later(region)).observations} == {"S1"}


def test_a_lesion_covers_the_marker_that_is_it():
    itd = call(Itd("FLT3", 21, "GRCh38", "13", 28034123, "insertion"), level("20 %"))
    result = normalized(first(itd), later(covers(CoverageScope.LESION, "FLT3_ITD")))
    assert of(result, "FLT3-ITD", "S2").status is Status.NOT_DETECTED


def test_an_rna_assay_for_fusions_covers_all_fusions():
    skap2 = call(Fusion("SKAP2", "RUNX1"), counts=Counts(junction_reads=9))
    result = normalized(
        first(skap2, assay="rna", technique=RNA),
        later(covers(CoverageScope.LESION, "fusions"), assay="rna", technique=RNA),
    )
    assert of(result, "SKAP2::RUNX1", "S2").status is Status.NOT_DETECTED
    assert lesion(result, "t_8_21", "S2") == {"not_detected"}


def test_an_rna_assay_does_not_exclude_what_has_no_chimeric_transcript():
    """inv(3): the enhancer moves, no transcript joins GATA2 and MECOM."""
    result = normalized(later(covers(CoverageScope.LESION, "fusions"), assay="rna", technique=RNA))
    assert lesion(result, "inv3_t3_3", "S2") == set()


def test_an_array_excludes_gains_and_losses_and_no_balanced_translocation():
    result = normalized(later(covers(CoverageScope.GENOME_COPY_NUMBER), assay="array", technique=ARRAY))
    assert lesion(result, "minus7", "S2") == {"not_detected"}
    assert lesion(result, "minus17_abn17p", "S2") == {"not_detected"}
    assert lesion(result, "t_8_21", "S2") == set()


def test_a_measured_property_is_covered_by_its_name():
    mrd = call(Measured(MarkerKind.FLOW, "MFC-MRD"), level("1 %", "cell_fraction"))
    result = normalized(
        first(mrd, assay="mfc", technique=Technique.FLOW),
        later(covers(CoverageScope.MEASURED, "mfc-mrd"), assay="mfc", technique=Technique.FLOW),
    )
    assert of(result, "MFC-MRD", "S2").status is Status.NOT_DETECTED


def test_an_assay_sheet_covers_every_run_of_the_assay():
    sheet = Assay("panel", DNA, covers=("NPM1",), limits=(limit("lod", "2 %"),))
    result = normalized(first(), later(), assays=[sheet])
    item = of(result, "NPM1 p.Trp288CysfsTer12", "S2")
    assert (item.status, item.quantity, item.limit(LimitKind.LOD)) == (Status.NOT_DETECTED, "vaf", 0.02)
    assert item.formula == "covered, not called: assay panel covers it"


KRAS_REGION = "region:GRCh38:12:25245350-25245350"


@pytest.mark.parametrize(
    ("region", "covered"), [(KRAS_REGION, True), ("region:GRCh38:12:25245351-25245400", False)], ids=["over", "beside"]
)
def test_an_assay_sheet_covers_the_regions_of_its_bed(region, covered):
    assay = Assay("panel", covers=(region,), limits=(limit("lod", "2 %"),))
    result = normalized(first(call(KRAS_38, level("10 %"))), later(), assays=[assay])
    found = [(o.status, o.limit(LimitKind.LOD)) for o in result.observations if o.sample == "S2"]
    assert found == ([(Status.NOT_DETECTED, 0.02)] if covered else [])


def test_what_a_file_shows_of_a_place_goes_before_the_regions_of_its_assay():
    failed = covers(
        CoverageScope.REGION,
        build="GRCh38",
        chrom="12",
        start=25245340,
        end=25245360,
        counts=Counts(depth=0),
        evaluable=False,
    )
    result = normalized(
        first(call(KRAS_38, level("10 %"))), later(failed), assays=[Assay("panel", covers=(KRAS_REGION,))]
    )
    assert of(result, "KRAS p.Gly12Asp", "S2").status is Status.NOT_EVALUABLE


def test_an_assay_sheet_whose_bed_holds_a_gene_covers_the_gene_as_a_whole():
    # NPM1 counts as mutated by its last exon (NM_002520, exon 11 of 11): 5:171410540-171410550 lies in it on GRCh38
    assay = Assay("panel", covers=("region:GRCh38:5:171380000-171420000",))
    result = normalized(run("S1", "panel"), assays=[assay])
    assert lesion(result, "NPM1") == {"not_detected"}
    [item] = [o for o in result.observations if o.marker == marker(result, "NPM1 (any pathogenic variant)").id]
    assert "covered by assay panel" in item.formula


def test_an_assay_sheet_covers_panels_and_copy_number():
    sheet = Assay("array", ARRAY, covers=("copy_number", "panel:myeloid"))
    result = normalized(later(assay="array", technique=ARRAY), assays=[sheet])
    assert lesion(result, "minus7", "S2") == lesion(result, "NPM1", "S2") == {"not_detected"}


def test_coverage_that_failed_is_not_evaluable():
    result = normalized(first(), later(covers(CoverageScope.GENE, "NPM1", evaluable=False)))
    assert of(result, "NPM1 p.Trp288CysfsTer12", "S2").status is Status.NOT_EVALUABLE
    assert lesion(result, "NPM1", "S2") == {"not_evaluable"}


def test_an_evaluable_look_goes_before_a_failed_one():
    coverage = [covers(CoverageScope.GENE, "NPM1", evaluable=False), covers(CoverageScope.PANEL, "myeloid")]
    result = normalized(first(), later(*coverage))
    assert of(result, "NPM1 p.Trp288CysfsTer12", "S2").status is Status.NOT_DETECTED


# --- lesions that nobody has had --------------------------------------------------------------------------------------


def test_a_gene_that_was_read_is_a_hidden_marker_of_its_own():
    result = normalized(later(covers(CoverageScope.GENE, "TP53")))
    found = marker(result, "TP53 (any pathogenic variant)")
    assert (found.tracked, found.lesions) == (False, ("TP53",))
    assert of(result, found.id, "S2").status is Status.NOT_DETECTED


def test_a_gene_that_no_guideline_asks_for_gets_none():
    assert normalized(later(covers(CoverageScope.GENE, "BRCA2"))).observations == ()


def test_a_variant_without_class_does_not_stand_for_its_gene():
    result = normalized(run("S1", "panel", [call(TET2, level("40 %"))], [covers(CoverageScope.GENE, "TET2")]))
    assert lesion(result, "TET2") == {"not_detected"}


def test_a_pathogenic_variant_is_the_answer_about_its_gene():
    result = normalized(run("S1", "panel", [call(NPM1, level("40 %"))], [covers(CoverageScope.GENE, "NPM1")]))
    assert lesion(result, "NPM1") == {"detected"}


def test_a_variant_that_is_gone_does_not_say_that_its_gene_is_free_unless_it_was_read():
    gone = call(NPM1, result=Result.NEGATIVE)
    result = normalized(first(), run("S2", "panel", [gone], [covers(CoverageScope.GENE, "NPM1")]))
    assert of(result, "NPM1 (any pathogenic variant)", "S2").status is Status.NOT_DETECTED
    assert of(result, "NPM1 p.Trp288CysfsTer12", "S2").status is Status.NOT_DETECTED


def test_who_reads_a_gene_reads_its_special_variants():
    result = normalized(later(covers(CoverageScope.GENE, "FLT3")))
    assert lesion(result, "FLT3_TKD", "S2") == {"not_detected"}
    assert lesion(result, "FLT3_ITD", "S2") == set()


# --- order and parts --------------------------------------------------------------------------------------------------


def test_a_negative_may_arrive_before_the_first_detection():
    before = run("S1", "panel", (), [covers(CoverageScope.PANEL, "myeloid")])
    after = run("S2", "panel", [call(NPM1, level("40 %"))])
    result = normalized(before, after)
    assert of(result, "NPM1 p.Trp288CysfsTer12", "S1").status is Status.NOT_DETECTED
    assert result == normalized(after, before)


def test_the_files_of_one_assay_are_one_look():
    """Strelka writes two files: the one without the variant does not contradict the one with it."""
    snv = run("S1", "strelka", [call(IDH2, level("30 %"))], part="snv")
    indel = run("S1", "strelka", (), [covers(CoverageScope.GENE, "IDH2")], part="indel")
    assert of(normalized(snv, indel), "IDH2 p.Arg140Gln").status is Status.DETECTED


def test_another_assay_of_the_same_sample_has_its_own_answer():
    other = run("S1", "dpcr", (), [covers(CoverageScope.GENE, "NPM1")], technique=Technique.DPCR)
    result = normalized(first(), other)
    assert of(result, "NPM1 p.Trp288CysfsTer12", assay="panel").status is Status.DETECTED
    assert of(result, "NPM1 p.Trp288CysfsTer12", assay="dpcr").status is Status.NOT_DETECTED


# --- limits of a miss -------------------------------------------------------------------------------------------------


def test_the_limit_from_depth_is_what_shows_one_read_with_95_percent():
    """1 - 0.05^(1/1000) = 0.29912 %."""
    result = normalized(first(), later(covers(CoverageScope.GENE, "NPM1", counts=Counts(depth=1000))))
    item = of(result, "NPM1 p.Trp288CysfsTer12", "S2")
    assert item.quantity == "vaf"
    assert item.limit(LimitKind.LOD) == pytest.approx(0.0029912, abs=1e-7)
    assert item.limits[0].source == "95 % of one among 1000 reads, no background"


def test_twenty_metaphases_show_fourteen_percent():
    """1 - 0.05^(1/20) = 13.911 %."""
    assert lowest_detectable(20) == pytest.approx(0.13911, abs=1e-5)


def test_a_declared_limit_goes_before_the_depth():
    look = covers(CoverageScope.GENE, "NPM1", counts=Counts(depth=1000), limits=(limit("lod", "2 %"),))
    assert of(normalized(first(), later(look)), "NPM1 p.Trp288CysfsTer12", "S2").limit(LimitKind.LOD) == 0.02


def test_a_limit_keeps_its_own_quantity():
    """A digital PCR that declares a VAF: the miss is a VAF, not copies."""
    look = covers(CoverageScope.GENE, "NPM1", limits=(limit("lod", "0.01 %"),))
    item = of(normalized(first(), later(look, technique=Technique.DPCR)), "NPM1 p.Trp288CysfsTer12", "S2")
    assert (item.quantity, item.limit(LimitKind.LOD)) == ("vaf", 0.0001)


def test_without_depth_or_declaration_the_limit_is_unknown():
    item = of(normalized(first(), later(covers(CoverageScope.GENE, "NPM1"))), "NPM1 p.Trp288CysfsTer12", "S2")
    assert (item.quantity, item.limits) == ("", ())


def test_the_most_specific_look_counts_then_the_deepest():
    looks = [
        covers(CoverageScope.PANEL, "myeloid", counts=Counts(depth=9000)),
        covers(CoverageScope.GENE, "NPM1", counts=Counts(depth=100), line=1),
        covers(CoverageScope.GENE, "NPM1", counts=Counts(depth=500), line=2),
    ]
    assert of(normalized(first(), later(*looks)), "NPM1 p.Trp288CysfsTer12", "S2").counts.depth == 500


def test_a_miss_names_the_line_that_proves_it():
    item = of(normalized(first(), later(covers(CoverageScope.GENE, "NPM1", line=12))), "NPM1 p.Trp288CysfsTer12", "S2")
    assert [str(origin) for origin in item.origins] == ["S2_panel.txt:12"]


@pytest.mark.parametrize(("technique", "flag"), [(FISH, ("by_fish",)), (ARRAY, ("by_array",)), (KARYOTYPE, ())])
def test_a_miss_says_by_which_technique(technique, flag):
    result = normalized(later(covers(CoverageScope.LESION, "minus7"), assay="x", technique=technique))
    [item] = result.observations
    assert item.flags == flag


# --- FISH that was normal ---------------------------------------------------------------------------------------------


def test_a_negative_fish_is_hidden_until_it_is_positive():
    negative = run("S1", "fish", [call(CopyNumber(Change.LOSS, gene="TP53"), result=Result.NEGATIVE)], technique=FISH)
    positive = run(
        "S2", "fish", [call(CopyNumber(Change.LOSS, gene="TP53"), level("72 %", "cell_fraction"))], technique=FISH
    )
    alone, both = normalized(negative), normalized(negative, positive)
    assert lesion(alone, "minus17_abn17p") == {"not_detected"}
    assert [item.tracked for item in alone.markers] == [False]
    assert [item.tracked for item in both.markers] == [True]
    assert "never detected" not in both.markers[0].why


def test_a_stated_normal_result_is_no_detection():
    normal = run("S1", "fish", [call(CopyNumber(Change.NORMAL, gene="TP53"))], technique=FISH)
    assert lesion(normalized(normal), "minus17_abn17p") == {"not_detected"}


def test_a_negative_fusion_probe_excludes_its_translocation():
    negative = run("S1", "fish", [call(T_8_21, result=Result.NEGATIVE)], technique=FISH)
    result = normalized(negative)
    assert lesion(result, "t_8_21") == {"not_detected"}
    assert not marker(result, "RUNX1::RUNX1T1").tracked
