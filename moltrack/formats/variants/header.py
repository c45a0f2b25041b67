"""What the header of a VCF says: samples, tool, build, tumour column, fields of annotators.

Only ``##`` lines with a meaning of their own are used. Declarations of INFO and FORMAT keys are not: they are often wrong or
absent, so rows are read by the keys they hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from moltrack import resources
from moltrack.errors import FormatError, InputError
from moltrack.formats.registry import ReadOptions

_REFSEQ = re.compile(r"NC_0000(\d\d)\.\d+")
_BUILD37 = re.compile(r"GRCh37|hg_?19|\bb37\b|hs37d5|g1k_v37|GRCh_37", re.IGNORECASE)
_BUILD38 = re.compile(r"GRCh38|hg_?38|\bb38\b|hs38|assembly38|GRCh_38", re.IGNORECASE)

#: Tool -> what its header holds, searched in this order: pipelines that rewrite a caller's file come before the callers.
_TOOLS: tuple[tuple[str, str], ...] = (
    ("SomaticSeq", r"##(?:source=)?SomaticSeq|ID=NUM_TOOLS,"),
    ("SAGE", r"##sageVersion="),
    ("TNscope", r"##SentieonCommandLine\.TNscope|##source=TNscope"),
    ("DRAGEN", r"##DRAGENCommandLine|##source=DRAGEN"),
    ("DeepSomatic", r"##source=DeepSomatic"),
    ("ClairS", r"##source=ClairS"),
    ("Clair3", r"##source=Clair3"),
    ("CaVEMan", r"##source=\"?CaVEMan|##vcfProcessLog=.*CaVEMan|InputVCFSource=<CaVEMan>"),
    ("cgpPindel", r"##source=\"?cgpPindel|##cgpAnalysisProc[^\n]*indel|##source_[\d.]+=Pindel"),
    ("Platypus", r"##source=Platypus"),
    ("Octopus", r"##octopus=|##source=octopus\b"),
    ("Lancet", r"##source=lancet"),
    ("CLC", r"##source=CLC "),
    ("TNhaplotyper2", r"##SentieonCommandLine\.TNhaplotyper2"),
    ("Mutect2", r"##source=Mutect2|##Mutect ?Version="),
    ("MuTect1", r"##MuTect=|##source=MuTect\b"),
    ("VarDict", r"##source=VarDict"),
    ("VarScan2", r"##source=VarScan"),
    ("LoFreq", r"##source=lofreq"),
    ("FreeBayes", r"##source=freeBayes"),
    ("Strelka2", r"##source=strelka"),
    ("MuSE", r"##MuSE_version"),
    ("RADIA", r"##source=\"?RADIA|algorithm=<RADIA>"),
    ("Scalpel", r"##source=scalpel"),
    ("Pindel", r"##source=pindel|InputVCFSource=\"pindel2vcf\""),
    ("Pisces", r"##source=Pisces"),
    ("Ion Torrent", r"##source=\"?tvc|##TorrentVariantCaller"),
    ("DeepVariant", r"##DeepVariant_version"),
    ("HaplotypeCaller", r"##source=HaplotypeCaller|GATKCommandLine[^\n]*ID=HaplotypeCaller"),
    ("bcftools", r"##bcftools_callVersion|##samtoolsVersion"),
)
_VERSIONS = {
    "SAGE": r"##sageVersion=(\S+)",
    "TNscope": r"Version=\"sentieon-genomics-([\w.]+)",
    "DRAGEN": r"SW: ([\d.]+)",
    "DeepSomatic": r"##source=DeepSomatic (\S+)",
    "DeepVariant": r"##DeepVariant_version=(\S+)",
    "ClairS": r"##clairs?_version=v?(\S+)",
    "Mutect2": r"ID=Mutect2[^\n]*?Version=\"?v?([\d.]+)",
    "VarDict": r"##source=VarDict(?:Java)?_v?([\d.]+)",
    "FreeBayes": r"##source=freeBayes v?(\S+)",
    "Strelka2": r"##source_version=(\S+)",
    "MuSE": r"##MuSE_version=\"?v?([\w.]+)",
    "RADIA": r"RADIA pipeline v?([\d.]+)",
    "Scalpel": r"##source=scalpel([\d.]+)",
    "bcftools": r"##bcftools_callVersion=([\d.]+)",
}
#: Tool -> FORMAT keys that only it writes, and keys that show another tool's hand; for headers that name no tool.
_KEYS: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    ("VarDict", frozenset({"VD", "ALD"}), frozenset({"F1R2"})),
    ("SomaticSniper", frozenset({"BCOUNT", "VAQ", "JGQ"}), frozenset({"AD"})),
    ("Strelka2", frozenset({"AU", "CU", "GU", "TU", "FDP"}), frozenset({"AD"})),
    ("Strelka2", frozenset({"TIR", "TAR"}), frozenset({"AD"})),
    ("MuTect1", frozenset({"AD", "BQ", "FA"}), frozenset({"VAQ", "DP4"})),
    ("VarScan2", frozenset({"RD", "AD", "FREQ"}), frozenset({"AF"})),
)
#: Symbols of callers of large events; their files belong to the readers of structural variants, ITDs and fusions.
_OTHER_READERS = re.compile(
    r"##source=.*(?:Manta|GenerateSVCandidates|DRAGEN_SV|CNVkit|Sniffles|LUMPY|SvABA|svaba|SAVANA|cuteSV|Severus|TIDDIT"
    r"|ITDseek|ScanITD|fusioncatcher)"
    r"|##gridssVersion|##esveeVersion|##EsveeVersion|EMBL\.DELLYv|##source=delly|##savana|##sniffles",
    re.IGNORECASE,
)


def tool_of_keys(formats: Iterable[str]) -> str:
    """The caller that writes these FORMAT columns, "" when they are of none or of several."""
    rows = [frozenset(text.split(":")) for text in formats]
    fits = {tool for tool, own, others in _KEYS if rows and all(own <= keys and not others & keys for keys in rows)}
    return fits.pop() if len(fits) == 1 else ""


@lru_cache(maxsize=4096)
def chromosome(name: str) -> str:
    """A contig's name as the vocabulary writes it: no ``chr``, X, Y and MT in capitals; RefSeq accessions resolved."""
    if match := _REFSEQ.fullmatch(name):
        number = int(match[1])
        return {23: "X", 24: "Y"}.get(number, str(number))
    if name.startswith("NC_012920"):
        return "MT"
    bare = name[3:] if name[:3].lower() == "chr" else name
    upper = bare.upper()
    return {"M": "MT", "MT": "MT", "X": "X", "Y": "Y"}.get(upper, bare)


