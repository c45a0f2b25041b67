"""Levels from counts, one row of each caller; expected numbers by hand from the row."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcf_text import HG38, row, vcf

from moltrack.formats.variants.levels import differs, vaf
from moltrack.model import Call, CoverageScope, LimitKind, Printed, Refused, Result

MUTECT2 = "##source=Mutect2"


@pytest.mark.parametrize(
    ("meta", "format_", "sample", "text", "formula"),
    [
        pytest.param(MUTECT2, "GT:AD:AF:DP", "0/1:40,3:0.072:43", "3/43", "AD/sum(AD)", id="mutect2"),
        pytest.param(MUTECT2, "GT:AD:AF:FAD", "0/1:10,4:0.3:9,3", "3/12", "FAD/sum(FAD)", id="mutect2-fragments"),
        pytest.param("", "GT:DP:VD:AD:AF:RD:ALD", "0/1:993:5:988,5:0.005:515,473:3,2", "5/993", "VD/DP", id="vardict"),
        pytest.param("", "GT:GQ:DP:RD:AD:FREQ", "0/1:.:91:56:35:38.46%", "35/91", "AD/(RD+AD)", id="varscan"),
        pytest.param("##source=DeepSomatic 1.9.0", "GT:DP:AD:VAF", "0/1:55:50,4:0.0727", "4/55", "AD/DP", id="deepsomatic"),
        pytest.param("##source=DRAGEN_SNV", "GT:SQ:AD:AF:DP", "0/1:3:0,3:0.0047:634", "3/634", "AD/DP", id="dragen-multiallelic"),
        pytest.param("##source=ClairS", "GT:AF:DP:AD", "0/1:0.05:40:10,2", "2/40", "AD/DP", id="clairs"),
        pytest.param("##source=ClairS", "GT:DP:AF:AD:AU:CU:GU:TU", "0/1:42:0.12:35,5:5:35:0:0", "5/42", "AD/DP", id="clairs-bases"),
        pytest.param("##source=ClairS", "GT:DP:AF:AU:CU:GU:TU", "0/1:42:0.12:5:35:0:0", "5/40", "AU/(AU+CU)", id="clairs-before-ad"),
        pytest.param("##source=CLC Genomics Workbench 21.0.3", "GT:CLCAD2:DP", "0/1:812,401:1220", "401/1220", "CLCAD2/DP", id="clc"),
        pytest.param("##sageVersion=3.4", "GT:AD:AF:DP", "0/1:30,8:0.2:40", "8/40", "AD/DP", id="sage"),
        pytest.param("##source=TNscope", "GT:AD:AF:DP", "0/1:47,8:0.0519:154", "8/55", "AD/sum(AD)", id="tnscope"),
        pytest.param("", "GT:AD:BQ:DP:FA", "0:175,30:.:206:0.146", "30/205", "AD/sum(AD)", id="mutect1"),
        pytest.param("##source=freeBayes", "GT:DP:RO:AO", "0/1:23:15:5", "5/20", "AO/(RO+AO)", id="freebayes"),
        pytest.param("", "DP:FDP:AU:CU:GU:TU", "47:0:2,3:45,46:0,0:0,0", "2/47", "AU/(AU+CU), tier 1", id="strelka-snv"),
        pytest.param("", "DP:TAR:TIR:TOR", "54:23,23:27,28:5,5", "27/50", "TIR/(TIR+TAR), tier 1", id="strelka-indel"),
        pytest.param("", "GT:DP:DP4:BCOUNT", "0/1:63:17,14,16,16:0,0,0,0", "32/63", "(DP4[2]+DP4[3])/sum(DP4)", id="sniper"),
        pytest.param("", "GT:DP4:VAF", "0/1:3,2,20,24:0.898", "44/49", "(DP4[2]+DP4[3])/sum(DP4)", id="somaticseq"),
        pytest.param("", "GT:DP4:FREQ", "0/1:145%2C467%2C6%2C74:11.56%25", "80/692", "(DP4[2]+DP4[3])/sum(DP4)", id="percent-encoded"),
        pytest.param("", "GT:AD:DP:VF", "0/1:970,20:1000:0.02", "20/1000", "AD/DP", id="pisces"),
        pytest.param("", "GT:FAO:FRO:FDP:AO:RO", "0/1:12:88:100:13:80", "12/100", "FAO/FDP", id="ion-torrent"),
        pytest.param("##source=Platypus_Version_0.8.1", "GT:NR:NV", "0/1:80:12", "12/80", "NV/NR", id="platypus"),
        pytest.param("", "GT:FAZ:FCZ:FGZ:FTZ:RAZ:RCZ:RGZ:RTZ:PM", "0|1:3:20:0:0:2:15:0:0:0.13", "5/40",
                     "(FAZ+RAZ)/(FAZ+RAZ+FCZ+RCZ)", id="caveman"),
        pytest.param("", "GT:PP:NP:PU:NU:PR:NR", "./.:3:2:4:3:30:20", "7/50", "(PU+NU)/(PR+NR)", id="cgppindel"),
        pytest.param("##source=Clair3", "GT:DP:AD:AF", "0/1:40:30,8:0.2", "8/40", "AD/DP", id="clair3"),
        pytest.param("##source=HaplotypeCaller", "GT:AD:DP", "0/1:30,1:31", "1/31", "AD/sum(AD)", id="haplotypecaller"),
    ],
)  # fmt: skip
def test_level_of_each_caller(calls, meta, format_, sample, text, formula):
    [call] = calls(
        *vcf(row("chr13", 28018505, "C", "A", "PASS", ".", format_, sample), meta=(HG38, meta) if meta else (HG38,))
    )
    alt, depth = map(Decimal, text.split("/"))
    assert call.levels == (Printed("vaf", alt / depth, "fraction", text),)
    assert (call.counts.alt, call.counts.depth) == (alt, depth)
    assert call.formula == formula
    assert call.result is Result.POSITIVE


def test_lofreq_has_no_sample_column(calls):
    """31 + 32 reads: (16+16)/63, LoFreq's own AF is kept."""
    [call] = calls(*vcf(row(info="DP=63;AF=0.507937;DP4=17,14,16,16"), samples=()))
    assert call.levels[0].text == "32/63"
    assert call.caller_level == Printed("vaf", Decimal("0.507937"), "fraction", "0.507937")


