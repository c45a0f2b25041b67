"""Every VCF that ``bcftools view`` reads is read: headers that lie or are silent, alleles and cells of every kind."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moltrack.errors import MoltrackError
from moltrack.formats import Reading, ReadOptions
from moltrack.formats import read as read_file

pytestmark = pytest.mark.skipif(
    shutil.which("bcftools") is None and os.environ.get("MOLTRACK_REQUIRE_BCFTOOLS") != "1",
    reason="bcftools is not installed",
)

#: Why a sound VCF may still not be read: it does not say whose sample it is, or where on the genome.
MEANING = ("does not say which is the tumour", "does not say what a sample carries", "does not say its genome build")

#: Why a row of it may be listed instead of read: besides the above, its own cells say nothing that could be meant.
ROWS = (
    *MEANING,
    "has neither END nor SVLEN",
    "equals REF",
    "expected counts of reads",
    "expected a whole number",
    "expected two whole numbers",
)

META = (
    "##source=Mutect2",
    "##Mutect Version=2.1-beta",
    '##FILTER=<ID=q10,Description="Quality below 10, or so">',
    '##FILTER=<ID=weak evidence,Description="a name with a space">',
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">',
    '##INFO=<ID=AF,Number=A,Type=Float,Description="said to be in INFO, found in FORMAT">',
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence. Format: Allele|Gene">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">',
    '##FORMAT=<ID=AF,Number=1,Type=Float,Description="not one per allele">',
    '##FORMAT=<ID=LAD,Number=LR,Type=Integer,Description="local depths of VCF 4.5">',
    '##ALT=<ID=DEL:ME:ALU,Description="Deleted Alu">',
    "##META=<ID=Tissue,Type=String,Number=.,Values=[Blood, Marrow]>",
    '##SAMPLE=<ID=S1,Description="a marrow, aspirated">',
    "##PEDIGREE=<ID=S1,Mother=M,Father=F>",
    "##contig=<ID=chr13>",
    '##contig=<ID=1,length=249250621,species="Homo sapiens">',
    "##contig=<ID=HLA-A*01:01,length=3503>",
    "##assembly=file:///x.fa",
)
CONTIGS = ("1", "chr13", "chrX", "MT", "GL000192.1", "HLA-A*01:01:01:01")
ALTS = (
    "A", "ac", "GTTTTTTTTTTTTTTTTTTT", "N", "A,G", "T,*", "*", ".", "<NON_REF>", "<*>", "A,<NON_REF>", "A,<*>", "<DEL>", "<DUP:TANDEM>",
    "<INS:ME:ALU>", "<CNV>", "<CN0>,<CN2>", "G]chr2:321681]", "[chr2:321682[C", ".A", "C.", "A,<DEL>",
)  # fmt: skip
INFOS = (
    ".", "DP=100", "DP=100;AF=0.1", "AF=0.1,0.2,0.3", "SOMATIC", "END=200", "SVTYPE=DEL;END=200;SVLEN=-100", "DP=;AF=", "DP=1;DP=2",
    "UNDECLARED=x|y&z", "CSQ=A|TP53,C", "X=" + "long" * 20_000, "DP4=10,10,5,5;DP=30", "AC=1;AN=2;MQ=60.0", "NAME=a%3Db", "DP=100;", ";;", "=x", "END=5", "END=x;SVTYPE=DEL", "SVTYPE=BND;MATEID=b1",
)  # fmt: skip
CELLS = {
    "GT": ("0/1", "./.", ".", "1", "0|1", "0/1/1", "1/2", "0/0", "./1", "2|0", ".|."),
    "AD": ("90,10", "90.0,10.0", "-1", "x", "90,10,5", "10", ".", ".,.", "0,0", "90,10,5,1", "90,."),
    "DP": ("100", ".", "0", "-1", "99999999999"),
    "AF": ("0.1", "nan", "inf", "-0.1", "1.5", "10%", "0.1,0.2", ".", "1e-3", "1", "0"),
    "GQ": ("99", "."),
    "ODD": ("text", "a,b", "."),
}  # fmt: skip


@st.composite
def row(draw: st.DrawFn, samples: int) -> str:
    keys = draw(st.permutations(sorted(CELLS)).map(lambda names: names[: draw(st.integers(1, len(names)))]))
    keys = (["GT"] if "GT" in keys else []) + [key for key in keys if key != "GT"]  # GT has to be first
    cells = [
        draw(st.sampled_from(CONTIGS)),
        str(draw(st.integers(0, 30_000_000) | st.sampled_from((0, 1)))),
        draw(st.sampled_from((".", "rs1", "rs1;COSM2"))),
        draw(st.sampled_from(("C", "c", "CAT", "N", "CR"))),
        draw(st.sampled_from(ALTS)),
        draw(st.sampled_from((".", "50", "1.5e-3", "0"))),
        draw(st.sampled_from((".", "PASS", "q10", "q10;undeclared"))),
        draw(st.sampled_from(INFOS)),
    ]
    if samples >= 0:
        cells.append(":".join(keys))
    for _ in range(samples):
        values = [draw(st.sampled_from(CELLS[key])) for key in keys]
        cells.append(":".join(values[: draw(st.integers(1, len(values)))]))  # trailing fields may be dropped
    return "\t".join(cells)


@st.composite
def vcf(draw: st.DrawFn) -> str:
    """The text of a VCF; ``samples`` -1 = eight columns, 0 = a FORMAT column without sample."""
    samples = draw(st.sampled_from((-1, 0, 1, 1, 1, 2)))
    names = draw(st.sampled_from((("S1", "S2"), ("NORMAL", "TUMOR"), ("a sample", "b"))))[: max(samples, 0)]
    lines = [
        f"##fileformat=VCFv{draw(st.sampled_from(('4.0', '4.1', '4.2', '4.3', '4.4', '4.5')))}",
        *draw(st.lists(st.sampled_from(META), unique=True, max_size=8)),
        "\t".join(
            (
                "#CHROM",
                "POS",
                "ID",
                "REF",
                "ALT",
                "QUAL",
                "FILTER",
                "INFO",
                *(("FORMAT",) if samples >= 0 else ()),
                *names,
            )
        ),
        *draw(st.lists(row(samples), max_size=4)),
    ]
    end = draw(st.sampled_from(("\n", "\n", "\r\n")))
    return end.join(lines) + draw(st.sampled_from((end, "")))


def is_read_by_bcftools(path: Path) -> bool:
    return subprocess.run(["bcftools", "view", str(path)], capture_output=True, check=False).returncode == 0


def read_or_asked(path: Path, **options: str) -> Reading | str:
    """The reading, or the question that the file leaves open; any other error is one of ours."""
    try:
        return read_file(path, ReadOptions(**options))
    except MoltrackError as error:
        assert any(reason in str(error) for reason in MEANING), str(error)
        return str(error)


@settings(max_examples=120, deadline=None)
@given(text=vcf())
def test_what_bcftools_reads_is_read(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("odd") / "odd.vcf"
    path.write_bytes(text.encode())
    if not is_read_by_bcftools(path):
        return
    rows = sum(bool(line) and not line.startswith("#") for line in text.split("\n"))
    for options in ({"genes": "all"}, {"genes": "all", "build": "GRCh37", "tumor_sample": "1"}, {"build": "GRCh37"}):
        if options.get("tumor_sample") and "FORMAT\t" not in text:
            continue
        reading = read_or_asked(path, **options)
        if isinstance(reading, Reading):
            assert reading.info.rows in {rows, None}
            lines = text.splitlines()
            for refused in reading.refused:
                assert any(reason in refused.reason for reason in ROWS), (refused.reason, lines[refused.line - 1])


def test_a_header_that_says_nothing_at_all(write):
    """No contig, no declaration, INFO and FORMAT keys of nobody's; the level follows from the row's own keys."""
    path = write(
        "a.vcf",
        "##fileformat=VCFv4.5",
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1",
        "13\t100\t.\tC\tA\t.\todd\tX=1\tAD:ODD\t9,1:a",
    )
    assert is_read_by_bcftools(path)
    [call] = read_file(path, ReadOptions(genes="all")).records
    assert (call.levels[0].text, call.filters) == ("1/10", ("odd",))
