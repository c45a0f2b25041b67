"""Segment tables of callers that need no more than the names of their columns.

=========  =====================================================================================================
FACETS     ``cncf.txt``: EM estimates of copies (``tcn.em``, ``lcn.em``); ``cf.em`` is a fraction of all cells; log ratios are
           relative to ``dipLogR``, which the table does not hold, and not read; chromosome 23 = X
Sequenza   ``segments.txt``: ``CNt`` copies, ``B`` those of the lesser allele, ``Bf`` its frequency
ichorCNA   ``.seg.txt`` (0.2 on) and ``.seg`` (before): whole copies of tumour cells and the log2 ratio
TITAN      ``segs.txt``: ``MinorCN``; ``Cellular_Prevalence`` is a fraction of tumour cells
scarHRD    its input: ``A_cn`` and ``B_cn``, whichever is larger
GDC        ``copy_number_segment``/``allelic_specific``: GRCh38, told by ``--build``
ASCAT      summary with ``Tumour TCN`` and ``Tumour BCN`` (BCN = lesser allele)
PURPLE 2   ``minorAllelePloidy``, since version 3 ``minorAlleleCopyNumber``
=========  =====================================================================================================

Build: none states it. Positions: 1-based, closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from moltrack.formats.copynumber.segments import SegmentTable, read_segments, table_format
from moltrack.formats.files import Head
from moltrack.formats.registry import ReadOptions
from moltrack.formats.tables import normal_name
from moltrack.model import Record


def _read_facets(path: Path, options: ReadOptions) -> Iterator[Record]:
    """``loc.start`` where the pipeline renamed it, else FACETS' own ``start``."""
    header = {normal_name(name) for name in Head.of(path).header}
    start, end = ("loc.start", "loc.end") if "locstart" in header else ("start", "end")
    columns = SegmentTable(
        "chrom",
        start,
        end,
        sample="ID" if "id" in header else "",
        total="tcn.em",
        minor="lcn.em",
        fraction="cf.em",
        fraction_of="cells",
    )
    yield from read_segments(path, options, columns, tool="FACETS")


FACETS = table_format(
    "facets",
    "FACETS",
    SegmentTable("chrom", "loc.start", "loc.end"),
    ("chrom", "cnlr.median", "mafR", "tcn.em", "lcn.em", "cf.em"),
    read=_read_facets,
    versions="0.5, 0.6",
    source="FACETS emcncf and facets-suite cncf.txt (github.com/mskcc/facets)",
)

SEQUENZA = table_format(
    "sequenza",
    "Sequenza",
    SegmentTable("chromosome", "start.pos", "end.pos", total="CNt", minor="B", baf="Bf"),
    ("chromosome", "start.pos", "end.pos", "depth.ratio", "CNt", "A", "B"),
    versions="2, 3",
    source="Sequenza segments.txt (CRAN, sequenza)",
)

ICHORCNA = table_format(
    "ichorcna",
    "ichorCNA segments",
    SegmentTable("chrom", "start", "end", sample="ID", total="copy.number", log2="seg.median.logR"),
    ("chrom", "start", "end", "seg.median.logR", "copy.number", "call"),
    versions="0.2 and later",
    source="ichorCNA seg.txt (github.com/broadinstitute/ichorCNA)",
)

ICHORCNA_OLD = table_format(
    "ichorcna_seg",
    "ichorCNA segments, before 0.2",
    SegmentTable("chr", "start", "end", total="copy.number", log2="median"),
    ("chr", "start", "end", "event", "copy.number", "bins", "median"),
    versions="0.1",
    source="ichorCNA .seg (github.com/broadinstitute/ichorCNA)",
)

TITAN = table_format(
    "titan",
    "TITAN segments",
    SegmentTable(
        "Chromosome",
        "Start_Position(bp)",
        "End_Position(bp)",
        sample="Sample",
        total="Copy_Number",
        minor="MinorCN",
        fraction="Cellular_Prevalence",
    ),
    ("Chromosome", "TITAN_state", "TITAN_call", "Copy_Number", "MinorCN"),
    versions="1.15 and later",
    source="TitanCNA segs.txt (github.com/gavinha/TitanCNA)",
)

SCARHRD = table_format(
    "scarhrd",
    "Allele-specific segments as scarHRD takes them",
    SegmentTable("Chromosome", "Start_position", "End_position", sample="SampleID", major="A_cn", minor="B_cn"),
    ("SampleID", "Chromosome", "Start_position", "End_position", "total_cn", "A_cn", "B_cn"),
    versions="the layout of its manual",
    source="scarHRD README (github.com/sztup/scarHRD)",
)

GDC = table_format(
    "gdc_allelic",
    "GDC allele-specific copy number",
    SegmentTable("Chromosome", "Start", "End", sample="GDC_Aliquot", total="Copy_Number", minor="Minor_Copy_Number"),
    ("GDC_Aliquot", "Chromosome", "Copy_Number", "Major_Copy_Number", "Minor_Copy_Number"),
    versions="data release 20 and later",
    source="GDC documentation, copy number variation pipeline",
)

ASCAT_SUMMARY = table_format(
    "ascat_summary",
    "ASCAT summary of tumour and normal copies",
    SegmentTable(
        "Chromosome", "Start Position", "End Position", sample="sample", total="Tumour TCN", minor="Tumour BCN"
    ),
    ("Chromosome", "Start Position", "End Position", "Tumour TCN", "Tumour BCN"),
    versions="cgpAscat",
    source="SigProfilerMatrixGenerator, copy number input ASCAT_NGS",
)

PURPLE_2 = table_format(
    "purple_2",
    "PURPLE, before version 3",
    SegmentTable("chromosome", "start", "end", total="copyNumber", minor="minorAllelePloidy", baf="baf"),
    ("copyNumber", "minorAllelePloidy", "segmentStartSupport"),
    versions="2",
    source="PURPLE cnv.somatic.tsv (github.com/hartwigmedical/hmftools)",
)
