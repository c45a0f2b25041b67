"""From a parsed karyotype to the findings of the model."""

from __future__ import annotations

from collections.abc import Iterator

from moltrack.iscn.records import Event, Finding, ParsedKaryotype
from moltrack.model import Karyotype, KaryotypeEvent


def karyotype_of(parsed: ParsedKaryotype, *, metaphases: int | None = None) -> Karyotype:
    """The karyotype as a whole: flags, counts, clones, problems; ``metaphases`` when stated beside the string."""
    return Karyotype(
        text=parsed.text.strip(),
        metaphases=parsed.metaphases if metaphases is None else metaphases,
        flags=tuple(parsed.flags.items()),
        counts=tuple(parsed.abnormality_count.items()),
        clones=tuple(clone.written_out() for clone in parsed.clones),
        problems=parsed.problems,
    )


def events_of(parsed: ParsedKaryotype) -> Iterator[tuple[KaryotypeEvent, Finding]]:
    """One event per abnormality over all clones, with the finding that says in which cells.

    Left out: words that were not understood (they stand in the karyotype's problems), events of donor cells, and a printed loss
    for which a derivative stands (``-7`` beside ``+der(7)``).
    """
    for finding in parsed.findings:
        event = finding.event
        if event.kind == "unknown" or finding.donor or finding.explained:
            continue
        yield (
            KaryotypeEvent(
                text=text_of(event),
                event_type=event.kind,
                chromosomes=event.chromosomes,
                bands=event.bands,
                lesions=finding.lesions,
                imbalances=finding.imbalances,
                clones=finding.clones,
                constitutional=event.constitutional,
            ),
            finding,
        )


def text_of(event: Event) -> str:
    """Canonical ISCN of an abnormality, apart from how many cells and copies show it."""
    text = event.doubted_sign + event.body + ("c" if event.constitutional and event.kind != "var" else "")
    return " or ".join([text, *(text_of(other) for other in event.alternatives)])
