"""The store: the one thing that knows a database.

Every change is one transaction with its audit rows; the patients it concerns are derived anew in it by the function that
the caller hands over, so the store knows neither files nor rules.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine

from moltrack.errors import StoreError
from moltrack.model import (
    Assay,
    Event,
    Landing,
    Override,
    PatientInfo,
    PatientInput,
    PatientRecords,
    Run,
    SampleInfo,
)
from moltrack.store import audit, dump, edits, engine, identity, landing, prepared, reading, schema, upkeep, verify
from moltrack.store.audit import Change
from moltrack.store.derived import Derive, refresh, refresh_assays
from moltrack.store.engine import Place
from moltrack.store.landing import Landed
from moltrack.store.upkeep import StoreInfo
from moltrack.store.verify import Verification

T = TypeVar("T")

#: Seconds between attempts when a server says "try again", or restarts: about a minute in all.
_PAUSES = (0.05, 0.2, 0.5, 1, 2, 4, 8, 16, 30)


class Store:
    """A database of patients: a SQLite file or PostgreSQL. Open it with :meth:`open`; it closes as a context manager."""

    def __init__(self, place: Place, engine_: Engine, *, read_only: bool) -> None:
        self._place = place
        self._engine = engine_
        self.read_only = read_only
        #: Sentences about the database's surroundings, for the user.
        self.warnings = upkeep.surroundings(place)

    @property
    def address(self) -> str:
        """What :meth:`open` takes to open this database once more, in another process; it may hold a password."""
        if self._place.url is not None:
            return self._place.url.render_as_string(hide_password=False)
        return str(self._place.path)

    @classmethod
    def open(cls, url_or_path: str | Path, *, create: bool = True, read_only: bool = False) -> Self:
        """Open a database.

        Parameters
        ----------
        url_or_path
            A path, ``sqlite:///path`` or ``postgresql://user@host/name``.
        create
            Make the file and its tables when there are none.
        read_only
            Refuse every change.

        Raises
        ------
        StoreError
            It does not exist, cannot be opened, is not moltrack's, or has an older or newer schema.
        """
        place = engine.locate(url_or_path)
        _prepare(place, create=create and not read_only)
        found = engine.connect(place, read_only=read_only)
        try:
            with engine.reading(found, place) as connection:
                revision = engine.revision(connection)
            if revision is None:
                if not create or read_only:
                    raise StoreError(
                        f"the database {place.shown} is empty.", advice="Ingest something first, or check --db."
                    )
                _create(found, place)
            else:
                engine.require_current(revision, place)
        except BaseException:
            found.dispose()
            raise
        return cls(place, found, read_only=read_only)

    @classmethod
    def upgrade(cls, url_or_path: str | Path) -> tuple[str, str]:
        """Bring a database to the newest schema; returns the revisions before and after."""
        place = engine.locate(url_or_path)
        _prepare(place, create=False)
        found = engine.connect(place)
        try:
            return upkeep.upgrade(found, place)
        finally:
            found.dispose()

    @property
    def place(self) -> str:
        """Where the database is, without a password."""
        return self._place.shown

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with engine.reading(self._engine, self._place) as connection:
            yield connection

    def _change(self, work: Callable[[Connection, Change], T], *, repeatable: bool = False) -> T:
        """Do some work in one transaction, with its audit rows.

        ``repeatable`` work that ran twice leaves what it would have left once: it is tried again even when the connection
        was lost and nobody knows whether it was committed.
        """
        if self.read_only:
            raise StoreError(f"the database {self.place} was opened read-only.")
        pauses = iter(_PAUSES)
        while True:
            try:
                with engine.writing(self._engine, self._place) as connection:
                    change = Change(connection, audit.user_name())
                    result = work(connection, change)
                    change.write()
                return result
            except StoreError as error:
                pause = next(pauses, None)
                cause = getattr(error.__cause__, "orig", error.__cause__)
                again = cause is not None and (
                    engine.is_transient(cause) if repeatable else engine.is_serialization_failure(cause)
                )
                if not again or pause is None:
                    raise
                time.sleep(pause * random.uniform(0.5, 1.0))

    # --- changing ---

    def land(self, landing_: Landing, derive: Derive) -> Landed:
        """Write one source with all that it states, and derive the patients it concerns anew.

        The same source with the same options changes nothing.

        Raises
        ------
        ConflictError
            It contradicts what is there and is not to replace it; the message names both.
        InputError
            An identifier cannot be used.
        """
        ready = prepared.prepare(landing_)
        with self._reading() as connection:
            sight = landing.look(connection, ready)
        ahead = landing.derive_ahead(sight, ready, derive) if sight else None
        return self._change(
            lambda connection, change: landing.land(connection, change, ready, derive, ahead), repeatable=True
        )

    def set_patient(self, info: PatientInfo, derive: Derive) -> None:
        """State a patient; supersedes all that was stated of it."""
        self._change(lambda connection, change: edits.set_info(connection, change, info, derive))

    def set_sample(self, info: SampleInfo, derive: Derive) -> None:
        """State a sample; supersedes all that was stated of it."""
        self._change(lambda connection, change: edits.set_info(connection, change, info, derive))

    def set_assay(self, assay: Assay, derive: Derive) -> None:
        """State an assay; supersedes all that was stated of it and derives the patients that were tested with it."""
        self._change(lambda connection, change: edits.set_info(connection, change, assay, derive))

    def add_event(self, event: Event, derive: Derive) -> None:
        """State an event of ``event.patient``."""
        self._change(lambda connection, change: edits.add_event(connection, change, event, derive))

    def remove_event(self, event: Event, derive: Derive) -> None:
        """Supersede an event as :meth:`events` gives it."""
        self._change(lambda connection, change: edits.remove_event(connection, change, event, derive))

    def add_override(self, override: Override, derive: Derive) -> None:
        """Keep a user's decision, with its reason."""
        self._change(lambda connection, change: edits.add_override(connection, change, override, derive))

    def revoke_override(self, override: Override, reason: str, by: str, derive: Derive) -> None:
        """Take a decision back; it stays listed as revoked."""
        self._change(lambda connection, change: edits.revoke_override(connection, change, override, reason, by, derive))

    def delete_patient(self, patient: str, key: str = "") -> str:
        """Erase a patient; returns the digest that stays in the audit chain.

        With a ``key`` its holder can prove later whom the digest is about (HMAC-SHA256 of the id); without, nobody can.
        """
        left = self._change(lambda connection, change: edits.delete_patient(connection, change, patient, key))
        if self._place.path is not None:
            # Otherwise the erased pages stay in the write-ahead log until somebody else empties it.
            with engine.in_words(self._place), self._engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return left

    def rebuild(self, derive: Derive, patient: str | None = None) -> int:
        """Derive every patient (or one) anew, each in a transaction of its own; returns how many."""
        with self._reading() as connection:
            names = reading.patient_names(connection)
            if patient is not None:
                names = [reading.one_patient(connection, patient).patient]
        if patient is None:
            self._change(self._rebuild_assays)
        for name in names:
            self._change(lambda connection, change, name=name: refresh(connection, change, name, derive, why="rebuild"))  # type: ignore[misc]
        return len(names)

    @staticmethod
    def _rebuild_assays(connection: Connection, change: Change) -> None:
        del change
        refresh_assays(connection, sorted({item.record.id for item in reading.stated(connection, "")}))

    # --- reading ---

    def patients(self) -> list[PatientInfo]:
        """All patients by id."""
        with self._reading() as connection:
            return reading.all_patients(connection)

    def patient(self, patient: str) -> PatientInfo:
        """One patient.

        Raises
        ------
        UnknownError
            There is none of that id; near ones are named.
        """
        with self._reading() as connection:
            return reading.one_patient(connection, patient)

    def samples(self, patient: str) -> list[SampleInfo]:
        """A patient's samples by id; none for an unknown patient."""
        with self._reading() as connection:
            return reading.described_rows(connection, schema.samples, patient, SampleInfo)

    def events(self, patient: str) -> list[Event]:
        """A patient's events in the order of their times."""
        with self._reading() as connection:
            return reading.described_rows(connection, schema.events, patient, Event)

    def assays(self) -> list[Assay]:
        """All assays that were stated, by id."""
        with self._reading() as connection:
            return list(reading.all_assays(connection))

    def overrides(self, patient: str) -> list[Override]:
        """A patient's decisions in the order they were made, revoked ones included."""
        with self._reading() as connection:
            return list(reading.overrides(connection, patient))

    def runs(self, patient: str) -> list[Run]:
        """A patient's current runs by sample, assay and part."""
        with self._reading() as connection:
            return list(reading.current_runs(connection, patient).values())

    def inputs(self, patient: str) -> PatientInput:
        """Calls and coverage as printed, with their context: what the derivation reads.

        Raises
        ------
        UnknownError
            No such patient.
        """
        with self._reading() as connection:
            found = reading.stored(connection, patient).inputs()
            if found is None:
                raise reading.unknown_patient(connection, patient)
            return found

    def patient_records(self, patient: str, *, as_of: datetime | None = None) -> PatientRecords:
        """Markers and observations with their context; ``as_of`` as they were shown at that moment (with a time zone)."""
        with self._reading() as connection:
            at = None if as_of is None else audit.sequence_at(connection, as_of)
            return reading.records(connection, patient, at)

    def dump(self) -> Iterator[str]:
        """The canonical dump as JSON lines: equal stores give the same text on any database."""
        with self._reading() as connection:
            yield from dump.dump(connection)

    def head(self) -> str:
        """The hash of the last audit row."""
        with self._reading() as connection:
            return audit.head(connection)[1]

    def verify(self, head: str | None = None, files: Sequence[Path] = ()) -> Verification:
        """Check the audit chain, every stored row against it, a head given from outside, and files."""
        with self._reading() as connection:
            return verify.verify(connection, head, files)

    def identity(self, patient: str | None = None) -> tuple[str, ...]:
        """Sentences about samples that do not look like one person's, or like one person's under two names.

        One patient's samples are compared with each other and with everybody's; ``None`` = all patients.
        """
        with self._reading() as connection:
            names = reading.patient_names(connection)
            wanted = names if patient is None else [reading.one_patient(connection, patient).patient]
            known = {
                name: identity.genotypes(found)
                for name in names
                if (found := reading.stored(connection, name).inputs())
            }
        common = identity.common_markers(known.values())
        remarks: list[str] = []
        for number, name in enumerate(wanted):
            # Of a pair of patients the later one is compared with the earlier one only.
            others = [who for who in names if who != name and who not in wanted[:number]]
            remarks += identity.within(known.get(name, ()))
            remarks += identity.between(
                known.get(name, ()), [item for who in others for item in known.get(who, ())], common
            )
        return tuple(remarks)

    # --- upkeep ---

    def info(self) -> StoreInfo:
        """What the database is and how much it holds."""
        with self._reading() as connection:
            return upkeep.info(connection, self._place, self.warnings)

    def backup(self, path: Path | str) -> None:
        """A consistent copy as a SQLite file."""
        upkeep.backup(self._engine, self._place, Path(path))

    def check(self) -> tuple[str, ...]:
        """Problems of the database as such; empty = none."""
        with self._reading() as connection:
            return upkeep.check(connection)


def _prepare(place: Place, *, create: bool) -> None:
    path = place.path
    if path is None:
        return
    try:
        if path.is_dir():
            raise StoreError(f"{path} is a folder, not a database.", advice="Give another --db.")
        if path.exists():
            return
    except OSError as error:
        raise StoreError(f"the database {path} cannot be opened ({error.strerror}).") from None
    if not create:
        raise StoreError(f"there is no database {path}.", advice="Ingest something first, or check --db.")
    with engine.in_words(place):
        engine.create_file(path)


def _create(found: Engine, place: Place) -> None:
    """Make the tables, unless another process has just done so."""
    with engine.writing(found, place) as connection:
        revision = engine.revision(connection)
        if revision is None:
            schema.create(connection)
        else:
            engine.require_current(revision, place)
