"""VCF of structural variant callers: grammar, mates, support, and what a junction is.

Gene positions are GRCh38: KMT2A 11:118436456-118526832 (+), MLLT3 on 9p21.3 (-), CBFB 16q22 (+), MYH11 16p13.11 (-), FLT3 exon 14
13:28034082-28034214 (-), UBTF exon 13 17:44210792-44210947 (-).
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pysam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moltrack import formats, resources
from moltrack.errors import FormatError
from moltrack.formats.variants.breakends import junction_of
from moltrack.formats.variants.joined import finding_of, genes_of_sides
from moltrack.formats.variants.support import support_of
from moltrack.model import Breakpoint, Change, CopyNumber, Fusion, Itd, Printed, Result, StructuralVariant

MANTA = (
    "##fileformat=VCFv4.1",
    "##source=GenerateSVCandidates 1.6.0",
    "##contig=<ID=chr1,length=248956422>",
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tNORMAL\tTUMOR",
)
ALL = formats.ReadOptions(genes="all")


def row(
    chrom: str,
    pos: int,
    name: str,
    ref: str,
    alt: str,
    info: str,
    tumor: str = "30,8:40,9",
    filters: str = "PASS",
    keys: str = "PR:SR",
) -> str:
    normal = ":".join("60,0" for _ in keys.split(":"))
    return "\t".join([chrom, str(pos), name, ref, alt, ".", filters, info, keys, normal, tumor])


# --- grammar ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alt", "here", "there", "inserted"),
    [
        pytest.param("G[2:500[", "+", "-", "", id="piece-extending-right-joined-after"),
        pytest.param("G]2:500]", "+", "+", "", id="reversed-piece-joined-after"),
        pytest.param("]2:500]G", "-", "+", "", id="piece-extending-left-joined-before"),
        pytest.param("[2:500[G", "-", "-", "", id="reversed-piece-joined-before"),
        pytest.param("GACT[chr2:500[", "+", "-", "ACT", id="inserted-bases-after"),
        pytest.param("]chr2:500]ACTg", "-", "+", "ACT", id="inserted-bases-before-lower-case"),
    ],
)
def test_breakend_says_which_sides_are_joined(alt, here, there, inserted):
    # VCF 4.5, section 5.4: the four forms of a breakend
    junction = junction_of("1", 100, "G", alt, {})
    assert junction.key == (Breakpoint("1", 100, here), Breakpoint("2", 500, there))
    assert (junction.sv_type, junction.inserted) == ("BND", inserted)


@pytest.mark.parametrize(
    ("symbol", "breakend"),
    [
        pytest.param((100, "<DEL>", {"END": "199"}), (100, "G[1:200["), id="deletion"),
        pytest.param((100, "<DUP:TANDEM>", {"END": "199"}), (101, "]1:199]G"), id="tandem-duplication"),
        pytest.param((100, "<INV>", {"END": "199", "INV3": ""}), (100, "G]1:199]"), id="inversion-3"),
        pytest.param((100, "<INV>", {"END": "199", "INV5": ""}), (101, "[1:200[G"), id="inversion-5"),
    ],
)
def test_symbol_and_breakend_of_one_event_agree(symbol, breakend):
    (pos, alt, info), (at, joined) = symbol, breakend
    by_symbol, by_breakend = junction_of("1", pos, "G", alt, info), junction_of("1", at, "G", joined, {})
    assert by_symbol.key == by_breakend.key
    assert by_symbol.sv_type == by_breakend.sv_type


@given(st.text("ACGT", min_size=1, max_size=30), st.text("ACGT", min_size=1, max_size=60))
def test_spelled_out_alleles_keep_the_balance_of_bases(ref, alt):
    junction = junction_of("1", 100, ref, alt, {})
    low, high = junction.side1.pos, junction.side2.pos
    assert len(junction.inserted) - (high - low - 1) == len(alt) - len(ref)


def test_a_deletion_spelled_out_is_the_symbolic_one():
    # bases 101 to 103 are lost
    assert junction_of("1", 100, "GACT", "G", {}).key == junction_of("1", 100, "G", "<DEL>", {"END": "103"}).key


def test_old_delly_translocation_has_its_partner_in_info():
    junction = junction_of("11", 100, "N", "<TRA>", {"CHR2": "chr9", "END": "50", "CT": "3to5"})
    assert junction.key == (Breakpoint("11", 100, "+"), Breakpoint("9", 50, "-"))


@pytest.mark.parametrize(
    ("ref", "alt", "info", "message"),
    [
        pytest.param("N", "<DEL>", {}, "<DEL> has neither END nor SVLEN", id="no-end"),
        pytest.param("", "ACGT", {}, "REF holds ''", id="no-ref"),
        pytest.param("N", "<WEIRD>", {"END": "5"}, "a symbol that is not known", id="unknown-symbol"),
        pytest.param("N", "[2:5[", {}, "which is no breakend", id="breakend-without-base"),
        pytest.param("N", "<TRA>", {}, "no CHR2", id="translocation-without-partner"),
    ],
)
def test_an_allele_that_joins_nothing_says_why(ref, alt, info, message):
    with pytest.raises(FormatError) as caught:
        junction_of("1", 100, ref, alt, info)
    assert message in str(caught.value)


# --- support ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "info", "text", "split", "pairs"),
    [
        pytest.param({"PR": "30,8", "SR": "40,9"}, {}, "17/87", 9, 8, id="manta"),
        pytest.param({"PR": "36,4"}, {}, "4/40", None, 4, id="manta-imprecise"),
        pytest.param(
            {"DR": "20", "DV": "5", "RR": "30", "RV": "10"}, {"PRECISE": ""}, "10/40", 10, 5, id="delly-precise"
        ),
        pytest.param(
            {"DR": "20", "DV": "5", "RR": "0", "RV": "0"}, {"IMPRECISE": ""}, "5/25", 0, 5, id="delly-imprecise"
        ),
        pytest.param({"VF": "6", "REF": "50", "REFPAIR": "25"}, {}, "6/81", None, None, id="gridss"),
        pytest.param(
            {"AD": "132,15", "VF": "15", "REF": "77", "SF": "14", "DF": "1", "AF": "0.102"},
            {},
            "15/147",
            14,
            1,
            id="esvee",
        ),
        pytest.param({"DR": "17", "DV": "4"}, {"AF": "0.190"}, "4/21", 4, None, id="sniffles"),
        pytest.param({"AD": "7", "DP": "70", "SR": "5", "DR": "2"}, {}, "7/70", 5, 2, id="svaba"),
    ],
)
def test_level_is_a_ratio_of_the_callers_own_counts(values, info, text, split, pairs):
    support = support_of(values, info)
    assert support.level is not None
    assert (support.level.text, support.split, support.pairs) == (text, split, pairs)
    above, below = map(int, text.split("/"))
    assert float(support.level.value) == pytest.approx(above / below, rel=1e-5)


def test_severus_and_savana_print_their_own_fraction():
    assert support_of({"DR": "10", "DV": "10", "VAF": "0.48"}, {}).level == Printed(
        "vaf", Decimal("0.48"), "fraction", "0.48"
    )
    savana = support_of({"GT": "0/1"}, {"TUMOUR_AF": "0.31,0.28", "TUMOUR_READ_SUPPORT": "12"})
    assert (savana.level.text, savana.alt) == ("0.31", 12)


def test_lumpy_has_reads_and_no_level():
    support = support_of({"SU": "8", "PE": "3", "SR": "5"}, {})
    assert (support.alt, support.split, support.pairs, support.level) == (8, 5, 3, None)


# --- what a junction is -----------------------------------------------------------------------------------------------


def test_translocation_in_reading_direction_is_an_ordered_fusion():
    # KMT2A is on +, so the part left of the break is 5'; MLLT3 is on -, so the part left of the break is 3'
    finding, notes = finding_of(junction_of("11", 118482500, "G", "G]9:20365000]", {}), "KMT2A", "MLLT3", "GRCh38")
    assert finding == Fusion(
        "KMT2A",
        "MLLT3",
        build="GRCh38",
        breakpoint5=Breakpoint("11", 118482500, "+"),
        breakpoint3=Breakpoint("9", 20365000, "+"),
        event_type="BND",
    )
    assert notes == ()


def test_the_mate_and_the_reciprocal_are_told_apart():
    mate, _ = finding_of(junction_of("9", 20365000, "C", "C]11:118482500]", {}), "MLLT3", "KMT2A", "GRCh38")
    reciprocal, _ = finding_of(junction_of("11", 118482501, "C", "[9:20365001[C", {}), "KMT2A", "MLLT3", "GRCh38")
    assert (mate.gene5, reciprocal.gene5) == ("KMT2A", "MLLT3")


def test_inversion_16_is_a_fusion_within_a_chromosome():
    finding, _ = finding_of(junction_of("16", 15721000, "A", "A]16:67082500]", {}), "MYH11", "CBFB", "GRCh38")
    assert (finding.gene5, finding.gene3, finding.ordered, finding.event_type) == ("CBFB", "MYH11", True, "INV")


def test_two_heads_make_no_chimeric_gene():
    finding, notes = finding_of(junction_of("11", 118482500, "G", "G[9:20365000[", {}), "KMT2A", "MLLT3", "GRCh38")
    assert isinstance(finding, StructuralVariant)
    assert notes == ("joins the 5' parts of KMT2A and MLLT3, which makes no chimeric gene",)


def test_the_inversion_that_moves_an_enhancer_needs_no_chimeric_gene():
    # inv(3)(q21.3q26.2): GATA2 3:128479426-128493201 (-) and MECOM 3:169083498-169663775 (-), joined head to head
    finding, notes = finding_of(junction_of("3", 128480000, "G", "G]3:169110000]", {}), "GATA2", "MECOM", "GRCh38")
    assert (finding.gene5, finding.gene3, finding.ordered, notes) == ("GATA2", "MECOM", False, ())


@pytest.mark.parametrize(
    ("alt", "genes"),
    [
        ("G]3:169300000]", ("", "MECOM")),  # inverted, 3q26.2 within MECOM
        ("G]3:168900000]", ("", "")),  # both beside the genes
        ("[3:168900000[G", ("NOVEL1", "")),
        ("<INV>", ("", "")),
    ],
)
def test_breakpoints_beside_gata2_and_mecom_are_told_by_their_bands(alt, genes):
    # Most 3q21 breakpoints lie between GATA2 and RPN1 (3:128.49-128.62 Mb, GRCh38), most 3q26 ones beside MECOM;
    # ELN names the lesion by bands, inv(3)(q21.3q26.2) or t(3;3)(q21.3;q26.2) (Döhner, Blood 2022;140:1345, Table 6).
    info = {"SVTYPE": "INV", "END": "168900000"} if alt == "<INV>" else {}
    finding, notes = finding_of(junction_of("3", 128550000, "G", alt, info), *genes, "GRCh38")
    assert (finding.gene5, finding.gene3, finding.ordered, notes) == ("GATA2", "MECOM", False, ("band_only",))


def test_a_copy_that_lies_elsewhere_is_no_tandem_duplication():
    # SVIM's interspersed duplication over exon 14 of FLT3 (GRCh38 13:28,034,000): not an ITD, since nothing is doubled in place
    junction = junction_of("13", 28034100, "N", "<DUP:INT>", {"SVTYPE": "DUP", "END": "28034160"})
    finding, _ = finding_of(junction, "FLT3", "FLT3", "GRCh38")
    assert isinstance(finding, StructuralVariant)
    assert finding.sv_type == "CNV"


@pytest.mark.parametrize(
    ("pos", "alt", "info"),
    [
        (128550000, "<DEL>", {"SVTYPE": "DEL", "END": "168900000"}),
        (128550000, "G[3:168900000[", {}),  # t(3;3) or a deletion: one junction does not tell
        (128550000, "G]3:172000000]", {}),  # 3q26.31
        (131500000, "G]3:168900000]", {}),  # 3q22
        (128550000, "G]7:92600000]", {}),
    ],
)
def test_other_events_of_3q_are_not(pos, alt, info):
    finding, notes = finding_of(junction_of("3", pos, "G", alt, info), "", "", "GRCh38")
    assert isinstance(finding, StructuralVariant)
    assert notes == ()


def test_a_pair_without_known_strand_stays_unordered():
    finding, _ = finding_of(junction_of("11", 118482500, "G", "G]9:5]", {}), "KMT2A", "NOVEL1", "GRCh38")
    assert (finding.gene5, finding.gene3, finding.ordered) == ("KMT2A", "NOVEL1", False)


def test_kmt2a_without_known_partner_is_rearranged():
    finding, notes = finding_of(junction_of("11", 118482500, "G", "G]4:5]", {}), "KMT2A", "", "GRCh38")
    assert (finding.gene5, finding.gene3, finding.rearranged_only) == ("KMT2A", "", True)
    assert "the partner at 4:5 lies in no gene" in notes[0]


def test_duplication_of_kmt2a_exons_2_to_8_is_a_ptd():
    # from intron 1 (before exon 2 at 118468775) to intron 8 (after exon 8, which ends at 118482495)
    finding, _ = finding_of(
        junction_of("11", 118460000, "N", "<DUP:TANDEM>", {"END": "118482600"}), "KMT2A", "KMT2A", "GRCh38"
    )
    assert finding == Itd("KMT2A", None, "GRCh38", "11", 118460001, "first_duplicated", exons="2-8")


def test_duplication_of_the_whole_kmt2a_is_no_ptd():
    finding, _ = finding_of(
        junction_of("11", 118436500, "N", "<DUP>", {"END": "118526000"}), "KMT2A", "KMT2A", "GRCh38"
    )
    assert isinstance(finding, StructuralVariant)


def test_flt3_duplication_and_insertion_are_itds_of_one_length():
    # 28034118 to 28034138: 21 bases of exon 14
    doubled, _ = finding_of(
        junction_of("13", 28034117, "N", "<DUP:TANDEM>", {"END": "28034138"}), "FLT3", "FLT3", "GRCh38"
    )
    put_in, _ = finding_of(
        junction_of("13", 28034138, "G", "G" + "ACTGACTGACTGACTGACTGA", {}), "FLT3", "FLT3", "GRCh38"
    )
    assert doubled == Itd("FLT3", 21, "GRCh38", "13", 28034118, "first_duplicated", in_frame=True)
    assert put_in == Itd(
        "FLT3", 21, "GRCh38", "13", 28034138, "insertion", sequence="ACTGACTGACTGACTGACTGA", in_frame=True
    )


def test_ubtf_tandem_duplication_in_exon_13():
    finding, _ = finding_of(
        junction_of("17", 44210800, "N", "<DUP:TANDEM>", {"END": "44210845"}), "UBTF", "UBTF", "GRCh38"
    )
    assert (finding.gene, finding.length, finding.in_frame) == ("UBTF", 45, True)


def test_a_flt3_deletion_is_no_itd():
    finding, _ = finding_of(junction_of("13", 28034117, "N", "<DEL>", {"END": "28034138"}), "FLT3", "FLT3", "GRCh38")
    assert isinstance(finding, StructuralVariant)


def test_many_breakpoints_find_the_same_genes_as_one_by_one():
    places = [Breakpoint("11", 118_400_000 + 25 * i, "+") for i in range(6000)]
    expected = {place: genes for place in places if (genes := resources.genes_at("GRCh38", place.chrom, place.pos))}
    assert genes_of_sides(places, "GRCh38") == expected
    assert any("KMT2A" in genes for genes in expected.values())


# --- files ------------------------------------------------------------------------------------------------------------


def test_two_mates_are_one_call(write):
    path = write(
        "tumor.sv.vcf",
        *MANTA,
        row("chr11", 118482500, "MantaBND:1:0", "G", "G]chr9:20365000]", "SVTYPE=BND;MATEID=MantaBND:1:1"),
        row("chr9", 20365000, "MantaBND:1:1", "C", "C]chr11:118482500]", "SVTYPE=BND;MATEID=MantaBND:1:0"),
    )
    reading = formats.read(path)
    [call] = reading.records
    assert isinstance(call.finding, Fusion)
    assert (call.line, call.counts.alt, call.counts.depth, call.result) == (5, 17, 87, Result.POSITIVE)
    assert (call.formula, call.levels[0].text) == ("(PR1 + SR1) / (PR0 + PR1 + SR0 + SR1)", "17/87")
    assert (reading.format.name, reading.info.tool, reading.info.tool_version, reading.info.tumor_sample) == (
        "sv_vcf",
        "manta",
        "1.6.0",
        "TUMOR",
    )
    assert reading.info.notes == ("1 records are the mates of others",)


@pytest.mark.parametrize(
    ("ids", "info"),
    [
        pytest.param(("gridss1_1o", "gridss1_1h"), ("", ""), id="gridss-o-h"),
        pytest.param(("ID_7_1", "ID_7_2"), ("", ""), id="savana-1-2"),
        pytest.param(("sev1", "sev2"), (";MATE_ID=sev2", ";MATE_ID=sev1"), id="severus"),
        pytest.param((".", "."), ("", ""), id="mirrored-without-ids"),
    ],
)
def test_mates_are_found_however_they_are_named(write, ids, info):
    rows = [
        row("chr11", 118482500, ids[0], "G", "G]chr9:20365000]", f"SVTYPE=BND{info[0]}"),
        row("chr9", 20365000, ids[1], "C", "C]chr11:118482500]", f"SVTYPE=BND{info[1]}"),
    ]
    assert len(formats.read(write("x.vcf", *MANTA, *rows)).records) == 1


def test_events_outside_the_kept_genes_are_counted(write):
    path = write("x.vcf", *MANTA, row("chr1", 5_000_000, "a", "N", "<DEL>", "SVTYPE=DEL;END=5000900"))
    reading = formats.read(path)
    assert reading.records == ()
    assert reading.info.notes == ("1 events touch none of the genes 'myeloid'",)
    assert len(formats.read(path, ALL).records) == 1


def test_a_mate_in_a_kept_gene_is_found_from_the_other_side(write):
    path = write("x.vcf", *MANTA, row("chr4", 5_000_000, "a", "N", "N]chr11:118482500]", "SVTYPE=BND"))
    [call] = formats.read(path).records
    assert call.finding.rearranged_only


def test_a_deletion_over_a_kept_gene_is_kept(write):
    # TP53 lies at 17:7.67 Mb
    path = write("x.vcf", *MANTA, row("chr17", 7_000_000, "a", "N", "<DEL>", "SVTYPE=DEL;END=8000000"))
    assert formats.read(path).records[0].finding.sv_type == "DEL"


def test_no_read_in_the_tumour_is_no_detection(write):
    path = write(
        "x.vcf",
        *MANTA,
        row("chr17", 7_000_000, "a", "N", "<DEL>", "SVTYPE=DEL;END=8000000", "30,0:20,0", "MinSomaticScore"),
    )
    [call] = formats.read(path).records
    assert (call.result, call.filters) == (Result.NEGATIVE, ("MinSomaticScore",))


def test_segments_of_a_merged_file_are_copy_number(write):
    header = [line.replace("GenerateSVCandidates 1.6.0", "CNVkit v0.9.10, Manta") for line in MANTA]
    info = "IMPRECISE;SVTYPE=DUP;END=58745455;FOLD_CHANGE=1.38;FOLD_CHANGE_LOG=0.47;PROBES=498"
    [call] = formats.read(
        write("x.vcf", *header, row("chr6", 60500, ".", "N", "<DUP>", info, "0/1:3", ".", "GT:CN"))
    ).records
    assert call.finding == CopyNumber(
        Change.GAIN, build="GRCh38", chrom="6", start=60500, end=58745455, total=3.0, log2=0.47
    )
    assert [level.quantity for level in call.levels] == ["copy_number", "log2_ratio"]
    assert call.caller == "cnvkit"


def test_a_loss_of_both_copies_is_a_detection(write):
    # CNVnator: no copy left in the tumour, two in the normal
    lines = [*MANTA, row("chr17", 7_000_000, "a", "N", "<DEL>", "SVTYPE=DEL;END=8000000", "1/1:0", keys="GT:CN")]
    [call] = formats.read(write("x.vcf", *lines), ALL).records
    assert (call.finding.total, call.result) == (0, Result.POSITIVE)


MERGED = (
    "##fileformat=VCFv4.1",
    '##SVDB_version=2.4.0 cmd="svdb --merge --vcf a.vcf:manta b.vcf:tiddit"',
    "##contig=<ID=22,length=51304566>",
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tTUMOR\tNORMAL",
)


def merged_row(alt: str, info: str, keys: str, tumor: str, normal: str, ref: str = "N") -> str:
    return "\t".join(["22", "23632600", ".", ref, alt, ".", "PASS", info, keys, tumor, normal])


def test_a_merge_with_spelled_out_rows_is_structural_as_a_whole(write):
    rows = [
        merged_row("GT", "SVTYPE=DEL;END=23632700", "GT:PR:SR", "0/1:9,3:8,4", "0/0:9,0:8,0", "G" + "ACTGA" * 20),
        merged_row("<TDUP>", "SVTYPE=TDUP;END=23640000", "GT:CN:DV:RV:DR:RR", "0/1:.:4:6:44,3:35,1", "./.:.:.:.:.:."),
    ]
    reading = formats.read(write("x.vcf", *MERGED[:1], *MERGED[2:], *rows), ALL)
    assert (reading.format.name, [call.finding.sv_type for call in reading.records]) == ("sv_vcf", ["DEL", "DUP"])


def test_tiddit_prints_references_at_both_sides(write):
    # TIDDIT 2: DR and RR hold reads at breakpoint A and B; the level is not made of them
    line = merged_row("N[9:133729451[", "SVTYPE=BND", "GT:CN:DV:RV:DR:RR", "0/1:.:6:7:22,20:33,31", "0/0:.:0:0:9,9:9,9")
    [call] = formats.read(write("x.vcf", *MERGED, line), ALL).records
    assert (call.counts.alt, call.counts.junction_reads, call.counts.spanning_reads, call.levels) == (13, 7, 6, ())


@pytest.mark.parametrize(
    ("genotype", "result"),
    [
        pytest.param("0/1", None, id="called-without-counts"),
        pytest.param("0/0", Result.NEGATIVE, id="reference"),
        pytest.param("./.", Result.NOT_EVALUABLE, id="called-in-another-sample"),
    ],
)
def test_a_row_of_several_samples_is_read_by_the_samples_own_genotype(write, genotype, result):
    keys = "GT:PSV:LN:DR:ST:QV:TY:ID:RAL:AAL:CO"
    line = merged_row(
        "<DEL>", "SVTYPE=DEL;END=23640000", keys, f"{genotype}:NaN:0:0,0:--:NaN:NaN", "0/1:NA:7:9,5:+-:60:DEL"
    )
    [call] = formats.read(write("x.vcf", *MERGED, line), ALL).records
    assert call.result is result


def test_a_merge_tells_by_its_vector_who_has_an_event_without_genotype(write):
    keys = "GT:PSV:LN:DR:ST:QV:TY:ID:RAL:AAL:CO"
    both, other = "SVTYPE=DEL;END=23640000;SUPP_VEC=11", "SVTYPE=DEL;END=23650000;SUPP_VEC=01"
    cells = ("./.:NA:7:0,0:+-:.:DEL", "0/1:NA:7:9,5:+-:60:DEL")
    lines = [merged_row("<DEL>", info, keys, *cells) for info in (both, other)]
    calls = formats.read(write("x.vcf", *MERGED, *lines), ALL).records
    assert [call.result for call in calls] == [None, Result.NOT_EVALUABLE]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        pytest.param({"TY": "DEL", "DR": "15,5"}, "5/20", id="survivor"),
        # DRAGEN 4: of 3 pairs and 4 splits one fragment is both
        pytest.param({"PR": "16,3", "SR": "52,4", "VF": "54,6"}, "6/60", id="dragen-fragments"),
        pytest.param({"DP": "60", "RO": "45", "AO": "15", "AS": "6", "AP": "9"}, "15/60", id="svtyper"),
        pytest.param({"TR": "40", "VR": "10"}, "10/40", id="nanomonsv"),
    ],
)
def test_level_of_genotypers(values, text):
    assert support_of(values, {}).level.text == text


RNA = (
    *MANTA[:3],
    '##INFO=<ID=RNA_FIRST,Number=0,Type=Flag,Description="This break-end is 5\' in the transcript">',
    '##INFO=<ID=RNA_STRANDED,Number=0,Type=Flag,Description="The direction of transcription is known">',
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tTUMOR",
)


def rna_row(chrom: str, pos: int, name: str, alt: str, info: str, tumor: str = "7,3:15,20") -> str:
    return "\t".join([chrom, str(pos), name, "A", alt, ".", "PASS", f"SVTYPE=BND;{info}", "PR:SR", tumor])


def test_breakends_of_rna_have_reads_and_no_vaf(write):
    # Manta --rna: 20 split reads and 3 pairs across BCR exon 14 to ABL1 exon 2 (GRCh38); 22 reads without it are no denominator
    lines = [
        rna_row("9", 130854064, "b", "]22:23290413]A", "MATEID=a;RNA_STRANDED"),
        rna_row("22", 23290413, "a", "A[9:130854064[", "MATEID=b;RNA_FIRST;RNA_STRANDED"),
    ]
    [call] = formats.read(write("x.vcf", *RNA, *lines), formats.ReadOptions(build="GRCh38")).records
    assert (call.finding.gene5, call.finding.gene3, call.finding.breakpoint5.chrom) == ("BCR", "ABL1", "22")
    assert call.levels == (Printed("junction_reads", Decimal(20), "reads", "20"),)
    assert (call.counts.junction_reads, call.counts.spanning_reads, call.technique) == (20, 3, "RNA sequencing")


def test_single_counts_of_rna_are_read(write):
    # AnaCore writes STAR-Fusion's counts as one number each
    line = rna_row("22", 23290413, "a", "A[9:130854064[", "RNA_FIRST", tumor="6:22")
    [call] = formats.read(write("x.vcf", *RNA[:4], RNA[5], line), formats.ReadOptions(build="GRCh38")).records
    assert (call.counts.junction_reads, call.counts.spanning_reads, call.result) == (22, 6, Result.POSITIVE)


def test_bad_rows_are_refused_and_the_rest_is_read(write):
    good = row("chr17", 7_000_000, "a", "N", "<DEL>", "SVTYPE=DEL;END=8000000")
    path = write("x.vcf", *MANTA, good, "chr1\t5", good.replace("7000000", "here"), good.replace("30,8", "many,8"))
    reading = formats.read(path)
    assert len(reading.records) == 1
    assert [(r.line, r.reason) for r in reading.refused] == [
        (6, "has 2 columns, a VCF row has at least 8."),
        (7, "POS holds 'here', expected a whole number."),
        (8, "PR holds 'many,8', expected two whole numbers."),
    ]


def test_single_breakends_are_counted(write):
    path = write("x.vcf", *MANTA, row("chr11", 118482500, "a", "G", "GACGT.", "SVTYPE=SGL"))
    assert formats.read(path, ALL).info.notes == ("1 breakends without a partner are not read",)


def test_unknown_build_asks_when_genes_are_to_be_kept(write):
    header = [line for line in MANTA if "contig" not in line]
    path = write("x.vcf", *header, row("chr17", 7_000_000, "a", "N", "<DEL>", "SVTYPE=DEL;END=8000000"))
    with pytest.raises(FormatError, match=r"^x\.vcf: does not say its genome build, which is needed"):
        formats.read(path)
    assert len(formats.read(path, formats.ReadOptions(build="GRCh38")).records) == 1


def test_header_alone_is_a_run_that_found_nothing(write):
    assert formats.read(write("x.vcf", *MANTA)).info.header_only


def test_old_delly_names_itself_in_its_rows(write):
    header = ["##fileformat=VCFv4.2", MANTA[2], MANTA[3]]
    info = "PRECISE;SVTYPE=BND;SVMETHOD=EMBL.DELLYv0.7.7;CHR2=chr9;END=20365000;CT=3to3"
    line = row("chr11", 118482500, "BND1", "N", "<BND>", info, "20:5:30:10", keys="DR:DV:RR:RV")
    reading = formats.read(write("delly.vcf", *header, line))
    [call] = reading.records
    assert (reading.info.tool, call.levels[0].text, call.finding.gene5, call.finding.gene3) == (
        "delly",
        "10/40",
        "KMT2A",
        "MLLT3",
    )


def test_bcf_is_read_as_its_vcf(write, tmp_path):
    header = [
        *MANTA[:-1],
        "##contig=<ID=chr9,length=138394717>",
        "##contig=<ID=chr11,length=135086622>",
        '##INFO=<ID=SVTYPE,Number=1,Type=String,Description="x">',
        '##FORMAT=<ID=PR,Number=.,Type=Integer,Description="x">',
        '##FORMAT=<ID=SR,Number=.,Type=Integer,Description="x">',
        MANTA[-1],
    ]
    vcf = write("x.vcf", *header, row("chr11", 118482500, "a", "G", "G]chr9:20365000]", "SVTYPE=BND"))
    bcf = tmp_path / "x.bcf"
    with pysam.VariantFile(str(vcf)) as source, pysam.VariantFile(str(bcf), "wb", header=source.header) as target:
        for record in source:
            target.write(record)
    [by_text], [by_bcf] = formats.read(vcf).records, formats.read(bcf).records
    assert by_text == replace(by_bcf, line=by_text.line)


def test_annotation_names_the_gene_that_the_references_lack(write):
    header = [
        *MANTA[:-1],
        '##INFO=<ID=CSQ,Number=.,Type=String,Description="VEP. Format: Allele|Consequence|SYMBOL">',
        MANTA[-1],
    ]
    rows = [
        row("chr11", 118482500, "b:0", "G", "G]chr4:5000000]", "SVTYPE=BND;MATEID=b:1;CSQ=G|intron_variant|KMT2A"),
        row(
            "chr4",
            5_000_000,
            "b:1",
            "C",
            "C]chr11:118482500]",
            "SVTYPE=BND;MATEID=b:0;CSQ=C|upstream_gene_variant|NEAR1,C|intron_variant|STK32B",
        ),
    ]
    [call] = formats.read(write("x.vcf", *header, *rows)).records
    assert (call.finding.gene5, call.finding.gene3, call.finding.ordered) == ("KMT2A", "STK32B", False)


@given(st.data())
def test_a_damaged_file_is_read_refused_or_one_sentence(tmp_path_factory, data):
    lines = [*MANTA, row("chr11", 118482500, "b:0", "G", "G]chr9:20365000]", "SVTYPE=BND;MATEID=b:1")]
    text = "\n".join(lines) + "\n"
    start = text.index("#CHROM")
    at = data.draw(st.integers(start, len(text) - 1))
    text = (
        text[:at]
        + data.draw(st.sampled_from(["\t", "x", "9", "[", ",", "", "\n", ";", "-"]))
        + text[at + 1 : data.draw(st.integers(at + 1, len(text)))]
    )
    path = tmp_path_factory.mktemp("sv") / "x.vcf"
    path.write_text(text)
    try:
        reading = formats.read(path, ALL)
    except FormatError as error:
        assert str(error).startswith("x.vcf")
    else:
        assert len(reading.records) + len(reading.refused) <= text.count("\n") + 1
