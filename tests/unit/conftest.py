"""What `make test-quick` leaves out of these tests."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
SERVERS = {"serve", "serve_for_all"}
# They start programs, most of them one that imports scikit-learn or a tool of bin/, or try very many cases.
SLOW = (
    "bench",
    "commands",
    "engine/test_engine_in_any_order.py",
    "packing/test_boosting.py",
    "packing/test_conversion.py",
    "runtimes/test_sklearn.py",
    "sources/test_bucket.py",
    "sources/test_registry.py",
    "sources/test_registry_login.py",
    "tools/test_audit.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    gone = [place for place in SLOW if not (HERE / place).exists()]
    assert not gone, f"{__file__} names what is not there any more: {gone}"
    for item in items:
        if not item.path.is_relative_to(HERE):
            continue
        place = item.path.relative_to(HERE).as_posix()
        if place.startswith(SLOW) or SERVERS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
