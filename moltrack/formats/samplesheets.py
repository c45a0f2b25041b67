"""Files of nf-core pipelines that hold no results: recognised so that they are refused with the reason.

Source  nf-core/sarek 3, nf-core/rnafusion 4 and nf-core/oncoanalyser 2, usage documentation: sample sheets, JSON schemas of parameters;
        nf-test
"""

from __future__ import annotations

from collections.abc import Callable

from moltrack.formats.files import Head
from moltrack.formats.registry import Format, Sniff
from moltrack.model import Technique

#: Columns that name the input of a pipeline, not a result.
_READS = frozenset({"fastq_1", "fastq_2", "bam", "cram", "crai", "spring_1", "junctions"})

#: What is said of a sheet that names raw reads.
NAMES_READS = (
    "is a sample sheet of sequencing reads, which hold no result; ingest what the pipeline has made of them (VCF, fusions ...), "
    "each file or by a manifest of them."
)


def _names(head: Head) -> set[str]:
    return {name.lower() for name in head.header}


def is_result_sheet(head: Head) -> bool:
    """True for a table of samples with the VCFs that a pipeline has made."""
    return {"sample", "patient", "vcf"} <= _names(head)


def is_read_sheet(head: Head) -> bool:
    """True for a table of samples with the files that go into a pipeline (nf-core; oncoanalyser writes one file per row)."""
    names = _names(head)
    is_nf_core = "sample" in names and bool(names & _READS) and bool(names & {"patient", "strandedness", "fastq_1"})
    return (is_nf_core and not is_result_sheet(head)) or {"sample_id", "filetype", "filepath"} <= names


def is_schema(head: Head) -> bool:
    return head.text.lstrip().startswith("{") and '"$schema"' in head.text[:500]


def is_snapshot(head: Head) -> bool:
    if not head.text.lstrip().startswith("{"):
        return False
    return head.path.name.endswith(".nf.test.snap") or ('"nf-test"' in head.text and '"content"' in head.text)


def _format(name: str, title: str, is_own: Callable[[Head], bool], refuses: str) -> Format:
    return Format(
        name=name,
        title=title,
        family="pipelines",
        technique=Technique.UNKNOWN,
        sniff=lambda head: Sniff.CERTAIN if is_own(head) else Sniff.NO,
        versions="sarek 3, rnafusion 4, oncoanalyser 2",
        columns_source="nf-core documentation",
        refuses=refuses,
    )


FORMATS = (
    _format(
        "nfcore_samplesheet",
        "nf-core sample sheet of results",
        is_result_sheet,
        "is a sample sheet: it names files and holds no result; read the files it names with 'moltrack ingest --manifest'.",
    ),
    _format("nfcore_reads", "nf-core sample sheet of reads", is_read_sheet, NAMES_READS),
    _format("json_schema", "JSON schema", is_schema, "is a JSON schema: it describes parameters and holds no result."),
    _format(
        "nf_test_snapshot",
        "nf-test snapshot",
        is_snapshot,
        "is a snapshot of a pipeline's own test and holds no result.",
    ),
)
