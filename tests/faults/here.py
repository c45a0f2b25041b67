"""Commands and checks in the process of the test."""

from __future__ import annotations

from moltrack import pipeline
from moltrack.cli.main import cli


class State:
    """What a database holds, and whether it is sound."""

    def __init__(self, url: str) -> None:
        with pipeline.open(url) as store:
            self.dump = "\n".join(store.dump())
            self.head = store.head()
            self.problems = (*store.verify().problems, *store.check())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, State) and (self.dump, self.head) == (other.dump, other.head)

    __hash__ = None  # type: ignore[assignment]


def run_here(url: str, *arguments: str) -> None:
    """A command in this process that has to succeed: faster than a process of its own."""
    status = cli.main(["--db", url, *arguments], standalone_mode=False)
    assert not status, arguments
