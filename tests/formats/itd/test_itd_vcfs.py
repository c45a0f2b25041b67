"""VCFs of ITD callers: FLT3_ITD_ext, ScanITD, ITDseek, Pindel, and the headerless summary of FLT3_ITD_ext."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from moltrack.errors import FormatError
from moltrack.formats import ReadOptions, read
from moltrack.formats.registry import detect
from moltrack.model import Call, Coverage, Itd, Printed

Write = Callable[..., Path]
FIRST = "##fileformat=VCFv4.2"
SITES = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
EXT = (
    FIRST,
    *(
        f'##INFO=<ID={key},Number=1,Type=Float,Description="">'
        for key in ("AR", "AF", "AAR", "RAR", "RAF", "RDP", "RVD")
    ),
)
EXT_INFO = "GENE=FLT3;CDS={cds};AR={ar};AF={af};DP={dp};VD={vd};AAR=0;RAR=0.5;RAF=0.3333;RDP=300;RVD=100;SAMPLE=S1"


def call_of(path: Path) -> Call:
    [call] = [record for record in read(path).records if isinstance(record, Call)]
    return call


def ext(write: Write, cds: str = "c.1793_1795dup", ar: str = "0", af: str = "0", dp: str = "0", vd: str = "0") -> Call:
    row = f"13\t28608260\t{cds}\tT\tTATT\t.\t.\t{EXT_INFO.format(cds=cds, ar=ar, af=af, dp=dp, vd=vd)}\tAR\t{ar}"
    return call_of(write("e.vcf", *EXT, SITES + "\tFORMAT\tS1", row))


def test_flt3_itd_ext_without_umis_counts_reads(write: Write) -> None:
    call = ext(write)
    assert call.finding == Itd(
        "FLT3",
        length=3,
        build="GRCh37",
        chrom="13",
        pos=28608260,
        site_rule="insertion",
        sequence="ATT",
        in_frame=True,
        hgvs_c="c.1793_1795dup",
    )
    assert [(level.quantity, level.text) for level in call.levels] == [("allelic_ratio", "0.5"), ("vaf", "0.3333")]
    assert (call.counts.alt, call.counts.depth, call.formula) == (100, 300, "reads (no UMI)")


def test_flt3_itd_ext_with_umis_counts_molecules(write: Write) -> None:
    call = ext(write, ar="0.25", af="0.2", dp="6.5", vd="1.3")
    assert [level.text for level in call.levels] == ["0.25", "0.2"]
    assert (call.counts.alt, call.counts.depth, call.formula) == (1.3, 6.5, "unique molecules")


def test_flt3_itd_ext_infinite_ratio(write: Write) -> None:
    assert [level.quantity for level in ext(write, ar="Inf", af="1", dp="5", vd="5").levels] == ["vaf"]


def test_flt3_itd_ext_own_notation_is_no_hgvs(write: Write) -> None:
    call = ext(write, cds="c.1801_1802ins1772-1794/1720-1801(c.1742:T>C)")
    assert isinstance(call.finding, Itd)
    assert call.finding.hgvs_c == ""


def test_flt3_itd_ext_header_alone_is_a_run_that_found_nothing(write: Write) -> None:
    reading = read(write("S1_ITD_none.vcf", *EXT, SITES + "\tFORMAT\tS1"))
    assert reading.info.header_only
    [record] = reading.records
    assert isinstance(record, Coverage)
    assert (record.name, record.sample) == ("FLT3_ITD", "S1")


def test_flt3_itd_ext_summary_has_another_order_of_columns(write: Write) -> None:
    cells = (
        "S1",
        "3",
        "c.1793_1795dup",
        "p.598_599insF",
        "0,0,0,0,0,42",
        "0",
        "0",
        "0",
        "0",
        "0",
        "0",
        "0.5",
        "0.3333",
        "100",
        "300",
    )
    call = call_of(write("S1_summary.txt", "\t".join(cells)))
    # c.1795 is the last duplicated base; FLT3 lies on the minus strand, and c.1795 at 13:28608261
    assert call.finding == Itd(
        "FLT3",
        length=3,
        build="GRCh37",
        chrom="13",
        pos=28608260,
        site_rule="insertion",
        in_frame=True,
        hgvs_c="c.1793_1795dup",
    )
    assert (call.counts.alt, call.counts.depth) == (100, 300)


SCAN = (FIRST, "##source=ScanITD 0.3", SITES + "\tFORMAT\tT")


def test_scanitd_level_is_from_counts_beside_its_own(write: Write) -> None:
    call = call_of(
        write(
            "s.vcf", *SCAN, "chr13\t28034081\t.\t.\t<TDUP>\t.\t.\tAO=50;DP=400;AB=0.13;SVLEN=102;SVTYPE=TDUP\tGT\t1/1"
        )
    )
    assert call.finding == Itd(
        "FLT3", length=102, build="GRCh38", chrom="13", pos=28034081, site_rule="first_duplicated", in_frame=True
    )
    assert call.levels == (Printed("vaf", Decimal("0.125"), "fraction", "50/400"),)
    assert call.caller_level == Printed("vaf", Decimal("0.13"), "fraction", "0.13")


def test_scanitd_insertion_lies_where_it_says(write: Write) -> None:
    row = "chr13\t28034098\t2\tG\t<INS>\t.\t.\tSVTYPE=INS;OAO=6;AO=6;DP=120;AF=0.05;SVLEN=33;SEQ=CCC;INSSEQ=.;HOMSEQ=.\tGT\t0/1"
    call = call_of(write("s.vcf", *SCAN, row))
    assert (call.finding.pos, call.finding.site_rule) == (28034098, "insertion")
    assert call.notes == ("inserted sequence that is no duplication",)


def test_scanitd_elsewhere_is_counted_and_not_kept(write: Write) -> None:
    reading = read(write("s.vcf", *SCAN, "chr1\t1000\t.\t.\t<TDUP>\t.\t.\tAO=50;DP=400;AB=0.13;SVLEN=102\tGT\t1/1"))
    assert reading.records == ()
    assert (reading.info.rows, reading.info.kept) == (1, 0)
    assert reading.info.notes[0].startswith("1 duplications outside FLT3 exons 14-15")


def test_itdseek_has_no_sample_column(write: Write) -> None:
    path = write(
        "i.vcf",
        FIRST,
        "##source=ITDseekV1.2",
        "##reference=file://ucsc.hg19.fasta",
        SITES,
        "chr13\t28608310\t.\tG\tGATTC\t20\t.\tDP2=3,7;LEN=4;SEQ=ATTC;CLIPPING;VAF=0.25",
    )
    call = call_of(path)
    assert call.finding == Itd(
        "FLT3",
        length=4,
        build="GRCh37",
        chrom="13",
        pos=28608310,
        site_rule="insertion",
        sequence="ATTC",
        in_frame=False,
    )
    assert (call.counts.alt, call.levels[0].text, call.notes) == (10, "0.25", ("soft-clipped reads",))


PINDEL = (FIRST, "##source=pindel", "##reference=GRCh38", SITES + "\tFORMAT\tT")


@pytest.mark.parametrize(("depths", "filters"), [("88,12", ()), ("99,1", ("single_read",))])
def test_pindel_duplication_is_spelled_twice(write: Write, depths: str, filters: tuple[str, ...]) -> None:
    row = f"chr13\t28034100\t.\tAACG\tAACGACG\t.\tPASS\tSVLEN=3;SVTYPE=DUP:TANDEM;NTLEN=0\tGT:AD\t0/0:{depths}"
    call = call_of(write("p_TD.vcf", *PINDEL, row))
    assert call.finding == Itd(
        "FLT3", length=3, build="GRCh38", chrom="13", pos=28034100, site_rule="insertion", sequence="ACG", in_frame=True
    )
    assert (call.counts.depth, call.filters) == (100, filters)


TWO = (*PINDEL[:3], SITES + "\tFORMAT\tN\tT")
TWO_ROW = "chr13\t28034100\t.\tAACG\tAACGACG\t.\tPASS\tSVLEN=3;SVTYPE=DUP:TANDEM;NTLEN=0\tGT:AD\t0/0:100,0\t0/1:88,12"


def test_pindel_of_two_samples_asks_for_the_tumour(write: Write) -> None:
    path = write("p_TD.vcf", *TWO, TWO_ROW)
    with pytest.raises(FormatError, match=r"has 2 sample columns \(N, T\) .* Name it with --tumor-sample\."):
        read(path)
    with pytest.raises(FormatError, match=r"has no sample 'X' \(its samples: N, T\)"):
        read(path, ReadOptions(tumor_sample="X"))
    [call] = [record for record in read(path, ReadOptions(tumor_sample="T")).records if isinstance(record, Call)]
    assert (call.sample, call.counts.alt, call.counts.depth) == ("T", 12, 100)


def test_pindel_of_other_types_is_a_vcf_of_small_variants(write: Write) -> None:
    row = "chr13\t28034100\t.\tA\tAACG\t.\tPASS\tSVLEN=3;SVTYPE=INS\tGT:AD\t0/0:88,12"
    assert detect(write("p.vcf", *PINDEL, row)).name == "vcf"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("chr13\tx\t.\tA\tT\t.\t.\tAO=1", "POS holds 'x'"),
        ("chr13\t1", "has 2 columns"),
        ("chr13\t28034081\t.\t.\t<TDUP>\t.\t.\tAO=a;DP=4;SVLEN=3", "AO holds 'a'"),
        ("chr13\t28034081\t.\t.\t<TDUP>\t.\t.\tAO=5;DP=inf;SVLEN=3", "DP holds 'inf'"),
    ],
)
def test_wrong_record_names_its_line(write: Write, row: str, message: str) -> None:
    with pytest.raises(FormatError, match=rf"^s\.vcf:4: {message}"):
        read(write("s.vcf", *SCAN, row))
