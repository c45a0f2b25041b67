"""A store on each database, records with short spellings, and a small derivation.

PostgreSQL runs as a private server of an ordinary user (it refuses root) on a socket in a temporary folder.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest

from moltrack.model import (
    Call,
    Landing,
    Marker,
    MarkerKind,
    Normalized,
    Observation,
    Origin,
    OverrideAction,
    PatientInfo,
    PatientInput,
    Printed,
    Run,
    RunRecords,
    SampleInfo,
    SmallVariant,
    Source,
    Status,
    Technique,
    Time,
    Tissue,
)
from moltrack.store import Store

Derive = Callable[[PatientInput], Normalized]


def _derive(inputs: PatientInput) -> Normalized:
    """One marker per gene, one observation per call; a voided one is not evaluable."""
    tissues = {info.sample: info.tissue for info in inputs.samples}
    techniques = {assay.id: assay.technique for assay in inputs.assays}
    void = {override.target for override in inputs.overrides if override.action is OverrideAction.VOID}
    genes: dict[str, Marker] = {}
    observations = []
    for item in inputs.runs:
        run = item.run
        for call in item.calls:
            assert isinstance(call.finding, SmallVariant)
            gene = call.finding.gene
            genes[gene] = Marker(gene, MarkerKind.SMALL_VARIANT, gene, genes=(gene,))
            is_void = f"{run.sample}/{run.assay}/{gene}" in void
            assert call.levels[0].value is not None
            observations.append(
                Observation(
                    run.patient,
                    run.sample,
                    gene,
                    run.assay,
                    techniques.get(run.assay, run.technique),
                    tissues[run.sample],
                    Status.NOT_EVALUABLE if is_void else Status.DETECTED,
                    part=run.part,
                    quantity="vaf",
                    level=float(call.levels[0].value) / 100,
                    printed=call.levels[0].text,
                    counts=call.counts,
                    origins=(Origin(run.file, call.line, run.sha256),),
                )
            )
    return Normalized(tuple(genes.values()), tuple(observations))


@pytest.fixture
def derive() -> Derive:
    return _derive


class Make:
    """Records with short spellings; the content of a file is its name and what it holds."""

    def call(self, gene: str = "NPM1", vaf: str = "12.5", *, line: int = 7, pos: int = 171410539) -> Call:
        variant = SmallVariant("GRCh38", "5", pos, "C", "CTCTG", gene=gene)
        return Call(variant, line, levels=(Printed("vaf", Decimal(vaf), "%", f"{vaf} %"),))

    def landing(
        self,
        patient: str = "P01",
        sample: str = "S1",
        *calls: Call,
        assay: str = "mutect2",
        part: str = "",
        file: str = "a.vcf",
        content: str = "",
        options: str = "{}",
        date: str = "",
        tissue: Tissue = Tissue.UNKNOWN,
        aliases: tuple[str, ...] = (),
        replace: bool = False,
    ) -> Landing:
        sha256 = hashlib.sha256(f"{file}{content}{calls}".encode()).hexdigest()
        run = Run(patient, sample, assay, part, Technique.DNA_SEQUENCING, file=file, sha256=sha256, format="vcf")
        info = SampleInfo(patient, sample, Time.on(date) if date else Time(), tissue, aliases=aliases)
        return Landing(
            Source(sha256, file, "vcf", options),
            patients=(PatientInfo(patient),),
            samples=(info,),
            runs=(RunRecords(run, calls),),
            replace=replace,
        )

    def table(self, *records: object, file: str = "samples.csv", content: str = "", replace: bool = False) -> Landing:
        """A table of patients, samples, events or assays."""
        from moltrack.model import Assay, Event

        sha256 = hashlib.sha256(f"{file}{content}{records}".encode()).hexdigest()
        return Landing(
            Source(sha256, file, file.partition(".")[0], "{}"),
            patients=tuple(r for r in records if isinstance(r, PatientInfo)),
            samples=tuple(r for r in records if isinstance(r, SampleInfo)),
            events=tuple(r for r in records if isinstance(r, Event)),
            assays=tuple(r for r in records if isinstance(r, Assay)),
            replace=replace,
        )


@pytest.fixture
def make() -> Make:
    return Make()


# --- databases --------------------------------------------------------------------------------------------------------


def _programs() -> Path | None:
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return installed[-1].parent if installed else None


class Server:
    """A private PostgreSQL server."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="moltrack-pg-"))
        self.user: str | None = None
        if os.geteuid() == 0:
            names = {entry.pw_name for entry in pwd.getpwall()}
            self.user = "postgres" if "postgres" in names else "nobody"
            shutil.chown(self.folder, self.user)
        self._numbers = count(1)
        self._empty: list[str] = []
        self._run("initdb", "-D", self.folder / "data", "-U", "moltrack", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.start()

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self.programs / program), *map(str, arguments)]
        subprocess.run(
            command,
            check=True,
            user=self.user,
            extra_groups=[] if self.user else None,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C"},
        )

    def start(self) -> None:
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off -c shared_buffers=16MB"
        self._run("pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop")

    def database(self) -> str:
        """The URL of an empty database."""
        if self._empty:
            return self._empty.pop()
        name = f"test{next(self._numbers)}"
        self._do(f"CREATE DATABASE {name}")
        return self._url(name)

    def give_back(self, url: str) -> None:
        """Empty a database for the next who asks: a new one is 300 files on the disk."""
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
            connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
        self._empty.append(url)

    def database_on(self, folder: Path) -> tuple[str, Callable[[], None]]:
        """The URL of a new database whose tables lie in a folder, and what drops it."""
        name = f"test{next(self._numbers)}"
        if self.user:
            shutil.chown(folder, self.user)
        self._do(f"CREATE TABLESPACE {name} LOCATION '{folder}'", f"CREATE DATABASE {name} TABLESPACE {name}")
        return self._url(name), lambda: self._do(f"DROP DATABASE {name} WITH (FORCE)", f"DROP TABLESPACE {name}")

    def _url(self, name: str) -> str:
        return f"postgresql://moltrack@/{name}?host={self.folder}"

    def _do(self, *statements: str) -> None:
        import psycopg

        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    programs = _programs()
    if programs is None:
        if os.environ.get("MOLTRACK_REQUIRE_POSTGRES") == "1":
            pytest.fail("no initdb in PATH or /usr/lib/postgresql, and MOLTRACK_REQUIRE_POSTGRES is set")
        pytest.skip("no PostgreSQL server is installed (initdb)")
    server = Server(programs)
    yield server
    server.stop()
    shutil.rmtree(server.folder, ignore_errors=True)


DATABASES = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgres),
]


@pytest.fixture(params=DATABASES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield str(tmp_path / "moltrack.db")
        return
    server: Server = request.getfixturevalue("postgres_server")
    url = server.database()
    yield url
    server.give_back(url)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with Store.open(store_url) as opened:
        yield opened


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "moltrack.db") as opened:
        yield opened
