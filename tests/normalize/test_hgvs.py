"""HGVS names and alleles as one identity. Names and positions are those of ClinVar, COSMIC and published calls."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moltrack import resources
from moltrack.model import SmallVariant
from moltrack.normalize.alleles import edit_of
from moltrack.normalize.hgvs import (
    ProteinChange,
    canonical,
    coding_name,
    exon_of,
    genomic_of,
    group_variants,
    held_transcript,
    hgvs_c_of,
    hotspot_at,
    hotspot_name,
    in_other_build,
    lift,
    placed,
    protein_change,
    protein_name,
    read_name,
    same_locus,
    variant_key,
)


def vcf(build: str, chrom: str, pos: int, ref: str, alt: str, **more: str) -> SmallVariant:
    return SmallVariant(build=build, chrom=chrom, pos=pos, ref=ref, alt=alt, **more)


NPM1_37 = vcf("GRCh37", "5", 170837543, "C", "CTCTG")
NPM1_38 = vcf("GRCh38", "5", 171410539, "C", "CTCTG")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("p.Trp288CysfsTer12", "p.Trp288CysfsTer12"),
        ("p.Trp288Cysfs*12", "p.Trp288CysfsTer12"),
        ("p.W288Cfs*12", "p.Trp288CysfsTer12"),
        ("p.(W288Cfs*12)", "p.Trp288CysfsTer12"),
        ("NP_002511.1:p.(Trp288CysfsTer12)", "p.Trp288CysfsTer12"),
        ("p.W288CfsX12", "p.Trp288CysfsTer12"),
        ("TRP288CYSFSTER12", "p.Trp288CysfsTer12"),
        ("W288fs", "p.Trp288fs"),
        ("R882H", "p.Arg882His"),
        ("p.R882*", "p.Arg882Ter"),
        ("p.R882X", "p.Arg882Ter"),
        ("p.Arg882=", "p.Arg882="),
        ("p.Y591%3D", "p.Tyr591="),
        ("p.D835del", "p.Asp835del"),
        ("p.K313dup", "p.Lys313dup"),
        ("p.Q312_K313insL", "p.Gln312_Lys313insLeu"),
        ("p.Q312_K313insLSR", "p.Gln312_Lys313insLeuSerArg"),
        ("p.D835_I836delinsEL", "p.Asp835_Ile836delinsGluLeu"),
        ("p.M1?", "p.Met1?"),
        ("p.?", "p.?"),
    ],
)
def test_protein_names_have_one_spelling(text, name):
    assert protein_name(text) == name


@pytest.mark.parametrize("text", ["", "FLT3", "type A", "c.34G>A", "p.", "C123", "B288J", "12"])
def test_what_is_no_protein_name_is_empty(text):
    assert protein_name(text) == ""


@given(st.sampled_from(resources.hotspots()))
def test_a_protein_name_in_one_spelling_stays(hotspot):
    assert protein_name(hotspot.hgvs_p) == hotspot.hgvs_p


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("p.W288Cfs*12", ProteinChange(288, 288, "frameshift")),
        ("p.R882H", ProteinChange(882, 882, "missense")),
        ("p.R882*", ProteinChange(882, 882, "stop_gained")),
        ("p.D835_I836delinsEL", ProteinChange(835, 836, "inframe")),
        ("p.Tyr599_Asp600insTer", ProteinChange(599, 600, "stop_gained")),
        ("p.R882=", ProteinChange(882, 882, "synonymous")),
        ("p.M1?", ProteinChange(1, 1, "start_lost")),
        ("p.?", None),
    ],
)
def test_what_a_protein_name_says(text, change):
    assert protein_change(text) == change


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("NM_015338.6:c.1934dupG", "c.1934dup"),
        ("c.1900_1922del23", "c.1900_1922del"),
        ("c.1900_1922delAGAGAGGCGGCCACCACTGCCAT", "c.1900_1922del"),
        ("c.34_35GG>AT", "c.34_35delinsAT"),
        ("c.100_102delAAGinsTT", "c.100_102delinsTT"),
        ("c.1849g>t", "c.1849G>T"),
        ("c.1234+2T>C", "c.1234+2T>C"),
        ("c.A2447T", "c.2447A>T"),
        ("c.-12A>G", "c.-12A>G"),
        ("c.*45del", "c.*45del"),
        ("c.863_864insTCTG", "c.863_864insTCTG"),
        ("NM_002520.7(NPM1):c.860_863dup", "c.860_863dup"),
    ],
)
def test_coding_names_have_one_spelling(text, name):
    assert coding_name(text) == name


@pytest.mark.parametrize("text", ["g.123A>T", "p.R882H", "860_863dup", "c.", "c.ABC"])
def test_what_is_no_coding_name_is_empty(text):
    assert coding_name(text) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "NPM1 c.860_863dup p.Trp288Cysfs*12",
            SmallVariant(gene="NPM1", hgvs_c="c.860_863dup", hgvs_p="p.Trp288CysfsTer12"),
        ),
        ("FLT3 D835Y", SmallVariant(gene="FLT3", hgvs_p="p.Asp835Tyr")),
        ("NPM1:p.W288fs", SmallVariant(gene="NPM1", hgvs_p="p.Trp288fs")),
        ("DNMT3A (R882H)", SmallVariant(gene="DNMT3A", hgvs_p="p.Arg882His")),
        (
            "NM_002520.7(NPM1):c.860_863dup",
            SmallVariant(gene="NPM1", transcript="NM_002520.7", hgvs_c="c.860_863dup"),
        ),
        (
            "NPM1 type A",
            SmallVariant(gene="NPM1", transcript="NM_002520.7", hgvs_c="c.860_863dup", hgvs_p="p.Trp288CysfsTer12"),
        ),
        ("MLL R12H", SmallVariant(gene="KMT2A", hgvs_p="p.Arg12His")),
        ("nothing known", SmallVariant()),
    ],
    ids=str,
)
def test_a_typed_variant_is_read(text, expected):
    assert read_name(text) == expected


# --- genome -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("build", resources.BUILDS)
def test_every_hotspot_goes_from_its_name_to_its_allele(build):
    for item in resources.hotspots():
        own = item.alleles[build]
        if own.alt and len(own.ref) == len(own.alt) == 1:
            edit = genomic_of(item.gene, item.hgvs_c, build, item.transcript)
            assert edit == edit_of(own.chrom, own.pos, own.ref, own.alt), item.hgvs_c


@pytest.mark.parametrize("build", resources.BUILDS)
def test_every_hotspot_goes_from_its_allele_to_its_name(build):
    for item in resources.hotspots():
        own = item.alleles[build]
        if own.alt:
            assert hgvs_c_of(item.gene, build, own.pos, own.ref, own.alt).hgvs_c == item.hgvs_c


@pytest.mark.parametrize(
    ("gene", "allele", "name"),
    [
        pytest.param("TP53", ("GRCh38", 7676154, "G", "C"), "c.215C>G", id="minus-strand-TP53-P72R"),
        pytest.param("TP53", ("GRCh37", 7579312, "C", "T"), "c.375G>A", id="minus-strand-T125T"),
        pytest.param("JAK2", ("GRCh37", 5073770, "G", "A"), "c.1849G>A", id="plus-strand"),
        pytest.param("TP53", ("GRCh37", 7578555, "C", "T"), "c.376-1G>A", id="splice-site"),
    ],
)
def test_alleles_of_no_hotspot_are_named_too(gene, allele, name):
    assert hgvs_c_of(gene, *allele).hgvs_c == name


@given(st.sampled_from([t for s in resources.genes() if (t := resources.transcript(s)) and t.cds_length]), st.data())
def test_substitutions_survive_the_way_to_hgvs_and_back(transcript, data):
    build = data.draw(st.sampled_from(resources.BUILDS))
    exon = data.draw(st.sampled_from(transcript.exons))
    pos = data.draw(st.integers(exon.spans[build][0] - 2, exon.spans[build][1] + 3))
    ref, alt = data.draw(st.permutations("ACGT"))[:2]
    found = hgvs_c_of(transcript.gene, build, pos, ref, alt)
    if found is not None:
        assert genomic_of(transcript.gene, found.hgvs_c, build, transcript.accession) == edit_of(
            transcript.chrom, pos, ref, alt
        )


def test_a_duplication_in_the_amplicon_needs_no_fasta():
    """FLT3 c.1775_1795dup as FLT3_ITD_ext writes it: 13:28608260 T>TATTCATATTCTCTGAAATCAA."""
    edit = genomic_of("FLT3", "c.1775_1795dup", "GRCh37")
    assert edit == edit_of("13", 28608260, "T", "TATTCATATTCTCTGAAATCAA")
    assert hgvs_c_of("FLT3", "GRCh37", 28608260, "T", "TATTCATATTCTCTGAAATCAA").hgvs_c == "c.1775_1795dup"


def test_a_duplication_elsewhere_needs_the_sequence():
    assert genomic_of("TET2", "c.100_103dup", "GRCh38") is None
    sequence = lambda chrom, start, end, /: "GATC"[: end - start]  # noqa: E731
    assert genomic_of("TET2", "c.100_103dup", "GRCh38", fetch=sequence).inserted == "GATC"


def test_a_deletion_needs_no_sequence():
    edit = genomic_of("TP53", "c.742_744del", "GRCh38")
    assert (edit.end - edit.start, edit.inserted) == (3, "")


def test_exon_by_position():
    assert exon_of("NPM1", "GRCh38", 171410539) == "11/11"
    assert exon_of("NPM1", "GRCh38", 171400000) == ""


# --- builds -----------------------------------------------------------------------------------------------------------


def test_hotspots_are_carried_between_the_builds():
    for item in resources.hotspots():
        old, new = (item.alleles[build] for build in resources.BUILDS)
        assert lift("GRCh37", old.chrom, old.pos - 1, old.pos) == (new.pos - 1, new.pos)
        assert same_locus("GRCh37", old.chrom, old.pos, "GRCh38", new.chrom, new.pos) is True


@given(st.sampled_from(sorted(resources.genes())), st.data())
def test_carrying_there_and_back_is_the_same_place(symbol, data):
    transcript = resources.transcript(symbol)
    if transcript is None:
        return
    exon = data.draw(st.sampled_from(transcript.exons))
    start, end = exon.spans["GRCh37"]
    pos = data.draw(st.integers(start, end - 1))
    there = lift("GRCh37", transcript.chrom, pos, pos + 1)
    assert there == (exon.spans["GRCh38"][0] + pos - start, exon.spans["GRCh38"][0] + pos - start + 1)
    assert lift("GRCh38", transcript.chrom, *there) == (pos, pos + 1)


def test_the_shift_within_a_gene_is_not_constant():
    """KIT: exon 1 shifts by -866167, the others by -866166."""
    shifts = {e.spans["GRCh38"][0] - e.spans["GRCh37"][0] for e in resources.transcript("KIT").exons}
    assert shifts == {-866167, -866166}


def test_outside_the_exons_nothing_is_assumed():
    assert lift("GRCh37", "13", 28700000, 28700001) is None
    assert same_locus("GRCh37", "13", 28700000, "GRCh38", "13", 28125863) is None


def test_a_call_in_the_other_build():
    assert in_other_build(NPM1_37) == NPM1_38
    assert in_other_build(vcf("GRCh37", "1", 1000, "A", "T")) is None


# --- identity ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "finding",
    [
        pytest.param(NPM1_37, id="GRCh37"),
        pytest.param(NPM1_38, id="GRCh38"),
        pytest.param(vcf("GRCh38", "5", 171410543, "G", "GTCTG"), id="right-aligned"),
        pytest.param(vcf("GRCh38", "5", 171410539, "CTC", "CTCTGTC"), id="padded"),
        pytest.param(SmallVariant(gene="NPM1", hgvs_c="c.860_863dup"), id="dup"),
        pytest.param(SmallVariant(gene="NPM1", hgvs_c="c.863_864insTCTG"), id="ins"),
        pytest.param(SmallVariant(gene="NPM1", hgvs_c="NM_002520.7:c.860_863dupTCTG"), id="accession"),
        pytest.param(SmallVariant(gene="NPM1", transcript="ENST00000296930.10", hgvs_c="c.860_863dup"), id="ensembl"),
        pytest.param(SmallVariant(gene="NPM1 type A"), id="usual-name"),
        pytest.param(SmallVariant(gene="NPM1", hgvs_c="NPM1 c.860_863dup p.Trp288Cysfs*12"), id="typed-in-one-cell"),
    ],
)
def test_spellings_of_npm1_type_a_have_one_key(finding):
    assert variant_key(finding).key == "GRCh38 5:171410539_171410540insTCTG"


def test_another_npm1_type_has_another_key():
    type_b = SmallVariant(gene="NPM1", hgvs_c="c.863_864insCATG")
    assert variant_key(type_b).key != variant_key(NPM1_38).key


@pytest.mark.parametrize(
    "item", [h for h in resources.hotspots() if h.alleles["GRCh38"].alt], ids=lambda h: f"{h.gene} {h.hgvs_c}"
)
def test_every_hotspot_meets_itself_in_both_builds_and_as_hgvs(item):
    keys = {variant_key(vcf(b, a.chrom, a.pos, a.ref, a.alt)).key for b, a in item.alleles.items()}
    keys.add(variant_key(SmallVariant(gene=item.gene, transcript=item.transcript, hgvs_c=item.hgvs_c)).key)
    assert len(keys) == 1


def test_asxl1_g646_meets_in_its_run_of_g():
    """c.1926_1927insG, c.1930dup and c.1934dup are the same allele."""
    keys = {
        variant_key(SmallVariant(gene="ASXL1", hgvs_c=c)).key for c in ("c.1926_1927insG", "c.1930dup", "c.1934dup")
    }
    assert keys == {variant_key(vcf("GRCh37", "20", 31022441, "A", "AG")).key}


def test_outside_the_exons_the_builds_stay_apart_and_it_is_said():
    one = variant_key(vcf("GRCh37", "1", 1000000, "A", "T"))
    assert one.key == "GRCh37 1:1000000A>T"
    assert one.reason == "outside the exons of the references: GRCh37 and GRCh38 are not joined by position"


def test_the_same_name_joins_the_builds_outside_the_exons():
    more = {"gene": "TP53", "transcript": "NM_000546.6", "hgvs_c": "c.376-100A>G"}
    one = vcf("GRCh37", "17", 7578654, "T", "C", **more)
    two = vcf("GRCh38", "17", 7675336, "T", "C", **more)
    assert variant_key(one).key != variant_key(two).key
    assert [group.members for group in group_variants([one, two])] == [(0, 1)]


def test_wt1_is_compared_by_position_only():
    """R462W of older reports is R467W on NM_024426.6."""
    old_print = vcf("GRCh37", "11", 32413566, "G", "A", gene="WT1", transcript="NM_024426.4", hgvs_p="p.Arg462Trp")
    new_print = vcf("GRCh38", "11", 32392020, "G", "A", gene="WT1", transcript="NM_024426.6", hgvs_p="p.Arg467Trp")
    typed = SmallVariant(gene="WT1", hgvs_c="c.1384C>T")
    assert variant_key(old_print).key == variant_key(new_print).key
    assert "numbers of WT1 differ between versions" in variant_key(typed).reason


@pytest.mark.parametrize(
    ("gene", "accession", "placed_too"),
    [
        ("RUNX1", "NM_001754.4", True),
        ("RUNX1", "NM_001754.2", False),
        ("EZH2", "NM_004456.3", False),
        ("WT1", "NM_024426.6", True),
        ("WT1", "NM_024426.4", False),
        ("WT1", "NM_024426", False),
        ("FLT3", "NM_004119.2", True),
    ],
)
def test_versions_that_number_otherwise_are_not_taken_for_the_one_held(gene, accession, placed_too):
    """TCGA-LAML prints RUNX1 R174 on NM_001754.2 for what is R201 on .5, EZH2 R685 on NM_004456.3 for R690 on .5."""
    key = variant_key(SmallVariant(gene=gene, transcript=accession, hgvs_c="c.500A>G"))
    assert (key.edit is not None) is placed_too


def test_a_transcript_that_is_not_held_is_not_guessed():
    found = variant_key(SmallVariant(gene="RUNX1", transcript="NM_001001890.3", hgvs_c="c.530G>A"))
    assert found.key == "RUNX1 NM_001001890.3 c.530G>A"
    assert found.reason == "NM_001001890.3 is not among the transcripts of the references"


def test_an_accession_with_the_same_coding_sequence_is_accepted():
    """SRSF2 NM_003016 and NM_001195427 code the same 221 residues: P95H is c.284C>A on both."""
    keys = {variant_key(SmallVariant(gene="SRSF2", transcript=t, hgvs_c="c.284C>A")).key for t in ("NM_003016.4", "")}
    assert keys == {"GRCh38 17:76736877G>T"}


def test_a_protein_name_alone_joins_the_only_allele_with_it():
    groups = group_variants([NPM1_37, SmallVariant(gene="NPM1", hgvs_p="W288fs")])
    assert [group.members for group in groups] == [(0, 1)]
    assert "NPM1 p.Trp288fs: the only allele of this patient with that name" in groups[0].reasons


def test_a_protein_name_of_two_alleles_joins_neither():
    type_b = SmallVariant(gene="NPM1", hgvs_c="c.863_864insCATG", hgvs_p="p.W288Cfs*12")
    typed = SmallVariant(gene="NPM1", hgvs_p="p.W288Cfs*12")
    groups = group_variants([NPM1_38, type_b, typed])
    assert sorted(group.members for group in groups) == [(0,), (1,), (2,)]
    assert ("NPM1 p.Trp288CysfsTer12 fits several alleles of this patient",) in [group.reasons for group in groups]


def test_an_mnv_meets_its_substitutions():
    mnv = vcf("GRCh38", "1", 114716126, "CC", "AT")
    parts = [vcf("GRCh37", "1", 115258747, "C", "A"), vcf("GRCh37", "1", 115258748, "C", "T")]
    [group] = group_variants([mnv, *parts])
    assert group.key == "GRCh38 1:114716126_114716127delinsAT"
    assert group.components == (1, 2)


def test_a_build_that_is_not_told_is_not_guessed():
    found = variant_key(vcf("", "5", 170837543, "C", "CTCTG"))
    assert found.key == "build unknown 5:170837543_170837544insTCTG"
    assert found.reason == "the file does not tell its build"


def test_symbolic_alleles_keep_their_spelling():
    assert variant_key(vcf("GRCh38", "13", 28034100, "A", "<DUP>")).key == "GRCh38 13:28034100 A><DUP>"


def test_grouping_does_not_depend_on_the_order():
    findings = [
        NPM1_37,
        NPM1_38,
        SmallVariant(gene="NPM1", hgvs_p="W288fs"),
        SmallVariant(gene="NPM1", hgvs_c="c.860_863dup"),
        vcf("GRCh38", "1", 114716126, "CC", "AT"),
        vcf("GRCh38", "1", 114716126, "C", "A"),
        vcf("GRCh38", "1", 114716127, "C", "T"),
        SmallVariant(gene="WT1", hgvs_p="p.R462W"),
    ]
    expected = [(g.key, {findings[i] for i in g.members}, g.reasons) for g in group_variants(findings)]
    for seed in range(10):
        mixed = random.Random(seed).sample(findings, len(findings))
        assert [(g.key, {mixed[i] for i in g.members}, g.reasons) for g in group_variants(mixed)] == expected


def test_names_of_hotspots():
    assert hotspot_name(vcf("GRCh37", "2", 25457242, "C", "T")) == "p.Arg882His"
    assert hotspot_name(SmallVariant(gene="JAK2", hgvs_c="c.1849G>T")) == "p.Val617Phe"
    assert hotspot_name(vcf("GRCh37", "2", 25457242, "C", "A")) == "p.Arg882Leu"
    assert hotspot_name(vcf("GRCh38", "1", 5, "A", "C")) == ""
    assert hotspot_at("GRCh38", "5", 171410539, "C", "CTCTG").name == "type A"


def test_canonical_uses_current_symbols():
    assert canonical(SmallVariant(gene="MLL", hgvs_p="p.R12H")).gene == "KMT2A"


def test_a_typed_variant_gets_its_alleles():
    found = placed(SmallVariant(gene="NPM1", hgvs_c="c.860_863dup"), "GRCh38")
    assert (found.chrom, found.pos, found.ref, found.alt) == ("5", 171410539, "C", "CTCTG")


def test_the_ensembl_transcript_of_the_other_isoform_that_numbers_alike() -> None:
    # DNMT3A: ENST00000264709 is the Ensembl transcript of NM_175629; both encode the 912 residues of UniProt Q9Y6K1-1, as
    # MANE Select NM_022552 does. cBioPortal annotates on it.
    held, distrust = held_transcript("DNMT3A", "ENST00000264709.8")
    assert (held.accession.partition(".")[0], distrust) == ("NM_022552", "")
    other, why = held_transcript("DNMT3A", "ENST00000380746.4")
    assert (other, why) == (None, "ENST00000380746.4 is not the transcript of the references")
