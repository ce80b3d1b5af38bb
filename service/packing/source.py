"""Where an estimator comes from: a notebook or a file."""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
from sklearn.exceptions import InconsistentVersionWarning

from service.bundle.manifest import Format
from service.bundle.reading import reading
from service.errors import BundleError
from service.packing.fitted import refuse_unfitted
from service.packing.versions import defined_in_script
from service.runtimes.answers import methods_of
from service.runtimes.sklearn import load_estimator
from service.runtimes.source_code import CLASS_NAME, CODE_FILE, SourceCodeError, defines_model, read_code, write_archive

FORMATS: dict[str, Format] = {
    ".joblib": "joblib",
    ".pkl": "pickle",
    ".pickle": "pickle",
    ".skops": "skops",
    ".onnx": "onnx",
    ".py": "python",
}
"""Formats by the ending of the file's name."""

_OF_SCRIPT = re.compile(r"attribute '([^']+)' on <module '__main__'")
"""What unpickling says of a function or a class that was defined where the model was trained, in no module."""


@dataclass(frozen=True)
class Source:
    """An estimator, and the file that it came in.

    Args:
        estimator: A fitted estimator.
        format: What its file is, or what will be made of it.
        file: The bytes of its file; empty when it came without one.
        trusted_types: The types beyond its own that skops found in the file.
    """

    estimator: Any
    format: Format = "joblib"
    file: bytes = b""
    trusted_types: tuple[str, ...] = ()

    def content(self) -> bytes:
        """Give the bytes of the original file, or make one.

        Raises:
            BundleError: If the estimator cannot be written to a file.
        """
        if self.file:
            return self.file
        buffer = io.BytesIO()
        try:
            joblib.dump(self.estimator, buffer)
        except Exception as error:  # noqa: BLE001  # each object has its own reason not to be pickled
            message = (
                f"{type(self.estimator).__name__} cannot be written to a file: {error}; "
                "define functions and classes in a module, not in a notebook or as a lambda."
            )
            raise BundleError(message) from None
        return buffer.getvalue()


def format_of(path: Path) -> Format:
    """Tell the format of a model file from its name; a folder with a model.py is a class of one's own.

    Raises:
        BundleError: If the name ends in none of the known ways.
    """
    if path.is_dir() and (path / CODE_FILE).exists():
        return "python"
    if path.is_dir():
        message = f"{path} is a folder with neither MLmodel nor {CODE_FILE} in it: name the model file."
        raise BundleError(message)
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        message = f"The name of {path} must end in one of {', '.join(FORMATS)}, which tells the format of the model."
        raise BundleError(message) from None


def read_file(path: Path) -> bytes:
    """Read a file.

    Raises:
        BundleError: If it cannot be read.
    """
    with reading(path):
        return path.read_bytes()


def read_model(path: Path) -> bytes:
    """Read a model file; a model.py, or the folder that holds it, becomes an archive.

    Raises:
        BundleError: If it cannot be read.
    """
    if format_of(path) != "python":
        return read_file(path)
    if not path.is_dir():
        return write_archive({CODE_FILE: read_file(path)})
    files = [each.relative_to(path) for each in sorted(path.rglob("*")) if each.is_file()]
    kept = [each for each in files if not any(part.startswith((".", "__pycache__")) for part in each.parts)]
    return write_archive({each.as_posix(): read_file(path / each) for each in kept})


def read_source(path: Path) -> Source:
    """Load the estimator of a joblib, pickle or skops file, or of a source, which executes whatever code is in it.

    Raises:
        BundleError: If it cannot be loaded here, or is no fitted estimator.
    """
    model_format, content = format_of(path), read_model(path)
    if model_format == "python":
        _refuse_other_code(content, path / CODE_FILE if path.is_dir() else path)
    try:
        source = _load(content, model_format)
    except InconsistentVersionWarning as difference:
        message = (
            f"{path} was saved with scikit-learn {difference.original_sklearn_version}, and "
            f"{difference.current_sklearn_version} is installed: pack it where that version is "
            f"(pip install scikit-learn=={difference.original_sklearn_version}), or train the model again."
        )
        raise BundleError(message) from None
    except SourceCodeError as error:
        message = f"{path} cannot be packed: {error}."
        raise BundleError(message) from None
    except KeyboardInterrupt:
        raise
    except AttributeError as error:
        name = _OF_SCRIPT.search(str(error))
        message = f"{path} cannot be loaded as {model_format}: AttributeError: {error}."
        raise BundleError(defined_in_script(str(path), name[1]) if name else message) from None
    except BaseException as error:  # noqa: BLE001  # unpickling runs whatever the file says, also sys.exit(0)
        message = f"{path} cannot be loaded as {model_format}: {type(error).__name__}: {error}."
        raise BundleError(message) from None
    if not methods_of(source.estimator):
        message = f"{path} holds an object of the type {type(source.estimator).__name__}, which is no fitted estimator."
        raise BundleError(message)
    refuse_unfitted(source.estimator, str(path))
    return source


def _refuse_other_code(content: bytes, path: Path) -> None:
    """Refuse a source without the class before a line of it runs: it may be any script."""
    try:
        is_model = defines_model(read_code(content))
    except SourceCodeError as error:
        message = f"{path} cannot be packed, and nothing in it was executed: {error}."
        raise BundleError(message) from None
    if not is_model:
        message = (
            f"{path} defines no class {CLASS_NAME} at its top level, so nothing in it was executed: "
            f"give a model file, or a folder whose {CODE_FILE} defines a class {CLASS_NAME} with predict."
        )
        raise BundleError(message)


def _load(content: bytes, model_format: Format) -> Source:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Attributes that another version of scikit-learn left may be read wrongly without any error.
        warnings.simplefilter("error", InconsistentVersionWarning)
        if model_format == "skops":
            import skops.io  # noqa: PLC0415  # no other format needs it

            types = tuple(sorted(skops.io.get_untrusted_types(data=content)))
            return Source(load_estimator(content, "skops", types), "skops", content, types)
        if model_format == "pickle" and not _is_plain_pickle(content):
            # joblib.dump(model, "model.pkl") is common, and pickle cannot read that.
            return Source(load_estimator(content, "joblib"), "joblib", content)
        return Source(load_estimator(content, model_format), model_format, content)


def _is_plain_pickle(content: bytes) -> bool:
    try:
        load_estimator(content, "pickle")
    except InconsistentVersionWarning:
        raise
    except Exception:  # noqa: BLE001  # whatever is wrong with it, joblib says it better
        return False
    return True