@pytest.mark.parametrize(("genotype", "detected"), [("0/1", True), ("0/0", False)])
def test_strands_of_several_samples_together_are_no_level(read, genotype, detected):
    """bcftools without AD: INFO/DP4 counts the reads of both samples."""
    line = row("chr13", 28018505, "C", "A", "PASS", "DP4=80,80,20,20", "GT:PL", genotype, "0/1")
    _, record = read(*vcf(line, samples=("REL", "DX")), tumor_sample="REL")
    assert isinstance(record, Call) is detected
    assert record.counts.alt == (None if detected else 0)
    assert record.counts.depth is None


def test_info_af_of_freebayes_is_no_level(calls):
    """INFO/AF of FreeBayes is AC/AN."""
    [call] = calls(
        *vcf(row("chr13", 28018505, "C", "A", "PASS", "AF=0.25;AO=99", "GT:DP:VD:AF", "0/1:4046:1209:0.299"))
    )
    assert call.levels[0].text == "1209/4046"
    assert call.caller_level.text == "0.299"


def test_percent_of_varscan_stays_percent(calls):
    [call] = calls(*vcf(row("chr13", 28018505, "C", "A", "PASS", ".", "GT:RD:AD:FREQ", "0/1:56:35:38.46%")))
    assert call.caller_level == Printed("vaf", Decimal("38.46"), "%", "38.46%")
    assert call.notes == ()


def test_each_allele_of_a_joined_site_has_its_own_reads(calls):
    first, second = calls(*vcf(row("chr13", 28018505, "C", "A,T", "PASS", ".", "GT:AD:AF", "0/1/2:80,15,5:0.2,0.1")))
    assert (first.finding.alt, first.levels[0].text, first.caller_level.text) == ("A", "15/100", "0.2")
    assert (second.finding.alt, second.levels[0].text, second.caller_level.text) == ("T", "5/100", "0.1")


def test_radia_lists_the_reference_in_af(calls):
    [call] = calls(*vcf(row("chr13", 28018505, "C", "A", "PASS", ".", "GT:AD:AF", "0/1:95,11:0.9,0.1")))
    assert call.caller_level.text == "0.1"


def test_no_alternative_read_is_coverage_not_a_call(read):
    """Mutect2 prints AF 0.032 for 0 of 30 reads."""
    _, record = read(
        *vcf(row("chr13", 28018505, "C", "A", "PASS", ".", "GT:AD:AF", "0/1:30,0:0.032"), meta=(HG38, MUTECT2))
    )
    assert record.scope is CoverageScope.POSITION
    assert (record.ref, record.alt, record.start, record.end) == ("C", "A", 28018504, 28018505)
    assert (record.counts.alt, record.counts.depth, record.evaluable) == (0, 30, True)


