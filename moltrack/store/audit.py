"""The audit chain: what was changed, when, by whom and with which program, in rows that hold on to each other.

Each row's ``content`` is a hash of everything that row brought and ended (runs with their calls and coverage, statements,
overrides, markers, observations). ``digest`` covers content and subject with HMAC-SHA256 under a random key of that
patient; ``hash`` covers the digest and the hash of the row before. When a patient is deleted, key, subject and content
are erased: the chain still holds, and what is left tells nothing but that something was there.

The chain shows changes. Somebody who can rewrite the whole database can also write a new chain; against that only a copy
of the head kept elsewhere helps (it is printed on every report).
"""

from __future__ import annotations

import getpass
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii

from sqlalchemy import Connection, bindparam, func, select

from moltrack import __version__
from moltrack.model import Source
from moltrack.store import schema
from moltrack.store.codec import dump_json
from moltrack.store.rows import insert_many

#: What the first row holds on to, and the head of an empty store.
GENESIS = "0" * 64


def user_name() -> str:
    """Who changes the store: ``MOLTRACK_USER``, else the login name."""
    try:
        return os.environ.get("MOLTRACK_USER") or getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def digest(*parts: str) -> bytes:
    """The hash of one stored row, as a JSON list: no part may be mistaken for two."""
    return hashlib.sha256(f"[{','.join(map(encode_basestring_ascii, parts))}]".encode()).digest()


def payload_digests(kind: str, patient: str, payloads: Iterable[str]) -> list[bytes]:
    """``digest(kind, patient, payload)`` of many rows: what the parts have in common is written once."""
    start = f"[{encode_basestring_ascii(kind)},{encode_basestring_ascii(patient)},"
    return [hashlib.sha256(f"{start}{encode_basestring_ascii(text)}]".encode()).digest() for text in payloads]


def source_digest(source: Source, refused: str) -> str:
    """The hash of a source's own row; it goes into the hash of every run and statement that the source brought."""
    return digest(
        "source",
        source.sha256,
        source.name,
        source.format,
        source.options,
        str(source.size),
        source.tool,
        source.tool_version,
        refused,
    ).hex()


def ended(row: bytes) -> bytes:
    """The hash of the fact that a row was superseded."""
    return digest("superseded", row.hex())


def content_hash(rows: Iterable[bytes]) -> str:
    """The hash of a set of rows, whatever their order."""
    return hashlib.sha256(b"".join(sorted(rows))).hexdigest()


def seal(key: str, kind: str, patient: str, subject: str, source_sha256: str, content: str) -> str:
    """A row's digest: keyed for rows about a patient, plain for the others (``key`` "")."""
    message = dump_json([kind, patient, subject, source_sha256, content]).encode()
    if not key:
        return hashlib.sha256(message).hexdigest()
    return hmac.new(bytes.fromhex(key), message, hashlib.sha256).hexdigest()


def link(sequence: int, kind: str, at: str, by: str, version: str, digest_: str, note: str, previous: str) -> str:
    """A row's hash, which the next row holds on to."""
    return hashlib.sha256(dump_json([sequence, kind, at, by, version, digest_, note, previous]).encode()).hexdigest()


def head(connection: Connection) -> tuple[int, str]:
    """Sequence number and hash of the last row."""
    table = schema.audit
    row = connection.execute(
        select(table.c.sequence, table.c.hash).order_by(table.c.sequence.desc()).limit(1)
    ).one_or_none()
    return (row.sequence, row.hash) if row else (0, GENESIS)


def version(connection: Connection, patient: str) -> int:
    """The last change about a patient or an assay: while it stays the same, so does all that a derivation reads."""
    table = schema.audit
    query = select(func.max(table.c.sequence)).where(table.c.patient.in_([patient, ""]))
    return int(connection.execute(query).scalar_one() or 0)


@dataclass(slots=True)
class Entry:
    """One audit row that is being filled."""

    sequence: int
    kind: str
    patient: str
    subject: str
    source_sha256: str
    note: str = ""
    rows: list[bytes] = field(default_factory=list)
    digest: str = ""


class Change:
    """The audit rows of one transaction: opened per subject, filled with the hashes of what is written, then sealed.

    Sequence numbers, not times, are the order of things: a clock may go backwards.
    """

    def __init__(self, connection: Connection, by: str) -> None:
        self.connection = connection
        self.by = by
        self._last, self._previous = head(connection)
        #: Sequence number of the first row of this transaction.
        self.first = self._last + 1
        self._entries: list[Entry] = []

    def open(
        self,
        kind: str,
        patient: str = "",
        subject: str = "",
        source_sha256: str = "",
        *,
        note: str = "",
        digest: str = "",
    ) -> Entry:
        """A new row; what it brings and ends is added to ``rows``. A ``digest`` given is kept as it is."""
        entry = Entry(self._last + 1, kind, patient, subject, source_sha256, note, digest=digest)
        self._last += 1
        self._entries.append(entry)
        return entry

    def entry_for(self, patient: str, kind: str, subject: str = "", source_sha256: str = "") -> Entry:
        """The first row of this transaction about that patient, opened when there is none."""
        known = (entry for entry in self._entries if entry.patient == patient)
        return next(known, None) or self.open(kind, patient, subject, source_sha256)

    def discard_if_empty(self, entry: Entry) -> None:
        """Take back the last row when it brought and ended nothing."""
        if not entry.rows and self._entries and self._entries[-1] is entry:
            self._entries.pop()
            self._last -= 1

    def write(self) -> None:
        """Append the rows to the chain."""
        at = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        keys = patient_keys(self.connection, {entry.patient for entry in self._entries if entry.patient})
        rows = []
        for entry in self._entries:
            content = content_hash(entry.rows)
            about = (entry.patient, entry.subject, entry.source_sha256, content)
            sealed = entry.digest or seal(keys.get(entry.patient, ""), entry.kind, *about)
            hash_ = link(entry.sequence, entry.kind, at, self.by, __version__, sealed, entry.note, self._previous)
            stamp = (entry.sequence, entry.kind, at, self.by, __version__)
            rows.append((*stamp, *about, sealed, entry.note, self._previous, hash_))
            self._previous = hash_
        insert_many(self.connection, schema.audit, rows)


def patient_keys(connection: Connection, patients: set[str]) -> dict[str, str]:
    """Each patient's random key in hexadecimal digits, made when first asked for."""
    names, found = sorted(patients), {}
    for start in range(0, len(names), _AT_ONCE):
        rows = connection.execute(_KEYS, {"wanted": names[start : start + _AT_ONCE]})
        found.update({row.patient: row.key for row in rows})
    new = {name: secrets.token_hex(32) for name in names if name not in found}
    insert_many(connection, schema.patient_keys, new.items())
    return found | new


#: Databases bind some 30,000 values to a statement.
_AT_ONCE = 1000
_KEYS = select(schema.patient_keys).where(schema.patient_keys.c.patient.in_(bindparam("wanted", expanding=True)))


def sequence_at(connection: Connection, moment: datetime) -> int:
    """The last sequence number written at or before a moment; 0 = none yet.

    Raises
    ------
    ValueError
        The moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    at = moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    table = schema.audit
    found = connection.execute(
        select(table.c.sequence).where(table.c.at <= at).order_by(table.c.sequence.desc()).limit(1)
    ).scalar_one_or_none()
    return int(found) if found is not None else 0
