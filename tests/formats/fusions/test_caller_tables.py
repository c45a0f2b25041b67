"""Fusion callers whose output is a plain table: what a row becomes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moltrack import formats
from moltrack.errors import FormatError, ReferenceError_
from moltrack.formats.fusions.callers import callers
from moltrack.model import Breakpoint, Call, Fusion, Itd, Printed, Result, Technique

STAR_FUSION = (
    "#FusionName\tJunctionReadCount\tSpanningFragCount\tSpliceType\tLeftGene\tLeftBreakpoint\tRightGene\tRightBreakpoint"
    "\tLargeAnchorSupport\tFFPM\tPROT_FUSION_TYPE"
)
RUNX1 = (
    "RUNX1--RUNX1T1\t57\t21\tONLY_REF_SPLICE\tRUNX1^ENSG00000159216.19\tchr21:34859474:-\tRUNX1T1^ENSG00000079102.16"
    "\tchr8:92017363:-\tYES_LDAS\t1.2345\tINFRAME"
)
ARRIBA = (
    "#gene1\tgene2\tstrand1(gene/fusion)\tstrand2(gene/fusion)\tbreakpoint1\tbreakpoint2\tsite1\tsite2\ttype\tsplit_reads1"
    "\tsplit_reads2\tdiscordant_mates\tcoverage1\tcoverage2\tconfidence\treading_frame\tgene_id1\tgene_id2\tfilters"
)


def arriba(*cells: str) -> str:
    first = [
        "RUNX1",
        "RUNX1T1",
        "-/-",
        "-/-",
        "21:34859474",
        "8:92017363",
        "splice-site",
        "splice-site",
        "translocation",
    ]
    row = [*first, "4", "7", "3", "40", "50", "high", "in-frame", ".", ".", "."]
    return "\t".join([*cells, *row[len(cells) :]])


def only_call(path: Path, **options: object) -> Call:
    [call] = formats.read(path, formats.ReadOptions(**options)).records
    assert isinstance(call, Call)
    return call


def test_star_fusion_row_becomes_an_ordered_fusion_with_its_counts(write):
    call = only_call(write("fusions.tsv", STAR_FUSION, RUNX1))
    assert call.finding == Fusion(
        "RUNX1",
        "RUNX1T1",
        gene5_id="ENSG00000159216",
        gene3_id="ENSG00000079102",
        breakpoint5=Breakpoint("21", 34859474, "-"),
        breakpoint3=Breakpoint("8", 92017363, "-"),
        in_frame=True,
    )
    assert call.levels == (
        Printed("junction_reads", Decimal(57), "reads", "57"),
        Printed("ffpm", Decimal("1.2345"), "FFPM", "1.2345"),
    )
    assert (call.counts.junction_reads, call.counts.spanning_reads, call.result, call.line) == (
        57,
        21,
        Result.POSITIVE,
        2,
    )


def test_star_fusion_without_ffpm_column_has_reads_alone(write):
    header, row = ("\t".join(text.split("\t")[:9]) for text in (STAR_FUSION, RUNX1))
    assert [level.quantity for level in only_call(write("f.tsv", header, row)).levels] == ["junction_reads"]


def test_two_junctions_of_one_pair_stay_two_calls(write):
    second = RUNX1.replace("34859474", "34834601").replace("\t57\t", "\t3\t")
    calls = formats.read(write("f.tsv", STAR_FUSION, RUNX1, second)).records
    assert [call.counts.junction_reads for call in calls] == [57, 3]


def test_a_repeated_row_of_a_caller_is_kept_twice(write):
    assert len(formats.read(write("f.tsv", STAR_FUSION, RUNX1, RUNX1)).records) == 2


def test_a_row_without_reads_is_no_detection(write):
    call = only_call(write("f.tsv", STAR_FUSION, RUNX1.replace("\t57\t21\t", "\t0\t0\t")))
    assert call.result is Result.NEGATIVE
    assert call.notes == ("no supporting read: not a detection",)


def test_spanning_pairs_alone_are_a_detection(write):
    call = only_call(write("f.tsv", STAR_FUSION, RUNX1.replace("\t57\t21\t", "\t0\t21\t")))
    assert call.result is Result.POSITIVE


def test_header_alone_is_a_run_that_found_nothing(write):
    reading = formats.read(write("fusions.tsv", ARRIBA))
    assert reading.info.header_only
    assert (reading.records, reading.format.name, reading.format.empty) == ((), "arriba", "negative")


def test_arriba_sums_split_reads_and_takes_the_strand_of_the_fusion(write):
    call = only_call(write("fusions.tsv", ARRIBA, arriba("BCR", "ABL1", "+/+", "+/-", "22:23290413", "chr9:130854064")))
    assert call.finding.breakpoint3 == Breakpoint("9", 130854064, "-")
    assert call.levels == (Printed("junction_reads", Decimal(11), "reads", "4+7"),)
    assert call.counts.spanning_reads == 3
    assert call.finding.confidence == "high"


def test_arriba_intergenic_partner_is_the_nearer_gene(write):
    call = only_call(write("fusions.tsv", ARRIBA, arriba("IGH", "BCL6(5400),LPP(312)")))
    assert call.finding.gene3 == "LPP"
    assert call.notes == ("the breakpoint lies between genes: BCL6(5400),LPP(312)",)


def test_flt3_joined_to_itself_backwards_is_an_itd(write):
    # FLT3 lies on the minus strand: the 5' part ends at the lower coordinate. 28034118..28034138 are 21 bases.
    row = arriba("FLT3", "FLT3", "-/-", "-/-", "13:28034118", "13:28034138", "CDS", "CDS", "duplication/ITD")
    call = only_call(write("fusions.tsv", ARRIBA, row))
    assert call.finding == Itd("FLT3", length=21, chrom="13", pos=28034118, site_rule="first_duplicated", in_frame=True)
    assert ("type", "duplication/ITD") in call.extra


def test_kmt2a_ptd_has_no_length_because_introns_lie_between(write):
    # KMT2A lies on the plus strand; the junction runs from exon 8 back to exon 2.
    row = arriba("KMT2A", "KMT2A", "+/+", "+/+", "11:118482495", "11:118472161", "CDS", "CDS", "duplication")
    finding = only_call(write("fusions.tsv", ARRIBA, row)).finding
    assert isinstance(finding, Itd)
    assert (finding.gene, finding.length, finding.pos) == ("KMT2A", None, 118472161)


def test_a_gene_joined_to_itself_forwards_stays_a_fusion(write):
    row = arriba("KMT2A", "KMT2A", "+/+", "+/+", "11:118472161", "11:118482495", "CDS", "CDS", "deletion")
    assert isinstance(only_call(write("fusions.tsv", ARRIBA, row)).finding, Fusion)


def test_discarded_candidates_of_arriba_are_refused_by_name(write):
    with pytest.raises(FormatError, match=r"^fusions\.discarded\.tsv: holds the candidates that Arriba discarded"):
        formats.read(write("fusions.discarded.tsv", ARRIBA, arriba()))


def test_stated_build_goes_to_every_call(write):
    reading = formats.read(write("fusions.tsv", ARRIBA, arriba()), formats.ReadOptions(build="GRCh38"))
    assert (reading.info.build, reading.info.build_evidence, reading.records[0].finding.build) == (
        "GRCh38",
        "option",
        "GRCh38",
    )


def test_fusioncatcher_notes_reads_common_to_both_genes(write):
    header = (
        "Gene_1_symbol(5end_fusion_partner)\tGene_2_symbol(3end_fusion_partner)\tFusion_description"
        "\tCounts_of_common_mapping_reads\tSpanning_pairs\tSpanning_unique_reads\tFusion_point_for_gene_1(5end_fusion_partner)"
        "\tFusion_point_for_gene_2(3end_fusion_partner)\tGene_1_id(5end_fusion_partner)\tGene_2_id(3end_fusion_partner)\tPredicted_effect"
    )
    row = "CBFB\tMYH11\tknown\t12\t8\t5\t16:67082309:+\t16:15721050:-\tENSG00000067955\tENSG00000133392\tin-frame"
    call = only_call(write("final-list.txt", header, row))
    assert call.finding.build == "GRCh38"
    assert (call.counts.junction_reads, call.counts.spanning_reads) == (5, 8)
    assert call.notes == ("12 reads map to both genes: likely an artefact of homology",)


def test_ericscript_crossing_reads_are_pairs_and_its_missing_breakpoint_is_none(write):
    header = "GeneName1\tGeneName2\tchr1\tBreakpoint1\tstrand1\tchr2\tBreakpoint2\tstrand2\tEnsemblGene1\tEnsemblGene2\tcrossingreads\tspanningreads\tEricScore"
    row = "DEK\tNUP214\t6\tUnable to predict breakpoint position\t-\t9\t131161620\t+\tE1\tE2\t9\t4\t0.98"
    call = only_call(write("eric.tsv", header, row))
    assert (call.counts.junction_reads, call.counts.spanning_reads) == (4, 9)
    assert call.finding.breakpoint5 is None
    assert call.finding.breakpoint3 == Breakpoint("9", 131161620, "+")


def test_jaffa_sample_column_names_the_sample(write):
    header = "sample,fusion genes,chrom1,base1,strand1,chrom2,base2,strand2,gap (kb),spanning pairs,spanning reads,inframe,aligns,rearrangement,contig,contig break,classification,known"
    rows = [
        f'{s},PML:RARA,chr15,74023405,+,chr17,40348313,+,Inf,"7",3,TRUE,TRUE,TRUE,c,1,HighConfidence,Yes'
        for s in ("S1", "S2")
    ]
    reading = formats.read(write("jaffa_results.csv", header, *rows))
    assert [call.sample for call in reading.records] == ["S1", "S2"]
    assert reading.info.samples == ("S1", "S2")
    assert reading.records[0].counts.spanning_reads == 7


def test_tso500_keeps_what_the_pipeline_kept_and_counts_the_rest(write):
    header = "Caller,Gene A,Gene B,Gene A Breakpoint,Gene B Breakpoint,Score,Filter,Precise/Imprecise,KeepFusion,Ref A Dedup,Ref B Dedup,Alt Split Dedup,Alt Pair Dedup,Fusion Directionality Known"
    path = write(
        "Sample_AllFusions.csv",
        "# Version = 1.0",
        header,
        "Manta,ETV6,NTRK3,chr12:12022900,chr15:88483984,100,PASS,Precise,True,30,40,6,5,True",
        "Manta,A1,B1,chr1:5,chr2:9,1,LowQ,Imprecise,False,30,40,0,1,False",
    )
    reading = formats.read(path)
    [call] = reading.records
    assert call.finding.build == "GRCh37"
    assert (call.counts.junction_reads, call.counts.spanning_reads, call.filters, call.finding.ordered) == (
        6,
        5,
        (),
        True,
    )
    assert (reading.info.rows, reading.info.kept) == (2, 1)
    assert reading.info.notes == ("1 candidates that the caller itself did not keep are left out",)


def test_linx_level_is_copies_of_the_junction_without_reads(write):
    header = "fivePrimeBreakendId\tthreePrimeBreakendId\tname\treported\treportedType\tphased\tlikelihood\tfusedExonUp\tfusedExonDown\tgeneStart\tgeneEnd\tjunctionCopyNumber"
    call = only_call(
        write(
            "x.linx.fusion.tsv", header, "1\t2\tKMT2A_MLLT3\ttrue\tKNOWN_PAIR\tINFRAME\tHIGH\t9\t6\tKMT2A\tMLLT3\t0.98"
        )
    )
    assert call.levels == (Printed("junction_copy_number", Decimal("0.98"), "copies", "0.98"),)
    assert call.result is Result.POSITIVE
    assert (call.finding.exon5, call.finding.exon3) == ("9", "6")


def test_integrate_last_cell_holds_two_counts(write):
    header = "#5P\t3P\tChr1\tRNA_BK1\tExon_BK1\tChr2\tRNA_BK2\tExon_BK2\tWGS_BK1\tWGS_BK2\tNUM_EN_RNA NUM_SP_RNA"
    call = only_call(write("breakpoints.cov.tsv", header, "NUP98\tNSD1\t11\t3744400\t1\t5\t177235800\t1\tNA\tNA\t12 7"))
    assert (call.counts.junction_reads, call.counts.spanning_reads) == (7, 12)


def test_dragen_counts_read_names_when_it_prints_no_counts(write):
    path = write(
        "s.fusion_candidates.final",
        "#FusionGene\tScore\tLeftBreakpoint\tRightBreakpoint\tReadNames",
        "BCR--ABL1\t0.97\tchr22:23290413:+\tchr9:130854064:+\tr1;r2;r3;",
    )
    call = only_call(path)
    assert call.counts.junction_reads == 3
    assert ("Score", "0.97") in call.extra


def test_ensembl_id_stands_in_for_a_missing_symbol(write):
    row = arriba(".", "ABL1").split("\t")
    row[16] = "ENSG00000186716.15"
    assert only_call(write("fusions.tsv", ARRIBA, "\t".join(row))).finding.gene5 == "ENSG00000186716"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param("\t4\t7\t", "\tfour\t7\t", "holds 'four'", id="count-is-text"),
        pytest.param("\t4\t7\t", "\t4.5\t7\t", "expected a whole number", id="count-is-fraction"),
        pytest.param("21:34859474", "somewhere", "'somewhere' is not a breakpoint", id="breakpoint-is-text"),
        pytest.param("RUNX1\tRUNX1T1", "RUNX1\t.", "names no gene on one side", id="gene-missing"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_the_others_are_read(write, old, new, reason):
    reading = formats.read(write("fusions.tsv", ARRIBA, arriba(), arriba().replace(old, new)))
    assert len(reading.records) == 1
    [refused] = reading.refused
    assert refused.line == 3
    assert reason in refused.reason


def test_every_caller_says_where_its_columns_were_read():
    assert all(caller.source and caller.versions and (caller.requires or caller.shape) for caller in callers())


@pytest.mark.parametrize(("text", "shown"), [("1.10", "1.1"), ("2015", "2015"), ("true", "True")])
def test_a_version_without_quotes_is_refused(tmp_path, monkeypatch, text, shown):
    (tmp_path / "callers.yaml").write_text(f"- name: tool\n  title: Tool\n  versions: {text}\n  source: README\n")
    monkeypatch.setattr("moltrack.resources.references_dir", lambda: tmp_path)
    with pytest.raises(ReferenceError_) as caught:
        callers.__wrapped__()
    assert str(caught.value) == (
        f"callers.yaml: caller 'tool' has the versions {shown}, which is no text: 1.10 without quotes is the number 1.1. Put it in quotes."
    )


def test_callers_have_different_names():
    names = [caller.name for caller in callers()]
    assert len(names) == len(set(names))


LINES = [ARRIBA, arriba(), STAR_FUSION, RUNX1]


@given(st.sampled_from([(ARRIBA, arriba()), (STAR_FUSION, RUNX1)]), st.data())
def test_a_damaged_table_is_read_refused_or_one_sentence(tmp_path_factory, lines, data):
    text = "\n".join(lines) + "\n"
    cut = data.draw(st.integers(1, len(text)))
    flip = data.draw(st.integers(0, cut - 1))
    text = text[:flip] + data.draw(st.sampled_from(["\t", "0", "x", "\n", ";", '"', "-"])) + text[flip + 1 : cut]
    path = tmp_path_factory.mktemp("damaged") / "fusions.tsv"
    path.write_text(text)
    try:
        reading = formats.read(path)
    except FormatError as error:
        assert str(error).startswith("fusions.tsv")
        assert "\n" not in str(error).replace("\\n", "")
    else:
        rows = [line for line in text.split("\n")[1:] if line.strip()]
        assert len(reading.records) + len(reading.refused) <= len(rows) or reading.format.name not in {
            "arriba",
            "starfusion",
        }


def test_cbioportal_row_may_name_the_rearranged_gene_alone(write):
    header = "Sample_Id\tSite1_Hugo_Symbol\tSite1_Chromosome\tSite1_Position\tSite2_Hugo_Symbol\tSV_Status\tRNA_Support\tTumor_Variant_Count\tNCBI_Build"
    rows = [
        "S1\tEML4\t2\t42522656\tALK\tSOMATIC\tyes\t300\tGRCh37",
        "S2\t\t11\t500\tKMT2A\tSOMATIC\tno\t9\tGRCh37",
        "S3\t\t\t\t\tSOMATIC\tno\t9\tGRCh37",
    ]
    reading = formats.read(write("data_sv.txt", header, *rows))
    pair, alone = reading.records
    assert (pair.finding.gene5, pair.finding.ordered, pair.finding.build, pair.technique) == (
        "EML4",
        False,
        "GRCh37",
        Technique.RNA_SEQUENCING,
    )
    assert pair.counts.junction_reads == 300
    assert (alone.finding.gene5, alone.finding.gene3, alone.finding.rearranged_only) == ("KMT2A", "", True)
    assert alone.finding.breakpoint3 == Breakpoint("11", 500)
    assert [(r.line, r.reason) for r in reading.refused] == [(4, "names no gene.")]


def test_a_quote_that_is_not_closed_is_an_error_instead_of_lost_rows(write):
    path = write("fusions.tsv", ARRIBA, arriba().replace("RUNX1\t", '"RUNX1\t', 1), arriba(), arriba())
    with pytest.raises(FormatError, match=r"^fusions\.tsv:2: holds a quote \(\"\) that is not closed"):
        formats.read(path)


# --- callers with a shape of their own --------------------------------------------------------------------------------

CHIMERASCAN = (
    "#chrom5p\tstart5p\tend5p\tchrom3p\tstart3p\tend3p\tchimera_cluster_id\tscore\tstrand5p\tstrand3p\tgenes5p\tgenes3p"
    "\ttype\ttotal_frags\tspanning_frags"
)


@pytest.mark.parametrize(
    ("strands", "five", "three"),
    [
        pytest.param(("+", "+"), 200, 301, id="forward"),
        pytest.param(("-", "-"), 101, 400, id="reverse"),
    ],
)
def test_chimerascan_sides_break_where_the_transcript_is_joined(write, strands, five, three):
    # 0-based intervals 100-200 and 300-400: the 5' side breaks where it ends along its strand, the 3' side where it begins
    line = f"chr22\t100\t200\tchr9\t300\t400\tC1\t43\t{strands[0]}\t{strands[1]}\tBCR\tABL1\tInterchromosomal\t43\t15"
    call = only_call(write("chimeras.bedpe", CHIMERASCAN, line))
    assert (call.finding.breakpoint5.pos, call.finding.breakpoint3.pos) == (five, three)
    assert (call.counts.junction_reads, call.counts.spanning_reads, call.result) == (15, 28, Result.POSITIVE)


def test_pairs_alone_are_a_detection_of_chimerascan(write):
    line = "chr22\t100\t200\tchr9\t300\t400\tC1\t43\t+\t+\tBCR\tABL1\tInterchromosomal\t43\t0"
    assert only_call(write("chimeras.bedpe", CHIMERASCAN, line)).result is Result.POSITIVE


MAPSPLICE = [
    *("chr22~chr9", "23632600", "133729451", "JUNC_12", "31", "++", "255,0,0"),
    *(["0"] * 20),
    "17",
    *(["0"] * 28),
    *("1", "from_fusion", "fusion", "+,+", "BCR,", "ABL1,"),
]


def test_mapsplice_line_has_62_cells_without_names(write):
    call = only_call(write("fusions_well_annotated.txt", "\t".join(MAPSPLICE)))
    assert call.finding == Fusion(
        "BCR",
        "ABL1",
        breakpoint5=Breakpoint("22", 23632600),
        breakpoint3=Breakpoint("9", 133729451),
        event_type="fusion",
    )
    assert (call.counts.junction_reads, call.counts.spanning_reads) == (31, 17)


def test_mapsplice_junction_between_genes_is_refused(write):
    line = "\t".join([*MAPSPLICE[:58], "intergenic", "+,+", "BCR,", "-,"])
    [refused] = formats.read(write("fusions_well_annotated.txt", line)).refused
    assert "names no gene on one side" in refused.reason


def test_genion_keeps_its_code_as_filter(write):
    lines = [
        "ENSG00000159216::ENSG00000079102\tRUNX1::RUNX1T1\t0.85\t0.31\t42\tPASS:GF",
        "ENSG00000186716::ENSG00000097007\tBCR::ABL1\t0.12\t0.05\t3\tFAIL::segdup",
    ]
    calls = formats.read(write("genion.tsv", *lines)).records
    assert [(c.finding.gene5, c.finding.ordered, c.counts.junction_reads, c.filters) for c in calls] == [
        ("RUNX1", False, 42, ()),
        ("BCR", False, 3, ("FAIL::segdup",)),
    ]


@pytest.mark.parametrize(
    ("name", "header", "line", "reads"),
    [
        pytest.param(
            "integrate_summary",
            "Fusion_Candidate\t5_Prime\t3_Prime\tReciprocal\tTier\tType\tEN_RNA\tSP_RNA\tSplicings",
            "1\tBCR\tABL1\tN\t3\tInter_Chromosomal\t22\t7\tBCR>>ABL1(Inter_Chromosomal Canonical 7);",
            (7, 22),
            id="summary",
        ),
        pytest.param(
            "integrate_breakpoints",
            "#5P\t3P\tChr1\tRNA_BK1\tExon_BK1\tChr2\tRNA_BK2\tExon_BK2\tWGS_BK1\tWGS_BK2",
            "BCR\tABL1\t22\t23632600\t23632600\t9\t133729451\t133729451\tNA\tNA",
            (None, None),
            id="breakpoints",
        ),
        pytest.param(
            "integrate_bedpe",
            "#chr5p\tstart5p\tend5p\tchr3p\tstart3p\tend3p\tgene5p\tgene3p\ttier",
            "22\t23632600\t23632600\t9\t133729451\t133729451\tBCR\tABL1\t3",
            (None, None),
            id="bedpe",
        ),
    ],
)
def test_the_files_of_integrate_are_told_apart(write, name, header, line, reads):
    path = write("out.tsv", header, line)
    call = only_call(path)
    assert formats.read(path).format.name == name
    assert (call.finding.gene5, call.finding.gene3, call.result) == ("BCR", "ABL1", Result.POSITIVE)
    assert (call.counts.junction_reads, call.counts.spanning_reads) == reads


def test_tso_500_ctdna_fusion_has_a_vaf(write):
    path = write(
        "S1_Fusions.csv",
        "Sample,Name,Chr1,Pos1,Chr2,Pos2,Direction,Alt_Depth,BP1_Depth,BP2_Depth,Total_Depth,VAF,Gene1,Gene2,Contig,Filter,Fusion Directionality Known",
        "S1,BCR/ABL1,chr22,23632600,chr9,133729451,L1R2,12,800,900,900,0.0133,BCR,ABL1,ACGT,PASS,True",
    )
    call = only_call(path)
    assert call.levels[-1] == Printed("vaf", Decimal("0.0133"), "fraction", "0.0133")
    assert (call.finding.ordered, call.filters, call.sample) == (True, (), "S1")
    assert formats.read(path).format.technique is Technique.DNA_SEQUENCING