def test_no_read_at_all_was_not_evaluable(coverage):
    [record] = coverage(*vcf(row("chr13", 28018505, "C", "A", "PASS", ".", "GT:AD:DP", "./.:0,0:0")))
    assert not record.evaluable


REFCALL = ("chr13", 28018505, "C", "A", "RefCall", ".")


@pytest.mark.parametrize(
    ("cells", "counts", "limit"),
    [
        pytest.param(("GT:DP:AD:VAF", "./.:55:50,5:0.0909091"), (5, 55), "5/55", id="more-than-depth-excludes"),
        pytest.param(("GT:DP:AD:VAF", "0/0:1000:999,1:0.001"), (1, 1000), "", id="less-than-depth-excludes"),
        pytest.param(("GT:DP:AD:VAF", "0/0:55:55,0:0"), (0, 55), "", id="no-read"),
        pytest.param(("GT:DP:VAF", "0/0:55:0.09"), (None, 55), "0.09", id="fraction-only"),
    ],
)
def test_a_reference_call_excludes_no_more_than_its_reads_show(coverage, cells, counts, limit):
    """5 of 55 reads: the caller says reference, but the absence holds above 9 % only; 1 of 1,000 is below 1 - 0.05^(1/1000)."""
    [record] = coverage(*vcf(row(*REFCALL, *cells)))
    assert (record.counts.alt, record.counts.depth) == counts
    assert [(item.kind, item.value.text) for item in record.limits] == ([(LimitKind.LOD, limit)] if limit else [])
    shown = f", though {limit} of the reads show the allele" if limit else ""
    assert record.note == "the caller calls the reference" + shown


def test_reference_genotype_with_reads_keeps_its_counts(calls):
    """A forced call of a tracked variant: 3 of 5,000 reads are evidence, whatever the genotype says."""
    [call] = calls(*vcf(row(*REFCALL[:4], ".", ".", "GT:AD:DP", "0/0:4997,3:5000")))
    assert (call.result, call.counts.alt, call.counts.depth) == (Result.POSITIVE, 3, 5000)


def test_reads_of_an_allele_beside_non_ref_are_evidence(calls):
    [call] = calls(*vcf(row(*REFCALL[:3], "A,<NON_REF>", ".", ".", "GT:AD:DP", "0/0:95,5,0:100")))
    assert (call.counts.alt, call.levels[0].text) == (5, "5/100")


def test_genotype_alone_detects_without_level(calls):
    [call] = calls(*vcf(row("chr13", 28018505, "C", "A", "PASS", ".", "GT", "0/1")))
    assert (call.result, call.levels, call.notes) == (Result.POSITIVE, (), ("genotype only: the file gives no counts",))


def test_reference_genotype_alone_is_coverage(coverage):
    assert len(coverage(*vcf(row("chr13", 28018505, "C", "A", "PASS", ".", "GT:DP", "0/0:88")))) == 1


def test_genotype_is_ignored_where_reads_are_counted(calls):
    """Pindel writes 0/0 beside 4 reads."""
    [call] = calls(*vcf(row("chr13", 28018505, "C", "CA", "PASS", ".", "GT:AD", "0/0:43,4")))
    assert call.levels[0].text == "4/47"


def test_missing_cell_says_nothing_and_is_counted(read):
    info, *records = read(*vcf(row("chr13", 28018505, "C", "A", "PASS", ".", "GT:AD", "./.")))
    assert records == []
    assert info.notes == ("1 alleles have no data in the column S1",)


def test_caller_level_that_differs_is_flagged(calls):
    [call] = calls(*vcf(row("chr13", 28018505, "C", "A", "PASS", ".", "GT:AD:AF:DP", "0/1:47,8:0.0519:154")))
    assert call.notes == ("caller_level_differs",)


@pytest.mark.parametrize(
    ("own", "ours", "expected"),
    [
        pytest.param("0.10", "1/10", False, id="equal"),
        pytest.param("0.021", "1/1000", False, id="within-0.02"),
        pytest.param("0.50", "45/100", False, id="within-20-percent"),
        pytest.param("0.30", "25/100", False, id="exactly-20-percent"),
        pytest.param("0.31", "25/100", True, id="beyond-both"),
    ],
)
def test_differs_by_both_bounds(own, ours, expected):
    alt, depth = map(int, ours.split("/"))
    assert differs(Printed("vaf", Decimal(own), "fraction", own), vaf(alt, depth)) is expected


