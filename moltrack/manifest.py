"""Many files at once: a manifest is read, its files are read by workers, and one writer lands them.

Workers are local processes or a Dask cluster behind one seam (:class:`Executor`). Work goes out in chunks, because a process
or a task per small file costs many times the reading; only a few chunks are under way at once, so memory stays flat. A run
killed at any point and started again gives the same store: what had landed is found unchanged.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from moltrack import model
from moltrack.errors import InputError, MoltrackError
from moltrack.formats import ReadOptions
from moltrack.formats.clinical.described import phase_of, tissue_of
from moltrack.formats.dates import with_iso_dates
from moltrack.formats.files import LIMITS, Head, Limits, is_file
from moltrack.formats.samplesheets import NAMES_READS, is_read_sheet
from moltrack.formats.tables import MISSING, Row, normal_name, read_table
from moltrack.intake import Target, make_target, prepare
from moltrack.model import Landing
from moltrack.model.transport import travel_light

if TYPE_CHECKING:
    from moltrack.store import Landed, Store

travel_light(vars(model).values())

#: Column -> what it is; other spellings after the bar.
COLUMNS = {
    "path": "the file, relative to the manifest's folder | file, vcf, filename, datei",
    "patient": "patient id | patient_id, patienten_id",
    "sample": "sample id | sample_id, probe, probe_id, probennummer",
    "date": "when the sample was taken: 2021-05-12, 2021-05 | sample_date, datum, entnahmedatum",
    "day": "or days from an event",
    "from": "the event that day counts from | anchor",
    "order": "or the place in the sequence of samples",
    "tissue": "BM, PB, other | material",
    "phase": "diagnosis, pre_treatment, after_cycle(N), end_of_treatment, pre_hct, post_hct, follow_up, relapse, other",
    "label": "the laboratory's name of the time point",
    "assay": "assay id | variantcaller",
    "part": "tells apart files of one assay",
    "input_format": "format, when content does not tell | format",
    "tumor_sample": "sample column of a VCF",
    "build": "GRCh37 or GRCh38 | genome",
    "fasta": "reference FASTA",
    "genes": "myeloid, all or a file",
    "covers": "what was looked at, separated by spaces or ;",
    "lod": "limit of detection, for example vaf=2%",
    "loq": "limit of quantification",
    "cutoff": "highest value of negatives",
    "unit": "unit the file does not state",
    "decimal": "decimal sign the file leaves open",
}

_SYNONYMS = {
    spelling.strip(): name
    for name, text in COLUMNS.items()
    if "|" in text
    for spelling in text.partition("|")[2].split(",")
}

#: Other columns of pipeline sample sheets that say nothing about reading a result file.
_IGNORED = {normal_name(name) for name in ("note", "sex", "status", "lane", "comment")}

CHUNK = 16

#: Bytes of files handed over at once, unless one file alone is larger.
CHUNK_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Job:
    """One row of a manifest: a file and how to read it."""

    path: Path
    target: Target
    replace: bool
    line: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A job's landing, or the sentence that says why there is none."""

    job: Job
    landing: Landing | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: ``landed``, ``unchanged``, ``replaced`` or ``failed`` with its sentence."""

    job: Job
    status: str
    error: str = ""
    landed: Landed | None = None
    landing: Landing | None = None


def read_manifest(
    path: Path, *, allow_outside: bool = False, replace_existing: bool = False, limits: Limits = LIMITS
) -> list[Job]:
    """The jobs of a manifest.

    Raises
    ------
    FormatError, InputError
        A column is unknown, a value cannot be used, or a path leaves the manifest's folder (``..``, a link, an absolute
        path) while that is not allowed.
    """
    if is_read_sheet(Head.of(path)):
        raise InputError(NAMES_READS, path=path)
    table = read_table(path, required=["path"], synonyms=_SYNONYMS, comment="#", limits=limits)
    known = {normal_name(name) for name in COLUMNS}
    named = {normal_name(cell): cell for cell in table.header if cell}
    unknown = [
        cell
        for name, cell in named.items()
        if name not in known and name not in {normal_name(s) for s in _SYNONYMS} and name not in _IGNORED
    ]
    if unknown:
        raise InputError(
            f"has the unknown column '{unknown[0]}'.",
            path=path,
            line=table.header_line,
            advice=f"Columns are {', '.join(COLUMNS)}.",
        )
    if not table.rows:
        raise InputError("names no file.", path=path)
    folder = path.resolve().parent
    return [_job(row, folder, allow_outside, replace_existing, limits) for row in with_iso_dates(table.rows)]


def _job(row: Row, folder: Path, allow_outside: bool, replace_existing: bool, limits: Limits) -> Job:
    def text(column: str) -> str:
        value = row.raw(column)
        return "" if value.lower() in MISSING else value

    def within(name: str) -> Path:
        file = folder / name
        if "\\" in name and not is_file(file):
            raise InputError(
                f"'{name}' is written with \\.", advice="Write the path with /, as seen from the manifest."
            )
        try:
            inside = file.resolve().is_relative_to(folder)
        except (OSError, RuntimeError, ValueError):  # a name of NUL characters, links in a circle
            raise InputError(f"{name!r} cannot be the name of a file.") from None
        if not (inside or allow_outside):
            raise InputError(f"'{name}' lies outside the manifest's folder.", advice="Allow it with --allow-outside.")
        return file

    def file_or_word(name: str) -> str:
        """A column that takes a file or a word of ours (``genes``, ``covers``): the file, when the name looks like one."""
        is_path = "/" in name or Path(name).suffix in {".bed", ".gz"} or is_file(folder / name)
        return str(within(name)) if is_path else name

    try:
        file = within(row.need("path"))
        target = make_target(
            patient=text("patient"),
            sample=text("sample"),
            date=text("date"),
            day=text("day"),
            anchor=text("from"),
            order=row.count("order"),
            tissue=tissue_of(row, text("tissue")),
            phase=str(phase_of(text("phase"))) if text("phase") else "",
            label=text("label"),
            assay=text("assay"),
            part=text("part"),
            covers=[file_or_word(name) for name in text("covers").replace(";", " ").split()],
            lod=text("lod").replace(";", " ").split(),
            loq=text("loq").replace(";", " ").split(),
            cutoff=text("cutoff").replace(";", " ").split(),
            options=ReadOptions(
                input_format=text("input_format"),
                tumor_sample=text("tumor_sample"),
                build=text("build"),
                fasta=str(within(text("fasta"))) if text("fasta") else "",
                genes=file_or_word(text("genes") or "myeloid"),
                unit=text("unit"),
                decimal=row.raw("decimal") or None,
                limits=limits,
            ),
        )
    except InputError as error:
        raise InputError(error.message, path=row.path, line=row.line, advice=error.advice) from None
    return Job(file, target, replace_existing, row.line)


# --- workers ----------------------------------------------------------------------------------------------------------


class Executor(Protocol):
    """Runs ``function`` on chunks of jobs somewhere and yields the results in the order of the chunks."""

    def run(
        self, function: Callable[[Sequence[Job]], list[Prepared]], chunks: Sequence[Sequence[Job]]
    ) -> Iterator[list[Prepared]]: ...


def prepare_chunk(jobs: Sequence[Job]) -> list[Prepared]:
    """Read the files of some jobs; a bad file becomes a sentence, not a failure of the chunk."""
    prepared = []
    for job in jobs:
        try:
            prepared.append(Prepared(job, prepare(job.path, job.target, replace_existing=job.replace)))
        except MoltrackError as error:
            prepared.append(Prepared(job, None, str(error)))
    return prepared


class InProcess:
    """Everything in this process."""

    def run(
        self, function: Callable[[Sequence[Job]], list[Prepared]], chunks: Sequence[Sequence[Job]]
    ) -> Iterator[list[Prepared]]:
        for chunk in chunks:
            yield function(chunk)


class LocalProcesses:
    """A pool of local processes that are kept."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(
        self, function: Callable[[Sequence[Job]], list[Prepared]], chunks: Sequence[Sequence[Job]]
    ) -> Iterator[list[Prepared]]:
        from concurrent.futures import ProcessPoolExecutor
        from concurrent.futures.process import BrokenProcessPool
        from multiprocessing import get_context

        try:
            with ProcessPoolExecutor(self.workers, mp_context=get_context("spawn")) as pool:
                try:
                    yield from _in_order(lambda chunk: pool.submit(function, chunk), chunks, self.workers)
                except (BrokenProcessPool, BrokenPipeError):
                    # A worker that the pool started while it was ending the others is waited for without end
                    # (concurrent.futures of Python 3.11); no public name reaches it.
                    for process in list(pool._processes.values()):
                        process.kill()
                    raise
        except (BrokenProcessPool, BrokenPipeError):  # the pipe breaks when a process dies while it is being started
            raise MoltrackError("a reading process died.", advice=_AGAIN) from None


