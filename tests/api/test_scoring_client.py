"""The client with which rows are scored, where the command cannot show it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from fetching import QUICK, Notes
from flaky import flaky, held
from running import PATIENCE

from service.errors import ScoringError
from service.scoring.client import Client
from service.scoring.table import Batch
from service.sources.access import Access

BATCH = Batch(1, [[5.1, 3.5, 1.4, 0.2]], 0, "")


def test_a_thread_that_nobody_waits_for_asks_no_more_and_says_nothing(iris):
    notes, release = Notes(), threading.Event()
    with flaky(iris.url) as proxy, ThreadPoolExecutor(1) as pool:
        proxy.troubles = [held(release)]
        with Client(proxy.url, {}, 1, Access(patience=QUICK, listener=notes)) as client:
            answer = pool.submit(client.predict, BATCH, (), "")
            assert proxy.is_held.wait(PATIENCE)
        release.set()
        error = answer.exception(PATIENCE)
    assert isinstance(error, ScoringError)
    assert notes.waits == []
    assert len(proxy.asked) == 1
