"""Regions that cover a gene whole speak about the gene; parts, failed bases and other builds leave it open."""

from __future__ import annotations

import random
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patient_input import DNA, NPM1, call, covers, lesion, level, limit, marker, normalized, of, run

from moltrack import resources
from moltrack.model import Counts, Coverage, CoverageScope, LimitKind, SmallVariant, Status
from moltrack.normalize.regions import Places, whole_genes

#: Coding parts of TP53 (NM_000546.6, exons 11 to 2), 0-based half-open, as RefSeq places them.
TP53 = {
    "GRCh38": (
        (7669608, 7669690),
        (7670608, 7670715),
        (7673534, 7673608),
        (7673700, 7673837),
        (7674180, 7674290),
        (7674858, 7674971),
        (7675052, 7675236),
        (7675993, 7676272),
        (7676381, 7676403),
        (7676520, 7676594),
    ),
    "GRCh37": (
        (7572926, 7573008),
        (7573926, 7574033),
        (7576852, 7576926),
        (7577018, 7577155),
        (7577498, 7577608),
        (7578176, 7578289),
        (7578370, 7578554),
        (7579311, 7579590),
        (7579699, 7579721),
        (7579838, 7579912),
    ),
}


def region(start: int, end: int, chrom: str = "17", build: str = "GRCh38", **more: object) -> Coverage:
    return covers(CoverageScope.REGION, build=build, chrom=chrom, start=start, end=end, **more)


def tp53(build: str = "GRCh38", **more: object) -> list[Coverage]:
    return [region(start, end, build=build, **more) for start, end in TP53[build]]


def read(*coverage: Coverage, **more: object):
    return normalized(run("S1", "panel", (), coverage, **more))


# --- whole genes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("build", resources.BUILDS)
def test_all_coding_exons_answer_for_the_gene(build):
    result = read(*tp53(build, file="panel.bed"), build=build)
    item = of(result, "TP53 (any pathogenic variant)")
    assert (item.status, [str(origin) for origin in item.origins]) == (Status.NOT_DETECTED, ["panel.bed"])
    assert item.formula == "covered, not called: all coding exons of TP53 covered by panel.bed"


def test_the_build_of_the_run_counts_where_a_region_names_none():
    regions = [region(start, end, build="") for start, end in TP53["GRCh37"]]
    assert lesion(read(*regions, build="GRCh37"), "TP53") == {"not_detected"}
    assert lesion(read(*regions, build="GRCh38"), "TP53") == set()


def test_a_pathogenic_variant_stays_the_answer_about_its_gene():
    hit = SmallVariant("GRCh38", "17", 7674220, "C", "T", gene="TP53", hgvs_p="p.Arg248Gln")
    result = normalized(run("S1", "panel", [call(hit, level("30 %"), classification="pathogenic")], tp53()))
    assert lesion(result, "TP53") == {"detected"}


def test_a_missing_base_leaves_the_gene_open():
    first, *others = TP53["GRCh38"]
    result = read(*(region(*pair, file="panel.bed") for pair in ((first[0], first[1] - 1), *others)))
    item = of(result, "TP53 (any pathogenic variant)")
    assert item.status is Status.NOT_EVALUABLE
    assert item.text == "only exons 2-10 of the 11 of TP53 covered by panel.bed"


def test_part_of_an_exon_says_nothing():
    assert read(region(7669610, 7669620)).observations == ()


def test_exons_that_are_covered_are_named():
    spans = TP53["GRCh38"]
    [item] = read(*(region(*spans[i], file="hotspots.bed") for i in (1, 5, 6, 7))).observations
    assert item.text == "only exons 4-6, 10 of the 11 of TP53 covered by hotspots.bed"


def test_an_intron_variant_beside_the_regions_is_not_tested():
    """c.376-1 lies one base outside exon 5: the gene is read, this very variant is not."""
    splice = SmallVariant("GRCh38", "17", 7675237, "C", "T", gene="TP53", hgvs_c="c.376-1G>A")
    first = run("S1", "wgs", [call(splice, level("30 %"), classification="pathogenic")])
    result = normalized(first, run("S2", "panel", (), tp53()))
    assert {o.sample for o in result.observations if o.marker == marker(result, "TP53 c.376-1G>A").id} == {"S1"}


# --- limits -----------------------------------------------------------------------------------------------------------


def test_the_weakest_region_gives_the_limit():
    """1 - 0.05^(1/100) = 2.951 %."""
    depths = [500, 100, *[800] * 8]
    regions = [region(*pair, counts=Counts(depth=depth)) for pair, depth in zip(TP53["GRCh38"], depths, strict=True)]
    item = of(read(*regions), "TP53 (any pathogenic variant)")
    assert item.limit(LimitKind.LOD) == pytest.approx(0.02951, abs=1e-5)
    assert item.counts.depth == 100


def test_a_declared_limit_is_that_of_the_gene():
    item = of(read(*tp53(limits=(limit("lod", "2 %"),))), "TP53 (any pathogenic variant)")
    assert (item.quantity, item.limit(LimitKind.LOD)) == ("vaf", 0.02)


@pytest.mark.parametrize(("depth", "status"), [(20, {"not_detected"}), (19, {"not_evaluable"}), (0, {"not_evaluable"})])
def test_an_exon_of_few_reads_is_not_read(depth, status):
    shallow = region(*TP53["GRCh38"][0], counts=Counts(depth=depth), evaluable=depth > 0)
    assert lesion(read(shallow, *tp53()[1:]), "TP53") == status


