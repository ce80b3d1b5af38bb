"""One request to the model, and how it is executed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from service.bundle.datatypes import Array
from service.errors import InvalidInputError, PredictionError, RejectedError, Rejection, ServiceError
from service.runtimes.base import Runtime, Tensors

logger = logging.getLogger(__name__)

MODEL_FAILED = "the model failed; the server's log has the reason"

Results = dict[str, Array]
"""Output tensors by name."""


@dataclass(frozen=True, slots=True, eq=False)
class Inference:
    """What a protocol asks of the model.

    Args:
        tensors: One array for each input, already of the signature's datatype and shape.
        outputs: Names of the outputs that are wanted.
        rows: Size of the first dimension.
    """

    tensors: Tensors
    outputs: tuple[str, ...]
    rows: int


def execute(runtime: Runtime, inference: Inference) -> Results:
    """Run the model and turn whatever it raises into an error of ours.

    Raises:
        InvalidInputError: If the model refuses the values.
        RejectedError: If memory ran out.
        PredictionError: If the model failed otherwise; the log has the reason.
    """
    try:
        return runtime.run(inference.tensors, inference.outputs)
    except InvalidInputError:
        raise
    except MemoryError:
        logger.warning("The model ran out of memory over a batch of %d rows.", inference.rows)
        message = "the model ran out of memory: send fewer rows, or try again later"
        raise RejectedError(Rejection.MEMORY, message) from None
    except BaseException:  # a library may raise what is none of ours: SystemExit, CancelledError
        logger.exception("The model failed over a batch of %d rows.", inference.rows)
        raise PredictionError(MODEL_FAILED) from None


def execute_each(runtime: Runtime, inferences: list[Inference]) -> list[Results | ServiceError]:
    """Run several inferences as one batch; if the batch fails, one by one, so that an error stays with its request.

    Args:
        runtime: The model.
        inferences: With the same outputs, and shapes that differ in the first dimension only.
    """
    if len(inferences) > 1:
        try:
            joined = _join(inferences)
            results = execute(runtime, joined)
        except (ServiceError, MemoryError):
            logger.info("A batch of %d requests failed; running them one by one.", len(inferences))
        else:
            if all(array.shape[:1] == (joined.rows,) for array in results.values()):
                return list(_split(results, inferences))
            logger.error("The model gave another number of rows than it was asked for; running requests one by one.")
    return [_outcome(runtime, inference) for inference in inferences]


def _outcome(runtime: Runtime, inference: Inference) -> Results | ServiceError:
    try:
        return execute(runtime, inference)
    except ServiceError as error:
        return error


def _join(inferences: list[Inference]) -> Inference:
    first = inferences[0]
    tensors = {name: np.concatenate([inference.tensors[name] for inference in inferences]) for name in first.tensors}
    return Inference(tensors, first.outputs, sum(inference.rows for inference in inferences))


def _split(results: Results, inferences: list[Inference]) -> Iterator[Results]:
    start = 0
    for inference in inferences:
        end = start + inference.rows
        yield {name: array[start:end] for name, array in results.items()}
        start = end
