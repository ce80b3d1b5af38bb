"""Rows to the service and answers to their place, several at a time and yet in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from typing import Any

from service.errors import ServiceError
from service.scoring.letting_go import Pool
from service.scoring.table import Batch

Write = Callable[[Any, Batch], None]
"""Takes an answer, and the rows that it answers."""


def score(batches: Iterator[Batch], ask: Callable[[Batch], Any], write: Write, concurrency: int) -> None:
    """Ask for each batch and write the answers in the order of the batches.

    Args:
        batches: Read as they are needed: no more than twice as many as are asked at a time wait for their turn.
        ask: Called in a thread.
        write: Called in this thread.
        concurrency: How many are asked at a time.

    Whatever ends this, an error or Ctrl+C, ends it at once: answers that are on their way are not waited for.
    """
    waiting: deque[tuple[Batch, Future[Any]]] = deque()

    def write_next() -> None:
        batch, answer = waiting.popleft()
        write(answer.result(), batch)

    pool = Pool(concurrency)
    problem = None
    try:
        while True:
            try:
                batch = next(batches, None)
            except ServiceError as error:
                # What came before it is answered all the same, and does not have to be asked again.
                problem, batch = error, None
            if batch is None:
                break
            waiting.append((batch, pool.submit(partial(ask, batch))))
            if len(waiting) >= 2 * concurrency:
                write_next()
        while waiting:
            write_next()
        if problem:
            raise problem
    finally:
        pool.abandon()