@pytest.mark.parametrize(
    ("format_", "sample", "message"),
    [
        pytest.param("GT:AD", "0/1:4,x", "AD holds '4,x', expected counts of reads.", id="text"),
        pytest.param("GT:AD", "0/1:4,-2", "AD holds '4,-2', expected counts of reads.", id="negative"),
        pytest.param(
            "GT:DP:VD", "0/1:10:12", "VD/DP is 12/10: more alternative reads than depth.", id="more-than-depth"
        ),
    ],
)
def test_impossible_counts_are_refused_with_their_line(read, format_, sample, message):
    _, refused = read(*vcf(row("chr13", 28018505, "C", "A", "PASS", ".", format_, sample)))
    assert refused == Refused(4, message)


@given(alt=st.integers(1, 10**6), ref=st.integers(0, 10**6))
def test_vaf_is_a_fraction(alt, ref):
    printed = vaf(alt, alt + ref)
    assert 0 < printed.value <= 1
    assert printed.text == f"{alt}/{alt + ref}"


# --- local alleles (VCF 4.5, section 1.6.2, with its examples) --------------------------------------------------------


def _local(format_: str, sample: str, alt: str = "A,C,T,<*>") -> tuple[str, ...]:
    return vcf(row("chr13", 28018505, "G", alt, "PASS", ".", format_, sample), version="4.5")


@pytest.mark.parametrize(
    ("format_", "sample", "formula"),
    [
        pytest.param("GT:LAA:LAD:LPL", "2/4:2,4:20,30,10:90,80,0,100,110,120", "LAD/sum(LAD)", id="local"),
        pytest.param("GT:AD", "2/2:20,.,30,.,10", "AD/sum(AD)", id="the-same-of-all-alleles"),
        pytest.param("GT:LAA:LAD", "2/4:4,2:20,10,30", "LAD/sum(LAD)", id="in-the-order-of-LAA"),
        pytest.param("LAA:LGT:LAD", "2,4:1/2:20,30,10", "LAD/sum(LAD)", id="local-genotype"),
        pytest.param("GT:LAA:AD:LAD", "2/2:2,4:.:20,30,10", "LAD/sum(LAD)", id="AD-missing"),
    ],
)
def test_local_alleles_are_the_only_ones_known(read, format_, sample, formula):
    """Reads of G, C and <*>: 30 of 60 show C; of A and T nothing is known, neither presence nor absence."""
    info, call = read(*_local(format_, sample))
    assert (call.finding.alt, call.levels[0].text, call.formula) == ("C", "30/60", formula)
    assert info.notes == ("2 alleles have no data in the column S1",)


def test_local_genotype_without_reads_names_its_alleles(read):
    info, call = read(*_local("LGT:LAA", "0/1:3"))
    assert (call.finding.alt, call.levels) == ("T", ())
    assert info.notes == ("2 alleles have no data in the column S1",)


@pytest.mark.parametrize("alleles", [pytest.param(".", id="missing"), pytest.param("", id="empty")])
def test_without_local_alleles_nothing_is_known_of_any(read, alleles):
    [info] = read(*_local("GT:LAA:LAD", f"0/0:{alleles}:30"))
    assert info.notes == ("3 alleles have no data in the column S1",)


def test_a_local_allele_without_reads_was_looked_for(coverage):
    """0 of 30 reads show A; C and T are not local."""
    [site] = coverage(*_local("GT:LAA:LAD", "0/0:1:30,0"))
    assert (site.alt, site.counts.alt, site.counts.depth) == ("A", 0, 30)


def test_local_fractions_stay_beside_the_reads(calls):
    [call] = calls(*_local("GT:LAA:LAD:LAF", "0/2:2:60,40:0.4"))
    assert (call.levels[0].text, call.caller_level.text) == ("40/100", "0.4")


@pytest.mark.parametrize(
    ("sample", "reason"),
    [
        pytest.param("0/1:5:20,10", "LAA holds '5', expected numbers of the row's alternative alleles (1 to 4).", id="no-such-allele"),
        pytest.param("0/1:1,1:20,10,10", "LAA holds '1,1', expected numbers", id="twice"),
        pytest.param("0/1:0,1:20,10,10", "LAA holds '0,1', expected numbers", id="the-reference"),
        pytest.param("0/1:1:20,10,5", "LAD holds '20,10,5', which does not fit the alleles of LAA '1'.", id="too-many-reads"),
    ],
)  # fmt: skip
def test_odd_local_alleles_are_refused(read, sample, reason):
    _, refused = read(*_local("GT:LAA:LAD", sample))
    assert isinstance(refused, Refused)
    assert refused.reason.startswith(reason)
