"""Segment tables of more callers: the same loss of 5q in each one's own columns and units."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from moltrack.errors import FormatError
from moltrack.formats import ReadOptions, read
from moltrack.model import Call, Change, CopyNumber

Write = Callable[..., Path]

LOSSES = [
    pytest.param(
        "facets",
        "ID\tchrom\tloc.start\tloc.end\tseg\tnum.mark\tnhet\tcnlr.median\tmafR\tsegclust\tcnlr.median.clust\tmafR.clust\tcf\ttcn\tlcn\tcf.em\ttcn.em\tlcn.em",
        "S1\t5\t60000001\t150000000\t9\t700\t50\t-0.62\t0.9\t1\t-0.6\t0.9\t0.7\t1\t0\t0.72\t1\tNA",
        id="facets-of-a-pipeline",
    ),
    pytest.param(
        "facets",
        "chrom\tseg\tnum.mark\tnhet\tcnlr.median\tmafR\tsegclust\tcnlr.median.clust\tmafR.clust\tstart\tend\tcf.em\ttcn.em\tlcn.em",
        "5\t9\t700\t50\t-0.62\t0.9\t1\t-0.6\t0.9\t60000001\t150000000\t0.72\t1\t0",
        id="facets-itself",
    ),
    pytest.param(
        "sequenza",
        '"chromosome"\t"start.pos"\t"end.pos"\t"Bf"\t"N.BAF"\t"sd.BAF"\t"depth.ratio"\t"N.ratio"\t"sd.ratio"\t"CNt"\t"A"\t"B"\t"LPP"',
        '"chr5"\t60000001\t150000000\t0.2\t100\t0.05\t0.7\t1000\t0.2\t1\t1\t0\t-7.1',
        id="sequenza",
    ),
    pytest.param(
        "ichorcna",
        "ID\tchrom\tstart\tend\tnum.mark\tseg.median.logR\tcopy.number\tcall\tsubclone.status\tlogR_Copy_Number\tCorrected_Copy_Number\tCorrected_Call",
        "S1\t5\t60000001\t150000000\t80\t-0.5\t1\tHETD\t0\t1.02\t1\tHETD",
        id="ichorcna",
    ),
    pytest.param(
        "ichorcna_seg",
        "sample\tchr\tstart\tend\tevent\tcopy.number\tbins\tmedian",
        "1\t5\t60000001\t150000000\tHETD\t1\t80\t-0.5",
        id="ichorcna-of-old",
    ),
    pytest.param(
        "titan",
        "Sample\tChromosome\tStart_Position(bp)\tEnd_Position(bp)\tLength(snp)\tMedian_Ratio\tMedian_logR\tTITAN_state\tTITAN_call\tCopy_Number\tMinorCN\tMajorCN\tClonal_Cluster\tCellular_Prevalence",
        "S1\t5\t60000001\t150000000\t9000\t0.9\t-0.5\t2\tDLOH\t1\t0\t1\t1\t0.8",
        id="titan",
    ),
    pytest.param(
        "scarhrd",
        "SampleID\tChromosome\tStart_position\tEnd_position\ttotal_cn\tA_cn\tB_cn\tploidy",
        "S1\tchr5\t60000001\t150000000\t1\t0\t1\t2.0",
        id="scarhrd",
    ),
    pytest.param(
        "gdc_allelic",
        "GDC_Aliquot\tChromosome\tStart\tEnd\tCopy_Number\tMajor_Copy_Number\tMinor_Copy_Number",
        "S1\tchr5\t60000001\t150000000\t1\t1\t0",
        id="gdc",
    ),
    pytest.param(
        "seg",
        "GDC_Aliquot\tChromosome\tStart\tEnd\tNum_Probes\tSegment_Mean",
        "S1\t5\t60000001\t150000000\t40000\t-0.61",
        id="gdc-masked",
    ),
    pytest.param(
        "ascat_summary",
        "sample\tChromosome\tStart Position\tEnd Position\tNormal TCN\tNormal BCN\tTumour TCN\tTumour BCN",
        "S1\t5\t60000001\t150000000\t2\t1\t1\t0",
        id="ascat-summary",
    ),
    pytest.param(
        "purple_2",
        "#chromosome\tstart\tend\tcopyNumber\tbafCount\tobservedBAF\tbaf\tsegmentStartSupport\tsegmentEndSupport\tmethod\tdepthWindowCount\tgcContent\tminStart\tmaxStart\tminorAllelePloidy\tmajorAllelePloidy",
        "5\t60000001\t150000000\t1.02\t500\t0.9\t0.98\tNONE\tNONE\tBAF_WEIGHTED\t10000\t0.4\t1\t1\t0.02\t1.0",
        id="purple-2",
    ),
    pytest.param(
        "freec",
        "chr\tstart\tend\tcopy number\tstatus\tgenotype\tuncertainty\tWilcoxonRankSumTestPvalue\tKolmogorovSmirnovPvalue",
        "5\t60000000\t150000000\t1\tloss\tA\t0.5\t1e-10\t1e-8",
        id="freec-with-p-values",
    ),
    pytest.param("freec", "5\t60000000\t150000000\t1\tloss", "8\t0\t100\t2\tneutral\tAB\t1", id="freec-without-header"),
    pytest.param("ascat_caveman", "1,5,60000001,150000000,2,1,1,0", "2,6,1,100,2,1,2,1", id="caveman"),
]


def losses(path: Path) -> list[Call]:
    reading = read(path, ReadOptions(build="GRCh38"))
    assert not reading.refused
    return [call for call in reading.records if isinstance(call, Call)]


@pytest.mark.parametrize(("name", "header", "row"), LOSSES)
def test_a_loss_of_5q(write: Write, name: str, header: str, row: str) -> None:
    path = write("segments.txt", header, row)
    assert read(path, ReadOptions(build="GRCh38")).format.name == name
    [call] = losses(path)
    assert isinstance(call.finding, CopyNumber)
    assert (call.finding.change, call.finding.chrom, call.finding.start, call.finding.end) == (
        Change.LOSS,
        "5",
        60_000_000,
        150_000_000,
    )


def test_the_fraction_of_facets_is_of_all_cells(write: Write) -> None:
    _, header, row = LOSSES[0].values
    [call] = losses(write("cncf.txt", header, row))
    [level] = [level for level in call.levels if level.quantity == "cell_fraction"]
    assert (level.value, level.denominator) == (Decimal("0.72"), "cells")


def test_a_neutral_row_of_freec_is_loss_of_heterozygosity_by_its_genotype(write: Write) -> None:
    path = write("s_CNVs", "17\t0\t22000000\t2\tneutral\tAA\t-1", "8\t0\t100\t3\tgain\tAAB\t1")
    assert [call.finding.change for call in losses(path)] == [Change.CN_LOH, Change.GAIN]


@pytest.mark.parametrize(
    ("header", "row", "message"),
    [
        pytest.param(
            "Chromosome\tStart\tRatio\tMedianRatio\tCopyNumber",
            "1\t1\t1.01\t1.0\t2",
            "Control-FREEC's windows",
            id="freec",
        ),
        pytest.param(
            "chromosome\tstart\tend\tgene\tlog2\tdepth\tweight", "1\t1\t9\t-\t0\t30\t0.9", "CNVkit's bins", id="cnr"
        ),
        pytest.param("chromosome\tstart\tend\tgene\tlog2\tdepth", "1\t1\t9\t-\t0\t30", "CNVkit's coverage", id="cnn"),
        pytest.param(
            "gene\tchromosome\tminCopyNumber\tmaxCopyNumber", "TP53\t17\t1\t1", "PURPLE's copies by gene", id="purple"
        ),
        pytest.param(
            "chr\tstart\tend\tratio\tzscore\ttype", "5\t1\t9\t-0.5\t-20\tloss", "WisecondorX", id="wisecondorx"
        ),
        pytest.param(
            "chr\tstart\tend\tS1.copy.number\tS1.event\tS1.logR\tS1.Corrected_Copy_Number",
            "1\t1\t9\t2\tNEUT\t0\t2",
            "ichorCNA's bins",
            id="ichorcna",
        ),
    ],
)
def test_bins_are_refused_by_name(write: Write, header: str, row: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read(write("bins.txt", header, row))
