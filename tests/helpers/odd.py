"""Models that make a page or a table hard to write: odd names, and many features."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression, LogisticRegression

from service import pack

ODD_NAMES = [
    "plain",
    "two words",
    "<script>alert(1)</script>",
    "\"quotes' \\ & </textarea>",
    "Größe \N{SNOWMAN} \N{GRINNING FACE}",
    "\N{RIGHT-TO-LEFT OVERRIDE}backwards",
    "{{ 7 * 7 }}",
    "__proto__",
    " \t",
]
ODD_LABELS = [*ODD_NAMES[:-1], f"column {len(ODD_NAMES)}"]
"""What a page calls them: a name that shows nothing is called by its place."""

ODD_CLASSES = ["<b>no</b>", "'yes\" & more"]


def pack_odd(folder: Path) -> Path:
    """Pack a classifier whose features and classes would break out of badly written markup."""
    frame = pd.DataFrame({name: [0.0, 1.0, 2.0, 3.0] for name in ODD_NAMES})
    return pack(LogisticRegression().fit(frame, np.repeat(ODD_CLASSES, 2)), frame, folder, name="odd").folder


def pack_wide(folder: Path, count: int) -> Path:
    """Pack a regressor of *count* features without names."""
    rows = np.arange(2.0 * count).reshape(2, count)
    return pack(LinearRegression().fit(rows, [0, 1]), rows, folder, name="wide").folder
