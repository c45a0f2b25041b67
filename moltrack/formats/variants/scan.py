"""The lines of a VCF that lie in wanted regions, quickly.

With a tabix or CSI index the merged spans of the regions are fetched. Without one the file is unpacked block by block and only
CHROM and POS of each line are looked at; the few lines near a region are then tested for overlap, so both ways give the same
records. A BCF is read through htslib.
"""

from __future__ import annotations

import gzip
import re
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeAlias, cast

from moltrack.errors import FormatError
from moltrack.formats.files import Limits, open_checked
from moltrack.formats.variants.header import Header, chromosome, parse_header

#: A line as the file has it and its 1-based number; 0 = not known (fetched through an index, or from a BCF).
Line: TypeAlias = tuple[int, str]

_BLOCK = 1 << 20
_HEADER_BLOCK = 1 << 16
#: Spans nearer than this are fetched as one: a seek costs more than the records between.
_MERGE_GAP = 20_000
#: A record may begin this many bases before a region and still reach into it (long deletions, gVCF blocks).
_REACH = 1_000_000
_END = re.compile(r"(?:^|;)END=(\d+)")
#: The empty block that ends every complete bgzip file.
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


@dataclass(frozen=True, slots=True)
class Region:
    """A wanted stretch; ``start``, ``end`` 0-based half-open."""

    chrom: str
    start: int
    end: int


@dataclass(frozen=True)
class Wanted:
    """Regions by chromosome, merged where they touch."""

    spans: dict[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, regions: Iterable[Region]) -> Wanted:
        by_chrom: dict[str, list[tuple[int, int]]] = {}
        for region in sorted(regions, key=lambda r: (r.chrom, r.start, r.end)):
            spans = by_chrom.setdefault(region.chrom, [])
            if spans and region.start <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(spans[-1][1], region.end))
            else:
                spans.append((region.start, region.end))
        return cls({chrom: tuple(spans) for chrom, spans in by_chrom.items()})

    def overlaps(self, chrom: str, start: int, end: int) -> bool:
        """True when the stretch shares a base with a region; an empty stretch counts as the base after it."""
        spans = self.spans.get(chrom, ())
        index = bisect_right(spans, (start, 1 << 60)) - 1
        if index >= 0 and spans[index][1] > start:
            return True
        return index + 1 < len(spans) and spans[index + 1][0] < max(end, start + 1)

    def clipped(self, chrom: str, start: int, end: int) -> list[tuple[int, int]]:
        """The parts of the stretch that lie in regions."""
        return [
            (max(start, low), min(end, high)) for low, high in self.spans.get(chrom, ()) if low < end and high > start
        ]

    def merged(self, chrom: str) -> list[tuple[int, int]]:
        """Spans of a chromosome with gaps up to 20 kb closed, to be fetched in one go."""
        merged: list[tuple[int, int]] = []
        for start, end in self.spans.get(chrom, ()):
            if merged and start - merged[-1][1] <= _MERGE_GAP:
                merged[-1] = (merged[-1][0], end)
            else:
                merged.append((start, end))
        return merged

    def gap_around(self, chrom: str, pos: int) -> tuple[int, int]:
        """The open interval of 1-based positions around ``pos`` where no record can reach a region; (0, 0) if there is none."""
        spans = self.spans.get(chrom, ())
        index = bisect_right(spans, (pos - 1, 1 << 60)) - 1
        low = spans[index][1] if index >= 0 else -1
        high = spans[index + 1][0] + 1 - _REACH if index + 1 < len(spans) else 1 << 60
        return (low, high) if low < pos < high else (0, 0)


def record_end(fields: list[str]) -> int:
    """0-based exclusive end of a record: of REF, or of INFO/END or FORMAT/LEN where an allele is symbolic (gVCF blocks)."""
    start = int(fields[1]) - 1
    end = start + len(fields[3])
    if "<" in fields[4] or fields[4] == ".":
        match = _END.search(fields[7]) if len(fields) > 7 else None
        if match:
            end = max(end, int(match[1]))
        elif "<*>" in fields[4]:
            end = max(end, start + _longest_block(fields))
    return end


