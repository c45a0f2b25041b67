"""Finding the wanted lines: with and without index, damaged files, line numbers."""

from __future__ import annotations

import gzip
import os
import random
import subprocess
from dataclasses import replace
from pathlib import Path

import pysam
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcf_text import row, vcf

from moltrack import resources
from moltrack.errors import FormatError
from moltrack.formats import ReadOptions, detect
from moltrack.formats import read as read_file
from moltrack.formats.files import LIMITS
from moltrack.formats.variants.scan import Region, Wanted, open_vcf
from moltrack.formats.variants.selection import PADDING
from moltrack.formats.variants.vcf import read_vcf
from moltrack.model import Call, FileInfo

CONTIGS = tuple(
    f"##contig=<ID=chr{chrom},length={resources.chromosome_length('GRCh38', chrom)}>"
    for chrom in resources.chromosomes()
)
#: BCF cannot hold what its header does not declare, and bcftools takes END from declared keys only.
DECLARED = (
    *CONTIGS,
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="">',
    '##INFO=<ID=END,Number=1,Type=Integer,Description="">',
)
FLT3 = resources.gene("FLT3").spans["GRCh38"]
NPM1 = resources.gene("NPM1").spans["GRCh38"]


def _rows(count: int) -> list[str]:
    """Rows in and around FLT3 and NPM1 and elsewhere, long deletions and gVCF blocks among them, in the order of the genome."""
    draw = random.Random(7)
    placed = []
    for _ in range(count):
        chrom, (start, end) = draw.choice((("5", NPM1), ("13", FLT3)))
        pos = draw.choice((draw.randrange(1, 2000), draw.randrange(start - 5000, end + 5000)))
        kind = draw.randrange(10)
        ref = "A" * (draw.randrange(2, 4000) if kind == 0 else 1)
        if kind == 1:
            cells = ("<NON_REF>", ".", f"END={pos + draw.randrange(5000)}", "GT:DP", f"0/0:{draw.randrange(200)}")
        else:
            cells = ("C", "PASS", ".", "GT:AD", f"0/1:{draw.randrange(50)},{draw.randrange(9)}")
        placed.append((int(chrom), pos, row(f"chr{chrom}", pos, ref, *cells)))
    return [text for *_, text in sorted(placed)]


def _packed(path: Path, lines: tuple[str, ...]) -> Path:
    with pysam.BGZFile(str(path), "wb") as packed:
        packed.write(("\n".join(lines) + "\n").encode())
    return path


def _without_place(records: list) -> list:
    return [
        replace(r, line=0, extra=()) if isinstance(r, Call) else replace(r, line=0)
        for r in records
        if not isinstance(r, FileInfo)
    ]


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _packed(tmp_path_factory.mktemp("scan") / "a.vcf.gz", vcf(*_rows(3000), meta=DECLARED))


@pytest.mark.parametrize("kind", ["tbi", "csi"])
def test_index_and_scan_give_the_same_records(packed, tmp_path, kind):
    scanned = list(read_vcf(packed, ReadOptions()))
    indexed_path = tmp_path / "b.vcf.gz"
    indexed_path.write_bytes(packed.read_bytes())
    pysam.tabix_index(str(indexed_path), preset="vcf", csi=kind == "csi")
    indexed = list(read_vcf(indexed_path, ReadOptions()))
    assert scanned[0].rows == 3000
    assert indexed[0].rows is None
    assert 200 < scanned[0].kept < 3000
    assert _without_place(scanned) == _without_place(indexed)


def test_records_are_those_of_bcftools_view(packed, tmp_path):
    indexed = tmp_path / "b.vcf.gz"
    indexed.write_bytes(packed.read_bytes())
    pysam.tabix_index(str(indexed), preset="vcf")
    bed = tmp_path / "genes.bed"
    regions = resources.gene_regions(resources.gene_set("myeloid"), "GRCh38", padding=PADDING)
    bed.write_text("".join(f"chr{chrom}\t{start}\t{end}\n" for chrom, start, end, _ in regions))
    # HTSlib reports a record once for each region that it overlaps.
    view = subprocess.run(
        ["bcftools", "view", "-H", "-R", str(bed), str(indexed)], capture_output=True, text=True, check=True
    )
    expected = sorted(set(view.stdout.splitlines()))
    _, lines = open_vcf(packed, LIMITS)
    wanted = Wanted.of(Region(chrom, start, end) for chrom, start, end, _ in regions)
    assert sorted({text for _, text in lines(wanted).lines}) == expected


def test_bcf_gives_the_records_of_its_vcf(packed, tmp_path):
    text = _packed(tmp_path / "c.vcf.gz", vcf(*_rows(500), meta=DECLARED))
    bcf = tmp_path / "c.bcf"
    subprocess.run(["bcftools", "view", "-Ob", "-o", str(bcf), str(text)], check=True)
    assert detect(bcf).name == "vcf"
    plain = _without_place(list(read_vcf(text, ReadOptions())))
    assert _without_place(list(read_vcf(bcf, ReadOptions()))) == plain
    subprocess.run(["bcftools", "index", str(bcf)], check=True)
    assert _without_place(list(read_vcf(bcf, ReadOptions()))) == plain


