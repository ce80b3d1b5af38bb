"""What can be an address, and what is said where it cannot be."""

import pytest
from fetching import ACCESS

from service.errors import BundleError
from service.sources.fetch import fetch
from service.sources.web import is_address

LONG = "a" * 64


@pytest.mark.parametrize(
    "url",
    [
        "http://iris",
        "https://iris.models.svc.:8080/v1",
        "http://[::1]:8080",
        "http://bücher.example",
        f"http://{LONG[1:]}.x",
    ],
)
def test_a_host_that_can_be_looked_up_is_an_address(url):
    assert is_address(url)


@pytest.mark.parametrize(
    "url", ["http://a..b/x", f"http://{LONG}.x", "http://.", "http://", "iris", "ftp://iris", "http://a:x"]
)
def test_a_host_that_nobody_can_look_up_is_none(url):
    assert not is_address(url)


@pytest.mark.parametrize("host", ["a..b", f"{LONG}.x"], ids=["empty label", "long label"])
def test_a_fetch_from_a_host_that_cannot_be_is_one_sentence(tmp_path, host):
    with pytest.raises(BundleError, match=rf"^Cannot ask http://{host}/model\.json: no host can have that name\.$"):
        fetch(f"http://{host}", tmp_path / "new", "", ACCESS)
