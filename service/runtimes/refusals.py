"""What makes a model refuse values: a client cannot be told, since it may quote them, so the log is."""

from __future__ import annotations

import logging
from traceback import walk_tb

from service.errors import InvalidInputError

logger = logging.getLogger(__name__)

MESSAGE = "the model refused these values"


class Refusals:
    """Tells each kind of refusal once: a crowd of them is one line, and an error in the model is no secret.

    Args:
        are_told: Whether the log is told, or nobody.
    """

    def __init__(self, *, are_told: bool) -> None:
        self._are_told = are_told
        self._known: set[tuple[str, str, int]] = set()

    def refusal(self, error: Exception) -> InvalidInputError:
        """Turn what the model raised into what a client may read; raise it ``from None``."""
        *_, (frame, line) = walk_tb(error.__traceback__)
        kind = (type(error).__name__, frame.f_code.co_filename, line)
        if self._are_told and kind not in self._known:
            self._known.add(kind)
            logger.warning(
                "The model refused values with %s in %s, line %d. This is told once: clients send what it cannot take, "
                "or it has an error there.",
                *kind,
            )
        return InvalidInputError(MESSAGE)