def _longest_block(fields: list[str]) -> int:
    """FORMAT/LEN, by which VCF 4.5 states the length of a sample's block; the longest of all samples, 0 without."""
    keys, *samples = "\t".join(fields[8:]).split("\t")
    if "LEN" not in keys.split(":"):
        return 0
    place = keys.split(":").index("LEN")
    cells = [sample.split(":") for sample in samples]
    return max((int(cell[place]) for cell in cells if len(cell) > place and cell[place].isdecimal()), default=0)


def is_wanted(text: str, wanted: Wanted) -> bool:
    """True when the line's record overlaps a region, or is too damaged to tell (its reader refuses it with its reason)."""
    fields = text.split("\t", 8)
    try:
        return wanted.overlaps(chromosome(fields[0]), int(fields[1]) - 1, record_end(fields))
    except (IndexError, ValueError):
        return True


# --- opening ----------------------------------------------------------------------------------------------------------


@dataclass
class VcfLines:
    """An open VCF: its header, and its record lines to be iterated once.

    ``rows`` is the number of records seen, None when an index spared looking at all of them.
    """

    header: Header
    lines: Iterator[Line]
    rows: int | None = 0
    notes: tuple[str, ...] = ()


#: Gives the lines in wanted regions; None = all lines.
LinesIn: TypeAlias = Callable[[Wanted | None], VcfLines]


def open_vcf(path: Path, limits: Limits) -> tuple[Header, LinesIn]:
    """The header of a VCF or BCF, and a function that gives the lines in wanted regions (None = all).

    Raises
    ------
    FormatError
        Not a VCF, truncated or damaged.
    """
    with open_checked(path) as raw:
        magic = raw.read(18)
    if b"BCF" in (magic[:3], _first_bytes(path, 3)):
        return _open_bcf(path)
    with _beginning(path, magic) as stream:
        header = parse_header(path, _header_lines(stream, path, limits))

    def lines(wanted: Wanted | None) -> VcfLines:
        index = _index_of(path, magic) if wanted is not None else None
        if wanted is not None and index is not None and (fetched := _fetched(path, index, header, wanted)) is not None:
            return fetched
        notes = ("its bgzip end marker is missing: it may have been cut off",) if _lacks_end(path, magic) else ()
        opened = VcfLines(header, iter(()), 0, notes)
        opened.lines = _scanned(path, magic, header, wanted, limits, opened)
        return opened

    return header, lines


def _first_bytes(path: Path, count: int) -> bytes:
    try:
        with gzip.open(path) as packed:
            return packed.read(count)
    except (OSError, EOFError, zlib.error):
        return b""


def _beginning(path: Path, magic: bytes) -> IO[bytes]:
    """For the header: nothing is unpacked ahead."""
    return cast("IO[bytes]", gzip.open(path) if magic[:2] == b"\x1f\x8b" else path.open("rb"))


def _unpacked(path: Path, magic: bytes) -> IO[bytes]:
    if magic[:2] != b"\x1f\x8b":
        return cast("IO[bytes]", path.open("rb"))
    from isal import igzip_threaded

    return cast("IO[bytes]", igzip_threaded.open(path, "rb", threads=1, block_size=_BLOCK))  # type: ignore[no-untyped-call]


def _packed_errors(path: Path, error: Exception) -> FormatError:
    if isinstance(error, EOFError):
        return FormatError("is a truncated gzip file.", path=path, advice="Copy it again; its end is missing.")
    return FormatError(f"is a damaged gzip file ({error}).", path=path, advice="Copy it again.")


def _blocks(stream: IO[bytes], path: Path, size: int = _BLOCK) -> Iterator[bytes]:
    try:
        while block := stream.read(size):
            yield block
    except (EOFError, OSError, zlib.error) as error:
        raise _packed_errors(path, error) from None
    except Exception as error:  # isal has an exception class of its own
        if type(error).__module__.startswith(("isal", "igzip")):
            raise _packed_errors(path, error) from None
        raise