def test_an_index_older_than_its_file_is_not_used(packed, tmp_path):
    path = tmp_path / "b.vcf.gz"
    path.write_bytes(packed.read_bytes())
    pysam.tabix_index(str(path), preset="vcf")
    index = path.with_name("b.vcf.gz.tbi")
    os.utime(index, (0, 0))
    info = next(read_vcf(path, ReadOptions()))
    assert info.rows == 3000


def test_a_damaged_index_is_not_used(packed, tmp_path):
    path = tmp_path / "b.vcf.gz"
    path.write_bytes(packed.read_bytes())
    path.with_name("b.vcf.gz.tbi").write_bytes(b"junk")
    assert next(read_vcf(path, ReadOptions())).rows == 3000


def test_lines_are_physical_lines(read):
    """Three header lines, a blank one, a row outside of the genes, then the row of FLT3."""
    outside, inside = (
        row("chr13", 100, "C", "A", ".", ".", "GT:AD", "0/1:5,5"),
        row("chr13", 28018505, "C", "A", ".", ".", "GT:AD", "0/1:5,5"),
    )
    info, call = read(*vcf("", outside, inside), genes="myeloid")
    assert call.line == 6
    assert (info.rows, info.kept) == (3, 1)


def test_through_an_index_the_locus_stands_for_the_line(packed, tmp_path):
    path = tmp_path / "b.vcf.gz"
    path.write_bytes(packed.read_bytes())
    pysam.tabix_index(str(path), preset="vcf")
    call = next(record for record in read_vcf(path, ReadOptions()) if isinstance(record, Call))
    assert call.line == 0
    assert call.extra == (("locus", f"{call.finding.chrom}:{call.finding.pos}"),)


def test_deletion_that_begins_before_a_gene_is_kept(calls):
    start = FLT3[0] - PADDING
    rows = [row("chr13", start - 20, "A" * length, "A", ".", ".", "GT:AD", "0/1:5,5") for length in (20, 21, 22, 5000)]
    assert [len(call.finding.ref) for call in calls(*vcf(*rows), genes="myeloid")] == [22, 5000]


def test_lines_out_of_order_are_found(calls):
    rows = [row("chr13", pos, "C", "A", ".", ".", "GT:AD", "0/1:5,5") for pos in (28018505, 5, 28028203, 99, 28018600)]
    assert [call.finding.pos for call in calls(*vcf(*rows), genes="myeloid")] == [28018505, 28028203, 28018600]


def test_file_of_genes(calls, write):
    genes = write("genes.txt", "# two genes, one by its previous symbol", "NPM1, FLT3")
    rows = [
        row("chr13", 28018505, "C", "A", ".", ".", "GT:AD", "0/1:5,5"),
        row("chr17", 7675088, "C", "T", ".", ".", "GT:AD", "0/1:5,5"),
    ]
    assert [call.finding.gene for call in calls(*vcf(*rows), genes=str(genes))] == ["FLT3"]


def test_unknown_gene_of_a_file_is_named(read, write):
    genes = write("genes.txt", "NPM1", "NOTAGENE")
    with pytest.raises(Exception, match=r"genes.txt:2: 'NOTAGENE' is not a gene that the references place"):
        read(*vcf(), genes=str(genes))


def test_line_without_newline_at_the_end(tmp_path):
    path = tmp_path / "a.vcf"
    path.write_text("\n".join(vcf(row("chr13", 28018505, "C", "A", ".", ".", "GT:AD", "0/1:5,5"))))
    assert [type(r) for r in read_vcf(path, ReadOptions())] == [FileInfo, Call]


def test_crlf_line_ends(write):
    path = write("a.vcf", *vcf(row("chr13", 28018505, "C", "A", ".", ".", "GT:AD", "0/1:5,5")), end="\r\n")
    info, call = read_vcf(path, ReadOptions())
    assert (info.tumor_sample, call.counts.alt) == ("S1", 5)


def test_long_file_is_read_in_blocks(tmp_path):
    """More than one block of 1 MB, so that lines lie across the seams."""
    body = [row("chr13", 28018505 + i, "C", "A", ".", "X=" + "x" * 997, "GT:AD", "0/1:5,5") for i in range(3000)]
    path = tmp_path / "a.vcf.gz"
    path.write_bytes(gzip.compress("\n".join((*vcf(*body), "")).encode(), 1))
    for genes in ("myeloid", "all"):
        records = list(read_vcf(path, ReadOptions(genes=genes)))
        assert records[0].rows == 3000
        assert [r.line for r in records[1:]] == list(range(4, 3004))


