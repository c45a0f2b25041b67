"""What replicates say together of how good their result is."""

from __future__ import annotations

from moltrack.model import Adequacy, Call, Measured
from moltrack.model import MarkerKind as Kind
from moltrack.normalize.adequacy import pooled_adequacy


def call(**said: object) -> Call:
    return Call(Measured(Kind.FLOW, "MFC-MRD"), line=1, adequacy=Adequacy(**said))  # type: ignore[arg-type]


def test_cycles_of_all_replicates_lowest_first() -> None:
    calls = [call(cycles=(None,)), call(cycles=(39.1,)), call(cycles=(38.0,))]
    assert pooled_adequacy(calls).cycles == (38.0, 39.1, None)


def test_replicates_that_disagree_say_nothing() -> None:
    assert pooled_adequacy([call(first_pull=True), call(first_pull=False)]).first_pull is None
    assert pooled_adequacy([call(age_days=1.0), call()]).age_days is None
    assert pooled_adequacy([call(age_days=1.0), call(age_days=1.0)]).age_days == 1.0
