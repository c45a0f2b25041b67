"""Files of copy-number callers that hold bins, or genes, and no segments: recognised, and told which file to take instead."""

from __future__ import annotations

from collections.abc import Callable

from moltrack.formats.files import Head
from moltrack.formats.registry import Format, Sniff
from moltrack.model import Technique


def _by_columns(columns: tuple[str, ...], without: tuple[str, ...]) -> Callable[[Head], Sniff]:
    def sniff(head: Head) -> Sniff:
        is_it = head.has_columns(*columns) and not any(head.has_columns(name) for name in without)
        return Sniff.CERTAIN if is_it else Sniff.NO

    return sniff


def _refused(name: str, title: str, columns: tuple[str, ...], why: str, *, without: tuple[str, ...] = ()) -> Format:
    return Format(
        name,
        title,
        "copynumber",
        Technique.DNA_SEQUENCING,
        _by_columns(columns, without),
        versions="files of the tool",
        columns_source="documentation of the tool",
        refuses=why,
    )


BINS = (
    _refused(
        "cnvkit_bins",
        "CNVkit bins (.cnr)",
        ("chromosome", "start", "end", "gene", "log2", "weight"),
        "holds CNVkit's bins before segmentation; ingest the .call.cns or .cns beside it.",
        without=("probes",),
    ),
    _refused(
        "cnvkit_coverage",
        "CNVkit coverage (.cnn)",
        ("chromosome", "start", "end", "gene", "log2", "depth"),
        "holds CNVkit's coverage before segmentation; ingest the .call.cns or .cns beside it.",
        without=("probes", "weight"),
    ),
    _refused(
        "freec_ratio",
        "Control-FREEC ratios",
        ("Chromosome", "Start", "Ratio", "MedianRatio", "CopyNumber"),
        "holds Control-FREEC's windows; ingest the _CNVs file beside it.",
    ),
    _refused(
        "purple_gene",
        "PURPLE copy number by gene",
        ("gene", "minCopyNumber", "maxCopyNumber"),
        "holds PURPLE's copies by gene; ingest the purple.cnv.somatic.tsv beside it, which holds the segments.",
    ),
    _refused(
        "wisecondorx_bins",
        "WisecondorX bins",
        ("chr", "start", "end", "id", "ratio", "zscore"),
        "holds WisecondorX's bins; ingest a file of segments, as SEG with the columns ID, chrom, loc.start, loc.end, seg.mean.",
    ),
    _refused(
        "wisecondorx",
        "WisecondorX aberrations",
        ("chr", "start", "end", "ratio", "zscore", "type"),
        "is a WisecondorX list, whose ratios are not read; rename its columns to ID, chrom, loc.start, loc.end, seg.mean (SEG).",
    ),
)


def _sniff_ichor(head: Head) -> Sniff:
    names = [name.rsplit(".", 1)[-1] for name in head.header]
    is_it = head.header[:3] == ("chr", "start", "end") and "Corrected_Copy_Number" in names and "logR" in names
    return Sniff.CERTAIN if is_it else Sniff.NO


ICHORCNA_BINS = Format(
    "ichorcna_bins",
    "ichorCNA bins (cna.seg)",
    "copynumber",
    Technique.DNA_SEQUENCING,
    _sniff_ichor,
    versions="0.2 and later",
    columns_source="ichorCNA cna.seg (github.com/broadinstitute/ichorCNA)",
    refuses="holds ichorCNA's bins; ingest the .seg.txt beside it.",
)