# --- what cannot be read ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("genes", ["myeloid", "all"])
@pytest.mark.parametrize("pack", ["gzip", "bgzip"])
def test_truncated_gzip(packed, tmp_path, pack, genes):
    path = tmp_path / "cut.vcf.gz"
    if pack == "gzip":
        data = gzip.compress(gzip.decompress(packed.read_bytes()))
        path.write_bytes(data[: len(data) * 2 // 3])
    else:
        path.write_bytes(packed.read_bytes()[: packed.stat().st_size * 2 // 3])
    with pytest.raises(
        FormatError, match=r"^cut.vcf.gz: is a truncated gzip file. Copy it again; its end is missing.$"
    ):
        list(read_vcf(path, ReadOptions(genes=genes)))


def test_damaged_gzip(packed, tmp_path):
    data = bytearray(packed.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 40] = b"\x00" * 40
    path = tmp_path / "bad.vcf.gz"
    path.write_bytes(bytes(data))
    with pytest.raises(FormatError, match=r"^bad.vcf.gz: is a (damaged|truncated) gzip file"):
        list(read_vcf(path, ReadOptions()))


def test_missing_end_marker_is_noted(packed, tmp_path):
    path = tmp_path / "a.vcf.gz"
    path.write_bytes(packed.read_bytes()[:-28])
    assert next(read_vcf(path, ReadOptions())).notes == ("its bgzip end marker is missing: it may have been cut off",)


def test_binary_junk(tmp_path):
    path = tmp_path / "junk.vcf"
    path.write_bytes(b"##fileformat=VCFv4.2\n" + bytes(range(256)) * 4)
    with pytest.raises(FormatError, match=r"^junk.vcf: is a binary file of no known format.$"):
        list(read_vcf(path, ReadOptions()))


def test_damaged_bcf(tmp_path):
    path = tmp_path / "junk.bcf"
    path.write_bytes(b"BCF\x02\x02" + bytes(range(200)))
    with pytest.raises(FormatError, match=r"^junk.bcf: is a damaged BCF file"):
        list(read_vcf(path, ReadOptions()))


def test_no_column_line(write):
    path = write("a.vcf", "##fileformat=VCFv4.2", row())
    with pytest.raises(FormatError, match=r"^a.vcf:2: has no #CHROM line, so its columns are unknown."):
        read_file(path)


def test_rows_without_any_header(write):
    path = write("a.vcf", row("chr1", 10033, "A", "G", "REJECT", ".", "GT:AD:BQ:DP:FA", "0/1:48,0:.:49:0.00"))
    with pytest.raises(FormatError, match=r"^a.vcf:1: has no #CHROM line, so its columns are unknown."):
        read_file(path)


def test_empty_after_the_meta_lines(write):
    with pytest.raises(FormatError, match="has no #CHROM line"):
        read_file(write("a.vcf", "##fileformat=VCFv4.2"))


def test_column_line_with_spaces(write):
    with pytest.raises(FormatError, match=r"^a.vcf:2: is not the column line of a VCF"):
        read_file(write("a.vcf", "##fileformat=VCFv4.2", "#CHROM POS ID REF ALT QUAL FILTER INFO"))


def test_no_sample_column_and_no_counts(read):
    with pytest.raises(FormatError) as caught:
        read(*vcf(row(info="AF=0.25"), row(info="AF=0.5"), samples=()))
    assert str(caught.value) == (
        "a.vcf:3: has no sample column and no INFO/DP4 with read counts: it does not say what a sample carries."
    )


@pytest.mark.parametrize("samples", [("S1",), ()])
def test_header_only_is_run_and_nothing_found(read, samples):
    [info] = read(*vcf(samples=samples), genes="myeloid")
    assert info.header_only
    assert (info.rows, info.kept) == (0, 0)


def test_header_only_with_an_index(tmp_path):
    path = _packed(tmp_path / "a.vcf.gz", vcf())
    pysam.tabix_index(str(path), preset="vcf")
    [info] = read_vcf(path, ReadOptions())
    assert info.header_only


def test_header_only_needs_no_build(read):
    [info] = read(*vcf(meta=()), genes="myeloid")
    assert info.header_only


# --- properties -------------------------------------------------------------------------------------------------------


@given(
    spans=st.lists(st.tuples(st.integers(0, 300), st.integers(1, 40)), max_size=8),
    start=st.integers(0, 400),
    length=st.integers(1, 60),
)
def test_overlap_is_that_of_single_spans(spans, start, length):
    wanted = Wanted.of(Region("1", low, low + size) for low, size in spans)
    expected = any(low < start + length and low + size > start for low, size in spans)
    assert wanted.overlaps("1", start, start + length) is expected


@given(
    spans=st.lists(st.tuples(st.integers(0, 3_000_000), st.integers(1, 40)), max_size=8),
    pos=st.integers(1, 3_000_000),
)
def test_no_record_in_a_gap_reaches_a_region(spans, pos):
    """Records up to 1 Mb long."""
    wanted = Wanted.of(Region("1", low, low + size) for low, size in spans)
    low, high = wanted.gap_around("1", pos)
    if low < pos < high:
        assert not wanted.overlaps("1", pos - 1, pos - 1 + 1_000_000)
