"""What can go wrong, as one small tree.

::

    MoltrackError              anything a user can cause; the command line prints it as one line
    ├── FormatError            a file, or a cell of it, is not what its format promises
    ├── InputError             an option, identifier, date or quantity that cannot be used
    ├── ConflictError          the input contradicts what the store already holds
    ├── UnknownError           a patient, sample, marker, rule set ... that does not exist
    ├── ReferenceError_        a reference file is missing or damaged
    ├── RuleError              a rule file that does not say what a rule file may say
    └── StoreError             the database cannot be read or written
        └── IntegrityError     the audit chain or a key of the store does not hold

Every message says what was found, where (``file:line``), and what to do about it. A programming error is not one of
these and keeps its traceback.
"""

from __future__ import annotations

from pathlib import Path


class MoltrackError(Exception):
    """Base of every expected failure.

    Parameters
    ----------
    message
        One sentence: what is wrong.
    path, line
        Where, when a file is concerned; ``line`` is 1-based.
    advice
        What to do, as a sentence of its own.
    """

    exit_code = 1

    def __init__(
        self, message: str, *, path: Path | str | None = None, line: int | None = None, advice: str = ""
    ) -> None:
        self.message = message
        self.path = path
        self.line = line
        self.advice = advice
        super().__init__(message)

    def __str__(self) -> str:
        where = ""
        if self.path is not None:
            where = Path(self.path).name
            where += f":{self.line}: " if self.line is not None else ": "
        elif self.line is not None:
            where = f"line {self.line}: "
        advice = f" {self.advice}" if self.advice else ""
        return f"{where}{self.message}{advice}"

    def __reduce__(self) -> tuple[object, ...]:
        # Worker processes send errors back by pickle, which by default drops keyword arguments.
        return (_rebuild, (type(self), self.message, self.path, self.line, self.advice))


def _rebuild(
    cls: type[MoltrackError], message: str, path: Path | str | None, line: int | None, advice: str
) -> MoltrackError:
    return cls(message, path=path, line=line, advice=advice)


class FormatError(MoltrackError):
    """A file, or a cell of it, is not what its format promises."""


class InputError(MoltrackError):
    """An option, identifier, date or quantity that cannot be used."""


class ConflictError(MoltrackError):
    """The input contradicts what the store already holds."""


class UnknownError(MoltrackError):
    """A patient, sample, marker, assay or rule set that does not exist."""


class ReferenceError_(MoltrackError):
    """A reference file is missing or damaged. (The underscore keeps Python's own ``ReferenceError`` visible.)"""


class RuleError(MoltrackError):
    """A rule file that does not say what a rule file may say."""


class StoreError(MoltrackError):
    """The database cannot be opened, read or written."""


class IntegrityError(StoreError):
    """The audit chain or a key of the store does not hold."""
