"""Digests and trust."""

import shutil

import joblib
import pytest
from sklearn.linear_model import LinearRegression

from service import pack
from service.bundle.manifest import read_manifest
from service.bundle.verify import Trust, open_bundle
from service.errors import BundleError, UntrustedBundleError


@pytest.fixture(scope="module", name="packed")
def _packed(tmp_path_factory):
    model = LinearRegression().fit([[0.5], [1.5]], [1.0, 2.0])
    return pack(model, [[0.5], [1.5]], tmp_path_factory.mktemp("verify") / "line", name="line", format="sklearn").folder


@pytest.fixture(name="bundle")
def _bundle(packed, tmp_path):
    return shutil.copytree(packed, tmp_path / "bundle")


def test_a_bundle_that_executes_code_is_refused_without_a_word_from_outside(bundle):
    _, digest = read_manifest(bundle)
    with pytest.raises(UntrustedBundleError, match=f"--sha256 {digest}"):
        open_bundle(bundle, Trust())


@pytest.mark.parametrize("owner", [True, False])
def test_a_pinned_digest_is_trust(bundle, owner):
    _, digest = read_manifest(bundle)
    assert open_bundle(bundle, Trust(sha256=digest, owner=owner)).sha256 == digest


def test_a_digest_may_be_written_in_capitals(bundle):
    _, digest = read_manifest(bundle)
    assert open_bundle(bundle, Trust(sha256=digest.upper())).sha256 == digest


def test_a_notebook_shows_a_bundle_in_one_line(bundle):
    opened = open_bundle(bundle, Trust(owner=True))
    assert repr(opened) == f"<Bundle line 1 (joblib) in {bundle}, sha256 {opened.sha256}>"


def test_an_owner_can_vouch(bundle):
    assert open_bundle(bundle, Trust(owner=True)).manifest.name == "line"


def test_a_wrong_digest_is_refused_whoever_vouches(bundle):
    with pytest.raises(BundleError, match=f"but {'0' * 64} is pinned"):
        open_bundle(bundle, Trust(sha256="0" * 64, owner=True))


def test_a_manifest_that_was_edited_has_another_digest(bundle):
    _, digest = read_manifest(bundle)
    path = bundle / "model.json"
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(BundleError, match="is pinned"):
        open_bundle(bundle, Trust(sha256=digest))


def test_a_model_file_that_was_replaced_is_refused(bundle):
    joblib.dump("anything", bundle / "model.joblib")
    with pytest.raises(BundleError, match="it is damaged or was replaced"):
        open_bundle(bundle, Trust(owner=True)).read_model()


def test_a_model_file_that_is_missing_is_named(bundle):
    (bundle / "model.joblib").unlink()
    with pytest.raises(BundleError, match=r"model\.joblib is missing"):
        open_bundle(bundle, Trust(owner=True)).read_model()


def test_a_model_file_that_cannot_be_read_is_named(bundle):
    (bundle / "model.joblib").unlink()
    (bundle / "model.joblib").mkdir()
    with pytest.raises(BundleError, match=r"Cannot read .*model\.joblib: Is a directory"):
        open_bundle(bundle, Trust(owner=True)).read_model()
