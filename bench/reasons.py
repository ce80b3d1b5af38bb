"""Why a target was missed, by the target's text: written by people who looked at the profile."""

from __future__ import annotations

REASONS: dict[str, str] = {}
