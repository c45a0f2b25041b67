"""Many processes on one database: everything lands, exactly once."""

from __future__ import annotations

import multiprocessing
import os
import random
import traceback

import pytest

from moltrack.errors import ConflictError
from moltrack.store import Store

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

PROCESSES = 8


def together(work, count: int = PROCESSES) -> None:
    """Run ``work(number)`` in that many processes at once; a failure of one is a failure here."""
    context = multiprocessing.get_context("fork")
    start = context.Event()

    def child(number):
        try:
            start.wait(30)
            work(number)
        except BaseException:
            traceback.print_exc()
            os._exit(1)

    children = [context.Process(target=child, args=(number,)) for number in range(count)]
    for process in children:
        process.start()
    start.set()
    for process in children:
        process.join(120)
    assert [process.exitcode for process in children] == [0] * count


def test_many_processes_land_everything_once(store_url, tmp_path, make, derive):
    """Each run is offered by two processes, in different orders, to a database that none has made yet."""
    landings = [
        make.landing(f"P{number % 5}", f"S{number}", make.call("NPM1", str(number % 90)), file=f"{number}.vcf")
        for number in range(PROCESSES * 6)
    ]

    def work(number):
        mine = [item for index, item in enumerate(landings) if number in {index % 8, (index + 3) % 8}]
        random.Random(number).shuffle(mine)
        with Store.open(store_url) as store:
            for landing in mine:
                assert store.land(landing, derive).status in {"landed", "unchanged"}

    together(work)
    with Store.open(store_url) as store, Store.open(tmp_path / "alone.db") as alone:
        for landing in landings:
            alone.land(landing, derive)
        assert list(store.dump()) == list(alone.dump())
        result = store.verify()
        assert (result.problems, result.rows) == ((), len(landings))


def test_of_two_files_for_one_run_one_lands(store_url, make, derive):
    Store.open(store_url).close()

    def work(number):
        with Store.open(store_url) as store:
            try:
                store.land(make.landing("P01", "S1", make.call(vaf=str(number)), file=f"{number}.vcf"), derive)
            except ConflictError as error:
                assert "was already read from" in str(error)

    together(work)
    with Store.open(store_url) as store:
        assert len(store.patient_records("P01").observations) == 1
        assert (store.verify().problems, store.verify().rows) == ((), 1)
