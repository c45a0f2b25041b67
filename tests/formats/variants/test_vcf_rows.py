"""VCF rows that are special: gVCF blocks, symbolic alleles, damaged rows; and which files the format takes for its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcf_text import HG38, row, vcf

from moltrack.errors import MoltrackError
from moltrack.formats import ReadOptions
from moltrack.formats.files import Head
from moltrack.formats.registry import Sniff
from moltrack.formats.variants.vcf import read_vcf, sniff
from moltrack.model import Call, Coverage, CoverageScope, FileInfo, Itd, Refused

AD = ("GT:AD", "0/1:90,10")


# --- coverage ---------------------------------------------------------------------------------------------------------


def test_a_block_of_vcf_4_5_ends_by_the_length_of_its_sample(coverage):
    [region] = coverage(*vcf(row("chr13", 100, "C", "<*>", ".", ".", "GT:DP:LEN", "0/0:90:50")))
    assert (region.start, region.end, region.counts.depth) == (99, 149, 90)


def test_a_record_at_a_telomere_is_counted_and_no_call(write):
    rows = [row("chr13", pos, "N", "A", ".", ".", *AD) for pos in (0, 28018505)]
    info, *records = read_vcf(write("a.vcf", *vcf(*rows)), ReadOptions(genes="all"))
    assert [record.finding.pos for record in records] == [28018505]
    assert info.notes == ("alleles that are not read here: 1 at a telomere (POS 0)",)


def test_gvcf_block_is_a_region_with_its_smallest_depth(coverage):
    [region] = coverage(*vcf(row("chr13", 100, "C", "<NON_REF>", ".", "END=199", "GT:DP:MIN_DP", "0/0:90:80")))
    assert (region.scope, region.start, region.end, region.counts.depth) == (CoverageScope.REGION, 99, 199, 80)


def test_touching_blocks_of_one_class_of_depth_are_joined(coverage):
    """80 and 60 lie between 50 and 100, 30 does not."""
    blocks = [(100, 199, 80), (200, 299, 60), (300, 399, 30), (500, 599, 30)]
    rows = [
        row("chr13", start, "C", "<*>", ".", f"END={end}", "GT:MIN_DP", f"0/0:{depth}") for start, end, depth in blocks
    ]
    assert [(r.start, r.end, r.counts.depth) for r in coverage(*vcf(*rows))] == [
        (99, 299, 60),
        (299, 399, 30),
        (499, 599, 30),
    ]


def test_position_without_alternative_is_coverage(coverage):
    [region] = coverage(*vcf(row("chr13", 100, "C", ".", ".", "DP=44", "GT", "0/0")))
    assert (region.start, region.end, region.counts.depth) == (99, 100, 44)


@pytest.mark.parametrize("alt", ["X", "<X>", "<*>", "<NON_REF>"])
def test_any_other_base_is_no_variant(read, alt):
    """samtools 0.1 writes the other bases as X, 1.x as <*>."""
    _, region, call = read(
        *vcf(
            row("chr13", 100, "C", alt, ".", "DP=44", "PL", "0"),
            row("chr13", 300, "C", f"A,{alt}", ".", ".", "GT:AD", "0/1:9,1,0"),
        )
    )
    assert (region.counts.depth, call.finding.alt) == (44, "A")


def test_block_of_depth_zero_was_not_evaluable(coverage):
    [region] = coverage(*vcf(row("chr13", 100, "C", "<NON_REF>", ".", "END=199", "GT:DP", "0/0:0")))
    assert not region.evaluable


def test_variant_beside_non_ref_counts_all_reads(calls):
    [call] = calls(*vcf(row("chr13", 100, "C", "T,<NON_REF>", ".", ".", "GT:AD", "0/1:90,8,2")))
    assert (call.finding.alt, call.levels[0].text) == ("T", "8/100")


def test_indexed_genes_only(coverage):
    rows = [
        row("chr13", start, "C", "<NON_REF>", ".", f"END={start + 9}", "GT:DP", "0/0:90") for start in (100, 28018500)
    ]
    assert [r.start for r in coverage(*vcf(*rows), genes="myeloid")] == [28018499]


# --- structural alleles -----------------------------------------------------------------------------------------------


def test_structural_alleles_of_a_mixed_file_are_counted_not_called(read):
    rows = [
        row("chr13", 100, "C", "<DUP>", "PASS", "SVTYPE=DUP", *AD),
        row("chr13", 200, "C", "C[chr2:321681[", "PASS", "SVTYPE=BND", *AD),
        row("chr13", 300, "C", "T", "PASS", ".", *AD),
        row("chr13", 400, "C", "*", "PASS", ".", *AD),
    ]
    info, call = read(*vcf(*rows))
    assert call.finding.pos == 300
    assert info.notes == ("alleles that are not read here: 1 * (spanning deletion), 1 <DUP>, 1 breakend",)


@pytest.mark.parametrize("end", [pytest.param("END=28034141;", id="end"), pytest.param("", id="without-end")])
def test_vardict_writes_flt3_itd_as_a_symbolic_duplication(read, end):
    """60 bases of exon 14, 28034082 to 28034141, whose SVLEN is END - POS; 90 of 900 reads."""
    info = f"TYPE=DUP;{end}SVTYPE=DUP;SVLEN=59"
    line = row("chr13", 28034082, "T", "<DUP>", "PASS", info, "GT:DP:VD:AD:AF", "0/1:900:90:810,90:0.1")
    _, call = read(*vcf(line), genes="myeloid")
    assert isinstance(call.finding, Itd)
    assert (call.finding.gene, call.finding.length, call.finding.pos) == ("FLT3", 60, 28034082)
    assert (call.levels[0].text, call.formula) == ("90/900", "VD/DP")


@pytest.mark.parametrize(
    "meta",
    [
        "##source=GenerateSVCandidates 1.3.0", "##gridssVersion=2.10.2", "##source=Sniffles2_2.4", "##source=LUMPY", "##esveeVersion=1.0.2",
        "##source=DRAGEN_SV", "##source=ScanITD 0.3", "##source=ITDseekV1.2", "##source=fusioncatcher_v1.20",
    ],
)  # fmt: skip
def test_files_of_other_readers_are_left_to_them(write, meta):
    assert sniff(Head.of(write("a.vcf", *vcf(row(), meta=(HG38, meta))))) is Sniff.GENERIC


def test_file_of_large_events_is_left_to_its_reader(write):
    path = write("a.vcf", *vcf(row("chr13", 100, "N", "<DEL>", ".", "SVTYPE=DEL;END=900", *AD)))
    assert sniff(Head.of(path)) is Sniff.GENERIC


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(vcf(row()), id="usual"),
        pytest.param(vcf(row())[1:], id="without-fileformat"),
        pytest.param(vcf(row("chr13", 1, "C", "<NON_REF>", ".", "END=9", "GT:DP", "0/0:9")), id="gvcf"),
        pytest.param(vcf(row(), version="4.5"), id="v4.5"),
    ],
)
def test_vcf_is_recognised(write, lines):
    assert sniff(Head.of(write("x.txt", *lines))) is Sniff.LIKELY


def test_table_is_no_vcf(write):
    assert sniff(Head.of(write("a.tsv", "CHROM\tPOS\tREF\tALT", "1\t1\tA\tC"))) is Sniff.NO


# --- damaged rows -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param("chr13\t100", "has 2 columns, a VCF row has at least 8.", id="cut"),
        pytest.param(row("chr13", "1e5"), "POS holds '1e5', expected a whole number.", id="position"),
        pytest.param(row("chr13", 100, "C?"), "REF holds 'C?', expected bases.", id="ref"),
        pytest.param(row("chr13", 100, "C", "T!", ".", ".", *AD), "ALT holds 'T!', expected bases.", id="alt"),
        pytest.param(row("chr13", 100, "C", "c", ".", ".", *AD), "ALT 'c' equals REF.", id="alt-is-ref"),
        pytest.param(row("chr13", 100, "C", "T"), "has no FORMAT column.", id="no-format"),
        pytest.param(row("chr13", 100, "C", "T", ".", ".", "GT:AD"), "has no FORMAT column.", id="no-sample"),
        pytest.param(
            row("chr13", 100, "C", "A/T", ".", ".", *AD),
            "ALT 'A/T' joins two alleles that share one count (VarScan).",
            id="varscan",
        ),
    ],
)
def test_damaged_row_is_refused_with_its_line(read, line, reason):
    if reason == "has no FORMAT column." and line.endswith("GT:AD"):
        reason = "has 9 columns, the header names 10."
    good = row("chr13", 200, "C", "T", ".", ".", *AD)
    info, *records = read(*vcf(line, good))
    assert records[0] == Refused(4, reason)
    assert records[1].line == 5
    assert info.rows == 2


def test_header_that_declares_nothing_is_enough(calls):
    """FORMAT keys are read by name, whatever the header declares."""
    [call] = calls(
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1",
        row("chr13", 28018505, "C", "A", "q10", "X;Y=1;Y=2", *AD),
    )
    assert call.levels[0].text == "10/100"


@pytest.mark.parametrize("version", ["4.0", "4.1", "4.2", "4.3", "4.4", "4.5"])
def test_versions(calls, version):
    assert len(calls(*vcf(row("chr13", 28018505, "C", "A", "PASS", ".", *AD), version=version))) == 1


def test_lower_case_bases_are_bases(calls):
    [call] = calls(*vcf(row("chr13", 28018505, "c", "a", "PASS", ".", *AD)))
    assert (call.finding.ref, call.finding.alt) == ("C", "A")


@pytest.mark.parametrize(
    ("info", "callers"),
    [
        pytest.param("FOUND_IN=mutect|/data/case1.vcf,freebayes|/data/case1.vcf", "mutect,freebayes", id="BALSAMIC"),
        pytest.param("set=mutect2-vardict", "mutect2,vardict", id="GATK"),
        pytest.param("CALLERS=vardict,mutect2", "vardict,mutect2", id="bcbio"),
    ],
)
def test_callers_of_a_merged_row(calls, info, callers):
    [call] = calls(*vcf(row("chr13", 28018505, "C", "A", "PASS", info, *AD)))
    assert call.caller == callers


WHOLE = "\n".join(
    vcf(
        row("chr13", 28018505, "C", "A", "PASS", "DP=100;CSQ=A|missense_variant|FLT3", "GT:AD:AF", "0/1:90,10:0.1"),
        row("chr5", 171410539, "C", "CTCTG,T", "germline", "ANN=CTCTG|x|HIGH|NPM1|||||||c.1|p.1", "GT:VD:DP", "0/1:5:50"),
        row("chr13", 28018600, "C", "<NON_REF>", ".", "END=28018700", "GT:DP", "0/0:50"),
        row("chr13", 28018800, "C", "A", "PASS", ".", "DP:AU:CU:GU:TU", "9:3,3:6,6:0,0:0,0"),
        meta=(HG38, "##tumor_sample=S1", '##INFO=<ID=CSQ,Number=.,Type=String,Description="Format: Allele|Consequence|SYMBOL">'),
    )
)  # fmt: skip


def _accounted(text: str, folder) -> None:
    """Either one clear error, or every line of the body is a record, a refusal, or counted in a note."""
    path = folder / "damaged.vcf"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    for genes in ("all", "myeloid"):
        try:
            info, *records = read_vcf(path, ReadOptions(genes=genes))
        except MoltrackError as error:
            assert str(error)
            continue
        assert isinstance(info, FileInfo)
        assert all(isinstance(record, Call | Coverage | Refused) for record in records)
        if genes == "all" and not info.notes:
            body = text.replace("\r\n", "\n").split("\n")
            lines = {record.line for record in records}
            told = {
                number for number in range(1, len(body) + 1) if body[number - 1].strip() and number > _column_line(body)
            }
            assert told <= lines


def _column_line(body: list[str]) -> int:
    return next((number for number, line in enumerate(body, start=1) if line.lstrip("\ufeff").startswith("#CHROM")), 0)


@given(cut=st.integers(0, len(WHOLE)))
def test_cut_file_never_crashes(tmp_path_factory, cut):
    _accounted(WHOLE[:cut], tmp_path_factory.getbasetemp())


@given(order=st.permutations(WHOLE.split("\n")))
def test_shuffled_lines_never_crash(tmp_path_factory, order):
    _accounted("\n".join(order), tmp_path_factory.getbasetemp())


@given(
    place=st.integers(0, len(WHOLE) - 1),
    character=st.characters(exclude_characters="\r\x00", exclude_categories=("Cs",)),
)
def test_flipped_character_never_crashes(tmp_path_factory, place, character):
    _accounted(WHOLE[:place] + character + WHOLE[place + 1 :], tmp_path_factory.getbasetemp())


@given(columns=st.permutations(range(10)))
def test_shuffled_columns_never_crash(tmp_path_factory, columns):
    body = [line.split("\t") for line in WHOLE.split("\n")]
    shuffled = ["\t".join(cells[i] for i in columns) if len(cells) == 10 else "\t".join(cells) for cells in body]
    _accounted("\n".join(shuffled), tmp_path_factory.getbasetemp())