def build_in(text: str) -> str:
    """The build that a text names (``hg19``, ``human_g1k_v37.fasta``, ``105_GRCh38``); "" when it names none or both."""
    is37, is38 = bool(_BUILD37.search(text)), bool(_BUILD38.search(text))
    if is37 == is38:
        return ""
    return "GRCh37" if is37 else "GRCh38"


@dataclass(frozen=True)
class Header:
    """The header of one VCF: its ``##`` lines (``text``), sample columns, and the line number of ``#CHROM``."""

    path: Path
    lines: tuple[str, ...]
    samples: tuple[str, ...]
    line: int

    @cached_property
    def text(self) -> str:
        return "\n".join(self.lines)

    @cached_property
    def tool(self) -> str:
        """The caller, "" when the header does not tell."""
        return next((tool for tool, pattern in _TOOLS if re.search(pattern, self.text, re.IGNORECASE)), "")

    @cached_property
    def tool_version(self) -> str:
        match = re.search(_VERSIONS[self.tool], self.text) if self.tool in _VERSIONS else None
        return match[1].strip('">,') if match else ""

    def values(self, key: str) -> tuple[str, ...]:
        """Values of ``##key=value`` lines, in the order of the file."""
        start = f"##{key}="
        return tuple(line[len(start) :].strip() for line in self.lines if line.startswith(start))

    @cached_property
    def contigs(self) -> Mapping[str, int]:
        """Contig -> length, where declared; names as the vocabulary writes them."""
        found: dict[str, int] = {}
        for value in self.values("contig"):
            name = re.search(r"ID=([^,>]+)", value)
            length = re.search(r"length=(\d+)", value)
            if name and length:
                found[chromosome(name[1])] = int(length[1])
        return found

    def fields_of(self, key: str) -> tuple[str, ...]:
        """Names of the ``|``-joined fields that an annotator's INFO key holds, from its description; () when undeclared."""
        return self._fields.get(key, ())

    @cached_property
    def _fields(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for line in self.lines:
            key = re.match(r"##INFO=<ID=([^,]+),", line)
            described = re.search(r"(?:Format|fields are|Effect)[^:|]*:\s*'?([^\">]+)", line, re.IGNORECASE)
            if key and described and "|" in described[1]:
                found[key[1]] = tuple(name.strip(" '\"()[]") for name in described[1].split("|"))
        return found

    @property
    def is_for_another_reader(self) -> bool:
        return bool(_OTHER_READERS.search(self.text))


def parse_header(path: Path, lines: Iterable[str]) -> Header:
    """The header from its lines (up to and with ``#CHROM``, or all there are).

    Raises
    ------
    FormatError
        There is no ``#CHROM`` line, or it is not one.
    """
    meta: list[str] = []
    number = 0
    for number, line in enumerate(lines, start=1):
        text = line.rstrip("\r\n").lstrip("\ufeff")
        if text.startswith("##") or not text.strip():
            meta.append(text)
            continue
        if text.startswith("#"):
            cells = text.lstrip("#").split("\t")
            if [cell.upper() for cell in cells[:5]] != ["CHROM", "POS", "ID", "REF", "ALT"] or len(cells) < 8:
                raise FormatError(
                    "is not the column line of a VCF (#CHROM POS ID REF ALT QUAL FILTER INFO, separated by tabs).",
                    path=path,
                    line=number,
                )
            return Header(path, tuple(meta), tuple(cells[9:]), number)
        break
    raise FormatError(
        "has no #CHROM line, so its columns are unknown.",
        path=path,
        line=number or None,
        advice="Copy the file again with its whole header.",
    )


# --- build ------------------------------------------------------------------------------------------------------------


def header_build(header: Header) -> tuple[str, str]:
    """Build and the evidence for it, in order of trust: contig lengths, reference and assembly texts, VEP's cache."""
    if build := resources.build_of_contigs(header.contigs):
        return build, "contig lengths"
    for key in ("reference", "assembly", "contig", "VEP", "cmdline", "commandline", "source"):
        named = {build for value in header.values(key) if (build := build_in(value))}
        if len(named) == 1:
            return named.pop(), f"##{key}"
    for line in header.lines:
        if line.startswith(("##GATKCommandLine", "##SnpEffCmd", "##DRAGENCommandLine", "##SentieonCommandLine")) and (
            build := build_in(line)
        ):
            return build, line[2:].split("=", 1)[0]
    return "", ""


def checked_build(path: Path, found: str, evidence: str, stated: str) -> tuple[str, str]:
    """The build to use, from the file's own word and the user's.

    Raises
    ------
    InputError
        They contradict each other.
    """
    if found and stated and found != stated:
        raise InputError(
            f"is on {found} by its {evidence}, but --build says {stated}.",
            path=path,
            advice="Leave --build out, or name the right file.",
        )
    if found:
        return found, evidence
    return stated, "--build" if stated else ""


# --- tumour column ----------------------------------------------------------------------------------------------------

_TUMOR_WORDS = frozenset({"tumor", "tumour", "primary"})
_NORMAL_WORDS = frozenset({"normal", "germline", "control", "blood", "reference"})


@dataclass(frozen=True, slots=True)
class TumorColumn:
    """Which sample column is the patient's: 0-based ``index``, None for a VCF without samples."""

    index: int | None
    name: str = ""
    evidence: str = ""


def tumor_column(header: Header, options: ReadOptions) -> TumorColumn:
    """The column that holds the patient's tumour sample; the order of columns is never taken as a hint.

    Raises
    ------
    FormatError
        Several columns and nothing that tells the tumour, or an option that names none of them.
    """
    samples = header.samples
    if options.tumor_sample:
        return _by_option(header, options.tumor_sample)
    if not samples:
        return TumorColumn(None)
    if len(samples) == 1:
        return TumorColumn(0, samples[0], "the only sample column")
    for candidates, evidence in (
        (_declared(header), "header"),
        (_by_word(samples), "column name"),
        (_by_letter(samples, header.tool), "column name"),
        (_by_barcode(samples), "TCGA barcode"),
    ):
        if len(candidates) == 1:
            index = candidates[0]
            return TumorColumn(index, samples[index], evidence)
    raise FormatError(
        f"has {len(samples)} sample columns ({', '.join(samples[:8])}{', ...' if len(samples) > 8 else ''}) and does not say which is the tumour.",
        path=header.path,
        line=header.line,
        advice="Name it with --tumor-sample.",
    )


def _by_option(header: Header, wanted: str) -> TumorColumn:
    samples = header.samples
    if wanted in samples:
        return TumorColumn(samples.index(wanted), wanted, "--tumor-sample")
    if wanted.isdigit() and 1 <= int(wanted) <= len(samples):
        return TumorColumn(int(wanted) - 1, samples[int(wanted) - 1], "--tumor-sample")
    there = f"its sample columns are {', '.join(samples[:20])}" if samples else "it has no sample column"
    raise FormatError(
        f"has no sample column '{wanted}'; {there}.",
        path=header.path,
        line=header.line,
        advice="Correct --tumor-sample.",
    )


def _declared(header: Header) -> list[int]:
    """Columns that the header calls the tumour's, or all that it does not call normal."""
    samples = header.samples
    tumors = {value.strip('"') for value in header.values("tumor_sample")}
    normals = {value.strip('"') for value in header.values("normal_sample")}
    for value in header.values("SAMPLE"):
        name = re.search(r"ID=([^,>]+)", value)
        kind = re.search(r"IsTumor=(yes|no)|Genomes=(Tumor|Germline)\b", value)
        if name and kind:
            (tumors if kind[1] == "yes" or kind[2] == "Tumor" else normals).add(name[1])
    for value in header.values("PEDIGREE"):
        if pair := re.search(r"(?:Derived|ID)=([^,>]+),Original=([^,>]+)", value):
            tumors.add(pair[1])
            normals.add(pair[2])
    for value in header.values("DRAGENCommandLine"):
        tumors.update(_dragen_samples(value, "--RGSM-tumor|--tumor-fastq-list-sample-id", "--tumor-(?:bam|cram)-input"))
        normals.update(_dragen_samples(value, "--RGSM|--fastq-list-sample-id", "--(?:bam|cram)-input"))
    named = [i for i, sample in enumerate(samples) if sample in tumors]
    if named or not normals.intersection(samples):
        return named
    return [i for i, sample in enumerate(samples) if sample not in normals]


def _dragen_samples(command: str, named: str, files: str) -> Iterator[str]:
    """Samples of a DRAGEN command line: named by an option, or by an input file called like the sample."""
    for match in re.finditer(rf"(?<=[\s\"])(?:{named})[ =]([^\s\"]+)", command):
        yield match[1]
    for match in re.finditer(rf"(?<=[\s\"])(?:{files})[ =]([^\s\"]+)", command):
        yield re.sub(r"\.(?:bam|cram)$", "", match[1].rpartition("/")[2])


def _by_word(samples: tuple[str, ...]) -> list[int]:
    """Columns called TUMOR, or DNA_TUMOR beside RNA_TUMOR, or the one beside a column called NORMAL."""
    words = [set(re.split(r"[^a-z]+", sample.lower())) for sample in samples]
    tumors = [i for i, word in enumerate(words) if word & _TUMOR_WORDS and not word & _NORMAL_WORDS]
    if len(tumors) > 1:
        tumors = [i for i in tumors if "rna" not in words[i]]
    if tumors:
        return tumors
    normals = [i for i, word in enumerate(words) if word & _NORMAL_WORDS]
    return [1 - normals[0]] if len(samples) == 2 and len(normals) == 1 else []


_BARCODE = re.compile(r"(?:TCGA|TARGET)-\w\w-\w+-(\d\d)[A-Z].*")


def _by_barcode(samples: tuple[str, ...]) -> list[int]:
    """Columns with the sample type of a tumour in the barcode of TCGA or TARGET: 01 to 09, beside normals (10 to 19)."""
    codes = [_BARCODE.fullmatch(sample) for sample in samples]
    return [i for i, code in enumerate(codes) if code and int(code[1]) < 10] if all(codes) else []


def _by_letter(samples: tuple[str, ...], tool: str) -> list[int]:
    """Two names that differ in one letter: T and N; T and R for the tools that write ``COLO829v003T`` and ``..R``."""
    if len(samples) != 2 or len(samples[0]) != len(samples[1]):
        return []
    differing = [(a, b) for a, b in zip(*samples, strict=True) if a != b]
    normal = {"N", "R"} if tool == "SAGE" else {"N"}
    if len(differing) != 1:
        return []
    first, second = differing[0]
    if first == "T" and second in normal:
        return [0]
    return [1] if second == "T" and first in normal else []
