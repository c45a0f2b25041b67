"""Trimmed and left-aligned alleles: equal to bcftools, and to the definition by haplotypes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moltrack.errors import InputError
from moltrack.normalize.alleles import (
    Edit,
    edit_of,
    left_align,
    mnv_parts,
    open_fasta,
    reverse_complement,
    settle,
    shift_right,
    split_mnv,
    trim,
)

BASES = st.text("ACGT", min_size=1, max_size=6)
#: Few letters give repeats, where alignment matters.
GENOMES = st.one_of(st.text("AC", min_size=20, max_size=60), st.text("ACGT", min_size=20, max_size=60))


def fetch_from(genome: str):
    return lambda chrom, start, end, /: genome[max(start, 0) : end]


@st.composite
def records(draw, genome: str):
    """A record over the genome: REF read from it, ALT made of pieces of it, with padding on either side."""
    start = draw(st.integers(0, len(genome) - 1))
    ref = genome[start : start + draw(st.integers(1, 6))]
    piece = draw(st.integers(0, len(genome) - 1))
    middle = draw(st.sampled_from(["", ref, genome[piece : piece + 4], draw(st.text("ACGT", max_size=3))]))
    alt = draw(st.sampled_from([ref[:1] + middle, ref + middle, middle + ref[-1:], ref[:1]]))
    return start + 1, ref, alt or ref[:1]


@st.composite
def genome_and_record(draw):
    genome = draw(GENOMES)
    return genome, draw(records(genome))


@pytest.mark.parametrize(
    ("record", "trimmed"),
    [
        pytest.param((10, "A", "T"), (10, "A", "T"), id="substitution"),
        pytest.param((10, "CTCTG", "CTCTGTCTG"), (10, "C", "CTCTG"), id="insertion-from-the-right"),
        pytest.param((10, "ACGT", "ACGA"), (13, "T", "A"), id="shared-prefix"),
        pytest.param((10, "CAAA", "CAA"), (10, "CA", "C"), id="deletion-leftmost"),
        pytest.param((10, "acg", "acgt"), (12, "G", "GT"), id="lower-case"),
        pytest.param((10, "A", "A"), (10, "A", "A"), id="no-change"),
    ],
)
def test_trim(record, trimmed):
    assert trim(*record) == trimmed


@given(genome_and_record())
def test_trimming_twice_is_trimming_once(case):
    _, record = case
    assert trim(*trim(*record)) == trim(*record)


def haplotype(genome: str, pos: int, ref: str, alt: str) -> str:
    return genome[: pos - 1] + alt + genome[pos - 1 + len(ref) :]


@given(genome_and_record())
def test_left_alignment_keeps_the_haplotype(case):
    genome, record = case
    aligned = left_align("1", *record, fetch_from(genome))
    assert haplotype(genome, *aligned) == haplotype(genome, *record)


@given(genome_and_record())
def test_left_aligned_is_the_leftmost_shortest_record_of_its_haplotype(case):
    """By definition (Tan 2015): among all records that make the haplotype, the shortest, and of these the leftmost."""
    genome, record = case
    made = haplotype(genome, *record)
    if made == genome:
        return
    longer = len(made) - len(genome)
    candidates = []
    for start in range(len(genome)):
        for length in range(1, len(genome) - start + 1):
            new = length + longer
            if new < 1:
                continue
            alt = made[start : start + new]
            if genome[:start] + alt + genome[start + length :] == made:
                candidates.append((length + new, start + 1, genome[start : start + length], alt))
                break
    shortest = min(size for size, *_ in candidates)
    expected = min(candidate[1:] for candidate in candidates if candidate[0] == shortest)
    assert left_align("1", *record, fetch_from(genome)) == expected


@pytest.mark.skipif(shutil.which("bcftools") is None, reason="bcftools is not installed")
@settings(max_examples=15)
@given(data=st.data())
def test_left_alignment_equals_bcftools_norm(data, tmp_path_factory):
    import pysam

    genome = data.draw(st.one_of(st.text("AC", min_size=60, max_size=120), st.text("ACGT", min_size=60, max_size=120)))
    rows = data.draw(st.lists(records(genome), min_size=20, max_size=40))
    rows = sorted((row for row in rows if row[1] != row[2]), key=lambda row: row[0])
    folder: Path = tmp_path_factory.mktemp("norm")
    fasta, vcf = folder / "ref.fa", folder / "in.vcf"
    fasta.write_text(f">1\n{genome}\n")
    pysam.faidx(str(fasta))
    header = (
        f"##fileformat=VCFv4.2\n##contig=<ID=1,length={len(genome)}>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    )
    body = "".join(f"1\t{pos}\tr{i}\t{ref}\t{alt}\t.\t.\t.\n" for i, (pos, ref, alt) in enumerate(rows))
    vcf.write_text(header + body)
    done = subprocess.run(["bcftools", "norm", "-f", str(fasta), str(vcf)], capture_output=True, text=True, check=True)
    expected = {
        cells[2]: (int(cells[1]), cells[3], cells[4])
        for line in done.stdout.splitlines()
        if not line.startswith("#")
        for cells in [line.split("\t")]
    }
    fetch = open_fasta(fasta)
    for i, row in enumerate(rows):
        assert left_align("1", *row, fetch) == expected[f"r{i}"], (genome, row)


def test_a_reference_that_does_not_match_is_an_error_that_says_so():
    with pytest.raises(InputError, match=r"REF 'G' at 1:2 is not what the sequence holds there \('C'\)\. Is the FASTA"):
        left_align("1", 2, "G", "T", fetch_from("ACGT"))


@pytest.mark.parametrize("alt", ["<DEL>", "*", "A[2:321681[", "."])
def test_symbolic_alleles_come_back_unchanged(alt):
    assert left_align("1", 2, "C", alt, fetch_from("ACGT")) == (2, "C", alt)
    assert edit_of("1", 2, "C", alt) is None


def test_a_fasta_without_index_is_an_error_that_says_what_to_run(tmp_path):
    with pytest.raises(
        InputError, match=r"'none\.fa' cannot be read as an indexed FASTA\. Run: samtools faidx none\.fa"
    ):
        open_fasta(tmp_path / "none.fa")


def test_fasta_names_may_carry_chr(tmp_path):
    import pysam

    path = tmp_path / "chr.fa"
    path.write_text(">chr1\nACGT\n")
    pysam.faidx(str(path))
    assert open_fasta(path)("1", 1, 3) == "CG"
    with pytest.raises(InputError, match="has no chromosome 2"):
        open_fasta(path)("2", 1, 3)


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ((10, "C", "T"), "1:10C>T"),
        ((10, "C", "CAG"), "1:10_11insAG"),
        ((10, "CAG", "C"), "1:11_12del"),
        ((10, "CA", "C"), "1:11del"),
        ((10, "CAG", "CT"), "1:11_12delinsT"),
        ((10, "CA", "GT"), "1:10_11delinsGT"),
    ],
)
def test_edits_are_named_in_the_manner_of_hgvs(record, name):
    assert edit_of("1", *record).name == name


@given(genome_and_record())
def test_spellings_of_one_allele_are_one_edit_with_the_sequence(case):
    """Padding on either side changes nothing."""
    genome, (pos, ref, alt) = case
    if ref == alt:
        return
    wide = (1, genome[: pos - 1] + ref, genome[: pos - 1] + alt)
    fetch = fetch_from(genome)
    one, _ = settle("", edit_of("1", pos, ref, alt), fetch)
    two, _ = settle("", edit_of("1", *wide), fetch)
    assert one == two


def test_without_a_sequence_the_note_says_so():
    _, note = settle("GRCh38", edit_of("1", 100, "C", "CA"))
    assert note == "left-aligned only as far as the record shows: no FASTA"


def test_a_substitution_needs_no_sequence():
    assert settle("GRCh38", edit_of("1", 100, "C", "A"))[1] == ""


def test_known_bases_of_the_references_align_npm1():
    """c.863_864insTCTG and c.860_863dup (type A) are the same: GATCTCTGGCAG, GRCh38 5:171410540-547 is TCTG TCTG less one."""
    right, _ = settle("GRCh38", edit_of("5", 171410543, "G", "GTCTG"))
    left, note = settle("GRCh38", edit_of("5", 171410539, "C", "CTCTG"))
    assert right == left
    assert note == ""


def test_shift_right_is_the_mirror():
    genome = "GGCACACATT"
    edit = Edit("1", 2, 4, "", "CA")
    assert shift_right(edit, lambda i: genome[i] if i < len(genome) else "") == Edit("1", 6, 8, "", "CA")


def test_an_mnv_consists_of_its_substitutions():
    mnv = edit_of("1", 114716126, "CC", "AT")
    one, two = edit_of("1", 114716126, "C", "A"), edit_of("1", 114716127, "C", "T")
    assert split_mnv(mnv) == (one, two)
    assert mnv_parts([mnv, one, two]) == {mnv: (one, two)}


def test_an_mnv_does_not_meet_half_of_itself():
    mnv, one = edit_of("1", 114716126, "CC", "AT"), edit_of("1", 114716126, "C", "A")
    assert mnv_parts([mnv, one]) == {}


def test_unchanged_bases_inside_an_mnv_are_no_part():
    assert [part.start for part in split_mnv(edit_of("1", 10, "ACT", "GCA"))] == [9, 11]


@given(BASES)
def test_reverse_complement_undoes_itself(sequence):
    assert reverse_complement(reverse_complement(sequence)) == sequence


@pytest.mark.parametrize(
    ("without", "with_base"),
    [
        # MAF and ANNOVAR write no base before: the insertion stands before its position, the deletion begins at it
        pytest.param((171410540, "", "TCTG"), (171410539, "C", "CTCTG"), id="insertion"),
        pytest.param((100, "AG", ""), (99, "CAG", "C"), id="deletion"),
    ],
)
def test_alleles_without_the_base_before_are_the_same_edit(
    without: tuple[int, str, str], with_base: tuple[int, str, str]
) -> None:
    one, other = edit_of("5", *without), edit_of("5", *with_base)
    assert one is not None
    assert other is not None
    assert one.name == other.name
