"""How many processors this process may use."""

from __future__ import annotations

import os

import pytest

from service.engine.processors import processor_limit

AVAILABLE = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, AVAILABLE),
        ({"cpu.max": "max 100000"}, AVAILABLE),
        ({"cpu.max": "garbage"}, AVAILABLE),
        ({"cpu.max": "50000 100000"}, 1),
        ({"cpu.max": "100000 100000"}, 1),
        ({"cpu.max": "100001 100000"}, min(2, AVAILABLE)),
        ({"cpu.max": "99900000 100000"}, AVAILABLE),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, AVAILABLE),
        ({"cpu/cpu.cfs_quota_us": "20000", "cpu/cpu.cfs_period_us": "100000"}, 1),
    ],
)
def test_the_limit_of_the_container_counts_and_not_the_node(tmp_path, files, expected):
    (tmp_path / "cpu").mkdir()
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    assert processor_limit(tmp_path) == expected