def _header_lines(stream: IO[bytes], path: Path, limits: Limits) -> Iterator[str]:
    """Lines up to the first that does not begin with ``#``."""
    rest = b""
    for block in _blocks(stream, path, _HEADER_BLOCK):
        rest += block
        if b"\x00" in rest:
            raise FormatError("is a binary file of no known format.", path=path)
        if b"\n" not in rest and b"\r" in rest[:-1]:
            raise FormatError(
                "has lone CR line ends, which no VCF may have.", path=path, advice="Convert its line ends to LF."
            )
        *whole, rest = rest.split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace")
            if line[:1] not in (b"#", b"", b"\r", b"\xef"):
                return
        if len(rest) > limits.line_chars:
            raise FormatError(f"has a line of more than {limits.line_chars:,} characters.", path=path)
    if rest:
        yield rest.decode("utf-8", "replace")


def text_lines(path: Path, limits: Limits) -> Iterator[Line]:
    """Lines of a plain or gzipped text file with their numbers, streamed.

    Raises
    ------
    FormatError
        Truncated or damaged gzip, or a line beyond the limit.
    """
    with open_checked(path) as raw:
        magic = raw.read(18)
    rest, number = b"", 0
    with _unpacked(path, magic) as stream:
        for block in _blocks(stream, path):
            *lines, rest = (rest + block).split(b"\n")
            if len(rest) > limits.line_chars:
                raise FormatError(f"has a line of more than {limits.line_chars:,} characters.", path=path)
            for line in lines:
                number += 1
                yield number, line.decode("utf-8", "replace").rstrip("\r")
    if rest:
        yield number + 1, rest.decode("utf-8", "replace").rstrip("\r")


# --- block scan -------------------------------------------------------------------------------------------------------


def _scanned(
    path: Path, magic: bytes, header: Header, wanted: Wanted | None, limits: Limits, opened: VcfLines
) -> Iterator[Line]:
    """All lines after the header, or those in wanted regions, with their numbers."""
    keep = _every_line if wanted is None else _Picker(wanted).pick
    number = 0  # lines before this block
    rest = b""
    skip = header.line
    with _unpacked(path, magic) as stream:
        for block in _blocks(stream, path):
            block = rest + block
            end = block.rfind(b"\n") + 1
            rest = block[end:]
            if len(rest) > limits.line_chars:
                raise FormatError(f"has a line of more than {limits.line_chars:,} characters.", path=path)
            if end:
                seen, lines = keep(block, end, number, skip)
                number = seen
                yield from lines
                opened.rows = max(number - skip, 0)
    if rest.strip():
        _, lines = keep(rest + b"\n", len(rest) + 1, number, skip)
        opened.rows = max(number + 1 - skip, 0)
        yield from lines


def _every_line(block: bytes, end: int, number: int, skip: int) -> tuple[int, list[Line]]:
    lines = block[:end].decode("utf-8", "replace").split("\n")[:-1]
    found = [(n, line.rstrip("\r")) for n, line in enumerate(lines, start=number + 1) if n > skip and line.strip()]
    return number + len(lines), found


class _Picker:
    """Looks at CHROM and POS of each line and decodes the lines that can matter.

    It remembers the chromosome of the last line and the gap between regions that the last position fell into, so that most lines
    cost one comparison. Nothing is assumed about the order of lines.
    """

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.prefix = b"\x00"  # CHROM and its tab; matches no line yet
        self.chrom = ""
        self.gap = (0, 0)

    def pick(self, block: bytes, end: int, number: int, skip: int) -> tuple[int, list[Line]]:
        wanted, found = self.wanted, []
        find, startswith = block.find, block.startswith
        prefix, (low, high) = self.prefix, self.gap
        after = len(prefix)
        start = 0
        while start < end:
            number += 1
            stop = find(b"\n", start, end)
            if not startswith(prefix, start):
                tab = find(b"\t", start, stop)
                if tab < 0 or number <= skip:
                    if number > skip and block[start:stop].strip():
                        found.append((number, block[start:stop].decode("utf-8", "replace").rstrip("\r")))
                    start = stop + 1
                    continue
                prefix = block[start : tab + 1]
                after = len(prefix)
                self.chrom = chromosome(prefix[:-1].decode("utf-8", "replace"))
                low = high = 0
            try:
                pos = int(block[start + after : find(b"\t", start + after, stop)])
            except ValueError:
                pos = -1
            if not low < pos < high:
                low, high = wanted.gap_around(self.chrom, pos)
                if not low < pos < high:
                    text = block[start:stop].decode("utf-8", "replace").rstrip("\r")
                    if pos < 0 or is_wanted(text, wanted):
                        found.append((number, text))
            start = stop + 1
        self.prefix, self.gap = prefix, (low, high)
        return number, found


