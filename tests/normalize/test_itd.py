"""ITD clones and their spellings. Domains: Kayser, Blood 2009;114:2386."""

from __future__ import annotations

import random

import pytest

from moltrack import resources
from moltrack.model import Breakpoint, Itd, SmallVariant, StructuralVariant
from moltrack.normalize.itd import cluster, domain_of, itd_from_small_variant, itd_from_structural

GETITD = Itd("FLT3", 21, "GRCh37", "13", 28608260, "insertion")


def flt3(length: int, pos: int, build: str = "GRCh37", rule: str = "insertion") -> Itd:
    return Itd("FLT3", length, build, "13", pos, rule)


def test_first_and_last_duplicated_base_are_one_clone():
    """getITD prints start 28608281 and insertion site 28608260 for the 21 bp clone of its test sample."""
    [clone] = cluster([GETITD, flt3(21, 28608281, rule="first_duplicated")])
    assert clone.members == (0, 1)
    assert (clone.name, clone.reason) == ("21 bp", "same length, sites within 21 bases")


def test_both_builds_are_one_clone():
    [clone] = cluster([GETITD, flt3(21, 28034123, "GRCh38")])
    assert clone.members == (0, 1)
    assert (clone.finding.build, clone.finding.pos) == ("GRCh38", 28034123)


@pytest.mark.parametrize(
    ("other", "why"),
    [(flt3(24, 28608260), "length"), (flt3(21, 28608220), "site"), (flt3(21, 28608260 + 22), "beyond the length")],
)
def test_another_length_or_site_is_another_clone(other, why):
    assert len(cluster([GETITD, other])) == 2, why


def test_two_clones_of_one_length_are_told_apart_by_site():
    names = [clone.name for clone in cluster([GETITD, flt3(21, 28608200)])]
    assert names == ["21 bp at 13:28034063 (GRCh38)", "21 bp at 13:28034123 (GRCh38)"]


def test_a_fragment_length_without_site_belongs_to_the_only_clone_of_its_length():
    [clone] = cluster([GETITD, Itd("FLT3", 21)])
    assert clone.reason == "the only clone of that length"


def test_a_fragment_length_that_fits_two_clones_stays_apart():
    names = {clone.name for clone in cluster([GETITD, flt3(21, 28608200), Itd("FLT3", 21)])}
    assert "21 bp, site not given" in names


def test_sums_over_clones_are_no_clone():
    assert cluster([Itd("FLT3", aggregate=True), Itd("FLT3", 21, aggregate=True)]) == []


def test_the_chain_of_sites_is_bounded_by_the_length():
    sites = [28608200, 28608215, 28608230, 28608245]
    assert [len(clone.members) for clone in cluster([flt3(21, site) for site in sites])] == [2, 2]


def test_a_length_that_shifts_the_frame_is_flagged():
    [clone] = cluster([flt3(22, 28608260)])
    assert clone.flags == ("out_of_frame",)
    assert clone.finding.in_frame is False


def test_clones_do_not_depend_on_the_order():
    findings = [GETITD, flt3(21, 28608281), flt3(30, 28608220), Itd("FLT3", 21), flt3(21, 28034063, "GRCh38")]
    expected = [(c.name, {findings[i] for i in c.members}, c.finding) for c in cluster(findings)]
    for seed in range(10):
        mixed = random.Random(seed).sample(findings, len(findings))
        assert [(c.name, {mixed[i] for i in c.members}, c.finding) for c in cluster(mixed)] == expected


@pytest.mark.parametrize(("residue", "domain"), [(572, "JMD"), (598, "JMD"), (609, "JMD"), (610, "TKD1"), (571, "")])
def test_domains_by_residue(residue, domain):
    pos = resources.transcript("FLT3").position("GRCh38", f"c.{3 * residue - 1}")
    assert domain_of(flt3(21, pos, "GRCh38")) == domain


# --- other spellings --------------------------------------------------------------------------------------------------


def test_an_explicit_insertion_in_exon_14_is_an_itd():
    """FLT3_ITD_ext writes the 21 bp clone as 13:28608260 T>TATTCATATTCTCTGAAATCAA."""
    found = itd_from_small_variant(
        SmallVariant(build="GRCh37", chrom="13", pos=28608260, ref="T", alt="TATTCATATTCTCTGAAATCAA")
    )
    assert (found.gene, found.length, found.in_frame, found.domain) == ("FLT3", 21, True, "JMD")
    [clone] = cluster([found, GETITD])
    assert clone.members == (0, 1)


def test_a_replacement_adds_its_net_length():
    found = itd_from_small_variant(
        SmallVariant(build="GRCh37", chrom="13", pos=28608260, ref="TA", alt="GC" + "ACGTAC" * 4)
    )
    assert found.length == 24


