"""Ingest: files → records as printed → store → markers and observations, one source per transaction.

One of the two modules that compose the parts (the other is ``timeline``). ``intake`` reads; writing is done by one process.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from moltrack import store
from moltrack.intake import Target, TargetOptions, make_target, prepare
from moltrack.model import Karyotype, Landing

if TYPE_CHECKING:
    from moltrack.store import Landed
    from moltrack.timeline import Timeline


class Store(store.Store):
    """A database of patients with the two things that notebooks want: :meth:`ingest` and :meth:`timeline`."""

    def ingest(self, path: Path | str, *, replace: bool = False, **options: Unpack[TargetOptions]) -> Landed:
        """Read one file and land it, in one transaction; see :func:`ingest`, and :class:`TargetOptions` for the options."""
        return ingest(self, path, make_target(**options), replace=replace)

    def timeline(self, patient: str, *, since: str = "", window_days: int | None = None) -> Timeline:
        """One patient over time; the options are those of :class:`moltrack.timeline.Timeline`."""
        from moltrack.timeline import timeline

        return timeline(self, patient, since=since, window_days=window_days)


def open(db: str | Path = "moltrack.db", *, create: bool = True) -> Store:
    """Open a database: a file, ``sqlite:///...`` or ``postgresql://...``."""
    return Store.open(db, create=create)


def ingest(database: store.Store, path: Path | str, target: Target = Target(), *, replace: bool = False) -> Landed:
    """Read one file and land it in the store, in one transaction.

    Returns
    -------
    Landed
        Its status is ``landed``, ``unchanged`` (the same file with the same options was there) or ``replaced``.

    Raises
    ------
    MoltrackError
        Anything wrong with the file, the options or the store; the store is then as it was.
    """
    return land(database, prepare(Path(path), target, replace_existing=replace))


def land(database: store.Store, landing: Landing) -> Landed:
    """Write one prepared source and derive its patients anew, in one transaction."""
    from moltrack.normalize import normalize

    return database.land(landing, normalize)


# --- tables of patients -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PatientTable:
    """A cohort for ``rules.classify_rows``: cells as printed by column name, with ``row`` = the line in the file."""

    header: tuple[str, ...]
    header_line: int
    rows: tuple[dict[str, str], ...]


def read_patient_table(path: Path) -> PatientTable:
    """A table of patients (CSV, TSV, XLSX), cells as printed."""
    from moltrack.formats.tables import normal_name, read_table

    table = read_table(path, comment="#")
    header = tuple(name for name in table.header if name)
    rows = tuple(
        {name: row.cells.get(normal_name(name), "").strip() for name in header} | {"row": str(row.line)}
        for row in table.rows
    )
    return PatientTable(header, table.header_line, rows)


def read_karyotype(text: str) -> Karyotype:
    """An ISCN string with what it says about each named lesion."""
    from moltrack import iscn

    return iscn.karyotype_of(iscn.parse(text))
