"""Which modules are asked about a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from moltrack.formats.files import Head
from moltrack.formats.registry import VCF_READERS, Sniff, _formats, all_formats, detect

COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
ROWS = {
    "substitution": "1\t100\t.\tA\tC\t.\tPASS\tDP=10\tAD\t5,5\n",
    "breakend": "8\t92017363\tb1\tG\tG[21:34859474[\t.\tPASS\tSVTYPE=BND\tPR:SR\t10,5:4,3\n",
    "large duplication": "13\t28034000\t.\tA\t<DUP>\t.\tPASS\tSVTYPE=DUP;END=28034060\tAD\t50,20\n",
    "fusion": "21\t34859474\t.\tN\t<FUS>\t.\tPASS\tGENEA=RUNX1;GENEB=RUNX1T1\tGT\t0/1\n",
    "no row": "",
}
SOURCES = (
    "",
    "##source=Mutect2\n",
    "##source=Manta\n",
    "##source=Pindel\n",
    "##source=STAR-Fusion\n",
    "##source=getITD\n",
)


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
@pytest.mark.parametrize("source", SOURCES)
def test_a_vcf_is_claimed_by_the_modules_that_know_them_only(tmp_path: Path, row: str, source: str) -> None:
    path = tmp_path / "x.vcf"
    path.write_text(f"##fileformat=VCFv4.2\n{source}{COLUMNS}{row}")
    head = Head.of(path)
    others = all_formats().keys() - _formats(VCF_READERS).keys()
    assert head.is_vcf
    assert {name for name in others if all_formats()[name].sniff(head) is not Sniff.NO} == set()


def test_a_byte_order_mark_hides_no_vcf(tmp_path: Path) -> None:
    path = tmp_path / "x.vcf"
    path.write_bytes(b"\xef\xbb\xbf##fileformat=VCFv4.2\n" + COLUMNS.encode() + ROWS["substitution"].encode())
    assert Head.of(path).is_vcf
    assert detect(path).name == "vcf"