# --- index and BCF ----------------------------------------------------------------------------------------------------


def _is_bgzf(magic: bytes) -> bool:
    return magic[:4] == b"\x1f\x8b\x08\x04" and magic[12:14] == b"BC"


def _lacks_end(path: Path, magic: bytes) -> bool:
    if not _is_bgzf(magic):
        return False
    with path.open("rb") as raw:
        raw.seek(max(path.stat().st_size - len(BGZF_END), 0))
        return raw.read() != BGZF_END


def _index_of(path: Path, magic: bytes) -> Path | None:
    """The tabix or CSI index beside a bgzip file; one older than its file may miss records and is not used."""
    if not _is_bgzf(magic) or _lacks_end(path, magic):
        return None
    for suffix in (".tbi", ".csi"):
        index = path.with_name(path.name + suffix)
        if index.is_file() and index.stat().st_mtime >= path.stat().st_mtime:
            return index
    return None


def _fetched(path: Path, index: Path, header: Header, wanted: Wanted) -> VcfLines | None:
    """Lines of the wanted regions through the index; None when the index cannot be used."""
    import pysam

    pysam.set_verbosity(0)
    try:
        table = pysam.TabixFile(str(path), index=str(index), encoding="latin-1")
        contigs = list(table.contigs)
    except (OSError, ValueError):
        return None
    return VcfLines(header, _tabix_lines(table, contigs, path, wanted), None if contigs else 0)


def _tabix_lines(table: object, contigs: list[str], path: Path, wanted: Wanted) -> Iterator[Line]:
    fetch = table.fetch  # type: ignore[attr-defined]
    try:
        for contig in contigs:
            chrom, begin, previous = chromosome(contig), len(contig) + 1, -1
            for start, end in wanted.merged(chrom):
                for text in fetch(contig, start, end):
                    first = int(text[begin : text.index("\t", begin)]) - 1
                    # A record that reaches from the span before into this one has been given with that span.
                    if first < previous:
                        continue
                    if not text.isascii():
                        text = text.encode("latin-1").decode("utf-8", "replace")
                    text = text.rstrip("\r")
                    if wanted.overlaps(chrom, first, first + 1) or is_wanted(text, wanted):
                        yield 0, text
                previous = end
    except (OSError, ValueError) as error:
        raise FormatError(
            f"cannot be read through its index ({error}).", path=path, advice="Copy both again, or delete the index."
        ) from None


def _open_bcf(path: Path) -> tuple[Header, LinesIn]:
    import pysam

    pysam.set_verbosity(0)
    try:
        with pysam.VariantFile(str(path)) as file:
            header = parse_header(path, str(file.header).splitlines())
    except (OSError, ValueError) as error:
        raise FormatError(f"is a damaged BCF file ({error}).", path=path, advice="Copy it again.") from None

    def lines(wanted: Wanted | None) -> VcfLines:
        opened = VcfLines(header, iter(()), 0)
        opened.lines = _bcf_lines(path, wanted, opened)
        return opened

    return header, lines


def _bcf_lines(path: Path, wanted: Wanted | None, opened: VcfLines) -> Iterator[Line]:
    import pysam

    indexed = any(path.with_name(path.name + suffix).is_file() for suffix in (".csi", ".tbi"))
    try:
        with pysam.VariantFile(str(path)) as file:
            if wanted is None or not indexed:
                count = 0
                for record in file:
                    count += 1
                    if wanted is None or wanted.overlaps(chromosome(record.chrom), record.start, record.stop):
                        yield 0, str(record).rstrip("\n")
                opened.rows = count
                return
            opened.rows = None
            for contig in map(str, file.header.contigs):
                previous = -1
                for start, end in wanted.merged(chromosome(contig)):
                    for record in file.fetch(contig, start, end):
                        if record.start >= previous and wanted.overlaps(chromosome(contig), record.start, record.stop):
                            yield 0, str(record).rstrip("\n")
                    previous = end
    except (OSError, ValueError) as error:
        raise FormatError(f"is a damaged BCF file ({error}).", path=path, advice="Copy it again.") from None