def test_a_segment_spelled_twice_has_the_length_of_the_segment():
    """pindel2vcf writes REF = segment, ALT = segment twice."""
    amplicon = resources.flt3_amplicon()
    chrom, start, _ = amplicon.spans["GRCh38"]
    from moltrack.normalize.alleles import reverse_complement

    segment = reverse_complement(amplicon.sequence)[230:260]
    found = itd_from_small_variant(
        SmallVariant(build="GRCh38", chrom=chrom, pos=start + 231, ref=segment, alt=segment * 2)
    )
    assert found.length == 30


def test_a_typed_duplication_is_an_itd():
    found = itd_from_small_variant(SmallVariant(gene="FLT3", hgvs_c="NM_004119.3:c.1775_1795dup"))
    assert (found.length, found.site_rule) == (21, "first_duplicated")
    [clone] = cluster([found, GETITD])
    assert clone.members == (0, 1)


@pytest.mark.parametrize(
    ("name", "length"),
    [("p.F594_D600dup", 21), ("p.Asp600_Leu601insGlyHisTyr", 9), ("p.Y599_D600ins14", 42), ("p.D835_I836insGL", None)],
)
def test_a_typed_protein_insertion_is_an_itd_in_exons_14_and_15(name, length):
    found = itd_from_small_variant(SmallVariant(gene="FLT3", hgvs_p=name))
    assert (found.length if found else None) == length


def test_a_shifted_frame_is_kept_and_said():
    found = itd_from_small_variant(SmallVariant(build="GRCh37", chrom="13", pos=28608260, ref="T", alt="TACGT"))
    assert found.in_frame is False


@pytest.mark.parametrize(
    "finding",
    [
        pytest.param(SmallVariant(build="GRCh37", chrom="13", pos=28592642, ref="C", alt="CACGTAC"), id="exon-20"),
        pytest.param(SmallVariant(build="GRCh37", chrom="13", pos=28608260, ref="T", alt="A"), id="substitution"),
        pytest.param(SmallVariant(build="GRCh37", chrom="13", pos=28608260, ref="TAC", alt="T"), id="deletion"),
        pytest.param(SmallVariant(build="GRCh37", chrom="13", pos=28608260, ref="T", alt="TA"), id="one-base"),
        pytest.param(SmallVariant(build="GRCh37", chrom="13", pos=28608260, ref="T", alt="<DUP>"), id="symbolic"),
        pytest.param(SmallVariant(gene="FLT3", hgvs_p="p.D835Y"), id="point-mutation"),
        pytest.param(SmallVariant(gene="NPM1", hgvs_c="c.860_863dup"), id="other-gene"),
        pytest.param(SmallVariant(), id="nothing"),
    ],
)
def test_what_is_no_duplication_of_these_regions(finding):
    assert itd_from_small_variant(finding) is None


@pytest.mark.parametrize(("gene", "exon", "length"), [("UBTF", 13, 45), ("BCOR", 15, 96)])
def test_duplications_of_other_genes(gene, exon, length):
    """UBTF-TD: exon 13, Umeda, Blood Cancer Discov 2022;3:194. BCOR-ITD: last exon."""
    transcript = resources.transcript(gene)
    pos = transcript.exons[exon - 1].spans["GRCh38"][0] + 20
    found = itd_from_small_variant(
        SmallVariant(build="GRCh38", chrom=transcript.chrom, pos=pos, ref="A", alt="A" + "CGT" * (length // 3))
    )
    assert (found.gene, found.length) == (gene, length)


def side(pos: int, chrom: str = "13") -> Breakpoint:
    return Breakpoint(chrom, pos)


def test_an_sv_duplication_in_exon_14_is_an_itd():
    found = itd_from_structural(StructuralVariant("DUP", "GRCh37", side(28608218), side(28608260), length=42))
    assert (found.gene, found.length, found.in_frame) == ("FLT3", 42, True)


def test_an_sv_duplication_over_exons_of_kmt2a_is_a_ptd():
    """From intron 1 to intron 8 of KMT2A, GRCh38."""
    exons = resources.transcript("KMT2A").exons
    low, high = exons[1].spans["GRCh38"][0] - 500, exons[7].spans["GRCh38"][1] + 500
    found = itd_from_structural(StructuralVariant("DUP", "GRCh38", side(low, "11"), side(high, "11")))
    assert (found.gene, found.length, found.exons) == ("KMT2A", None, "2-8")


@pytest.mark.parametrize(
    "finding",
    [
        pytest.param(StructuralVariant("DEL", "GRCh37", side(28608218), side(28608260)), id="deletion"),
        pytest.param(StructuralVariant("DUP", "GRCh37", side(28608218), side(28908260)), id="over-the-gene"),
        pytest.param(StructuralVariant("DUP", "", side(28608218), side(28608260)), id="build-unknown"),
        pytest.param(StructuralVariant("DUP", "GRCh37"), id="no-sides"),
    ],
)
def test_other_structural_variants_are_none(finding):
    assert itd_from_structural(finding) is None