class DaskCluster:
    """Workers of a Dask cluster; files must be readable there under the same paths."""

    def __init__(self, address: str) -> None:
        self.address = address

    def run(
        self, function: Callable[[Sequence[Job]], list[Prepared]], chunks: Sequence[Sequence[Job]]
    ) -> Iterator[list[Prepared]]:
        from concurrent.futures import CancelledError

        try:
            from distributed import Client, KilledWorker
            from distributed.comm.core import CommClosedError
        except ImportError:
            raise InputError(
                "--dask needs the package distributed.", advice="Install it with: pip install 'moltrack[dask]'"
            ) from None
        try:
            client = Client(self.address, timeout="5s", set_as_default=False)  # type: ignore[no-untyped-call]
        except (OSError, ValueError, TimeoutError):
            raise InputError(f"no Dask scheduler answers at {self.address}.") from None
        with client:
            workers = len(client.scheduler_info(n_workers=-1)["workers"])
            if not workers:
                raise InputError(f"the Dask scheduler at {self.address} has no workers.", advice="Start some.")
            try:
                yield from _in_order(lambda chunk: client.submit(function, chunk, pure=False), chunks, workers)
            except KilledWorker:
                raise MoltrackError("a Dask worker died again and again.", advice=_AGAIN) from None
            except (CancelledError, CommClosedError):
                raise MoltrackError("the Dask scheduler has gone away.", advice=_AGAIN) from None