def test_a_failed_stretch_goes_before_a_declared_region():
    failed = region(7674200, 7674201, counts=Counts(depth=0), evaluable=False)
    assert lesion(read(*tp53(), failed), "TP53") == {"not_evaluable"}


# --- genes and lesions that need less, or more ------------------------------------------------------------------------


def test_the_last_exon_answers_for_npm1():
    """NPM1 counts as mutated by frameshifts in exon 11 (Falini, N Engl J Med 2005;352:254): coding part c.847-885."""
    result = read(region(171410526, 171410565, chrom="5"))
    assert lesion(result, "NPM1") == {"not_detected"}


def test_the_first_exons_do_not_answer_for_npm1():
    assert lesion(read(region(171387948, 171388006, chrom="5")), "NPM1") == set()


def test_the_bzip_codons_answer_for_the_bzip_alone():
    """Residues 272-358 with the boundary are c.814-1074 of NM_004364.5, whose CDS is 19:33301338-33302414 (minus strand)."""
    result = read(region(33301340, 33301601, chrom="19", file="bzip.bed"))
    assert lesion(result, "CEBPA_bZIP") == {"not_detected"}
    assert lesion(result, "CEBPA") == lesion(result, "CEBPA_biallelic") == set()
    assert of(result, "CEBPA bZIP in-frame").formula.endswith("codons 272-358 of CEBPA covered by bzip.bed")


def test_the_whole_of_cebpa_answers_for_all_three():
    result = read(region(33301337, 33302414, chrom="19"))
    for name in ("CEBPA", "CEBPA_bZIP", "CEBPA_biallelic"):
        assert lesion(result, name) == {"not_detected"}


@pytest.mark.parametrize("gene", ["FLT3", "KMT2A", "UBTF"])
def test_depth_over_a_gene_of_duplications_does_not_answer_for_it(gene):
    [(chrom, start, end, _)] = resources.gene_regions([gene], "GRCh38")
    result = read(region(start, end, chrom=chrom))
    assert {name for item in result.markers for name in item.lesions} <= {"FLT3_TKD"}


def test_truncations_of_bcor_are_read_by_depth_its_duplication_is_not():
    [(chrom, start, end, _)] = resources.gene_regions(["BCOR"], "GRCh38")
    result = read(region(start, end, chrom=chrom))
    assert (lesion(result, "BCOR"), lesion(result, "BCOR_ITD")) == ({"not_detected"}, set())


def test_codon_835_answers_for_the_kinase_domain_of_flt3():
    """D835 is c.2503-2505, 13:28018502-28018505 on GRCh38 (exon 20)."""
    result = read(region(28018466, 28018589, chrom="13"))
    assert {name for item in result.markers for name in item.lesions} == {"FLT3_TKD"}


# --- laws -------------------------------------------------------------------------------------------------------------


@st.composite
def pieces(draw):
    """The regions of TP53 in any order, each cut into overlapping or touching pieces."""
    found = []
    for start, end in TP53["GRCh38"]:
        cuts = sorted(draw(st.lists(st.integers(start + 1, end - 1), max_size=3, unique=True)))
        back = draw(st.integers(0, 30))
        edges = [start, *cuts, end]
        found += [(max(start, a - back), b) for a, b in pairwise(edges)]
    return draw(st.permutations(found))


@given(pieces())
def test_order_and_splitting_of_regions_change_nothing(spans):
    def lines(items):
        return [region(a, b, line=n, file="panel.bed") for n, (a, b) in enumerate(items, start=1)]

    whole = run("S1", "panel", (), lines(TP53["GRCh38"]))
    split = run("S1", "panel", (), lines(spans))
    assert list(whole_genes(split, lambda _: 0.02)) == list(whole_genes(whole, lambda _: 0.02))
    assert normalized(split) == normalized(whole)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=20), st.integers(0, 70), st.integers(1, 9))
def test_places_are_those_that_overlap(spans, start, size):
    items = [region(a, a + n, line=i) for i, (a, n) in enumerate(spans)]
    expected = {i for i, (a, n) in enumerate(spans) if a < start + size and start < a + n}
    assert {item.line for item in Places(items).over("17", start, start + size)} == expected


def test_fifty_thousand_regions_are_searched_not_walked():
    """Against 500 regions: 100 times as many must not take 100 times as long for 200 markers."""
    spans = random.Random(7).sample(range(1, 80_000_000), 50_000)
    many = [region(start, start + 150) for start in spans]
    calls = [call(SmallVariant("GRCh38", "17", 5_000_000 + n, "C", "T", gene="TP53"), level("5 %")) for n in range(200)]
    first = run("S1", "wgs", [*calls, call(NPM1, level("40 %"))])

    def seconds(regions):
        begin = time.process_time()
        normalized(first, run("S2", "panel", (), regions))
        return time.process_time() - begin

    seconds(many[:500])
    few, all_of_them = seconds(many[:500]), seconds(many)
    assert all_of_them < 20 * few + 2


def test_dna_regions_of_another_sample_are_not_mixed():
    one = run("S1", "panel", (), tp53()[:5], technique=DNA)
    two = run("S2", "panel", (), tp53()[5:], technique=DNA)
    assert lesion(normalized(one, two), "TP53", "S1") == lesion(normalized(one, two), "TP53", "S2") == {"not_evaluable"}