_AGAIN = "Start the same command again: what has landed is found unchanged."


class _Pending(Protocol):
    def result(self) -> list[Prepared]: ...


def _in_order(
    submit: Callable[[Sequence[Job]], _Pending], chunks: Sequence[Sequence[Job]], workers: int
) -> Iterator[list[Prepared]]:
    """Results in the order of the chunks, so that of two files that contradict each other it is always the later that fails.

    Two chunks per worker are under way or waiting for the writer, no more.
    """
    waiting = iter(chunks)
    pending = deque(submit(chunk) for chunk in islice(waiting, 2 * workers))
    while pending:
        result = pending.popleft().result()
        pending.extend(submit(chunk) for chunk in islice(waiting, 1))
        yield result


def executor(jobs: int = 1, dask: str = "") -> Executor:
    """The executor that the options ask for."""
    if dask:
        return DaskCluster(dask)
    return LocalProcesses(jobs) if jobs > 1 else InProcess()


def chunked(jobs: Sequence[Job], workers: int) -> Sequence[Sequence[Job]]:
    """Chunks small enough that every worker gets several, large enough that hand-over does not count; a large file is one alone."""
    most = max(1, min(CHUNK, -(-len(jobs) // (4 * workers))))
    chunks: list[list[Job]] = []
    room = 0
    for job in jobs:
        size = _size(job.path)
        if not chunks or len(chunks[-1]) == most or size > room:
            chunks.append([])
            room = CHUNK_BYTES
        chunks[-1].append(job)
        room -= size
    return chunks


def _size(path: Path) -> int:
    """Bytes of a file; 0 for one that its reader will complain about."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def run(store: Store, jobs: Sequence[Job], *, workers: int = 1, dask: str = "") -> Iterator[Outcome]:
    """Read the jobs' files on workers and land them one by one; yields what became of each.

    Files land in the order of the manifest, however many workers read them.
    """
    for prepared in executor(workers, dask).run(prepare_chunk, chunked(jobs, workers)):
        for item in prepared:
            yield _land(store, item)


def _land(store: Store, item: Prepared) -> Outcome:
    from moltrack.pipeline import land  # not above: workers only read, and start sooner without the database

    if item.landing is None:
        return Outcome(item.job, "failed", item.error)
    try:
        landed = land(store, item.landing)
    except MoltrackError as error:
        return Outcome(item.job, "failed", str(error), landing=item.landing)
    return Outcome(item.job, str(landed.status), landed=landed, landing=item.landing)
