"""Packing: from a fitted estimator to a bundle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.bundle.manifest import ONNX, Conversion
from service.bundle.signature import Label
from service.bundle.verify import Bundle, Trust, open_bundle
from service.bundle.write import staged_folder
from service.errors import BundleError
from service.packing.answers import Answers, choose_layout
from service.packing.candidate import Candidate, Choice, Identity, Model, write_candidate
from service.packing.conversion import ConversionError, conversions
from service.packing.layouts import Layout
from service.packing.outputs import labels_of, output_specs
from service.packing.proof import Proof, prove
from service.packing.source import Source
from service.packing.versions import converted_versions, original_versions
from service.runtimes.agreement import TOLERANCE


@dataclass(frozen=True)
class _Subject:
    """What is packed, and what is known of it."""

    folder: Path
    identity: Identity
    source: Source
    layout: Layout
    expected: Answers
    labels: dict[str, tuple[Label, ...]]


def pack_source(source: Source, rows: Any, path: Path, identity: Identity, choice: Choice) -> Bundle:  # noqa: ANN401  # any rows
    """Make a bundle of an estimator.

    Args:
        source: The estimator, and its file if it came in one.
        rows: What it predicts on: the signature, the example and the proof come from them.
        path: Folder of the bundle; another bundle in it is replaced.
        identity: Name and version of the model.
        choice: Which format to pack to.

    Raises:
        BundleError: If the estimator cannot be packed, or not in that format; *path* is then as it was.
    """
    identity.check()
    with staged_folder(path) as folder:
        layout, expected = choose_layout(source.estimator, rows)
        subject = _Subject(folder, identity, source, layout, expected, labels_of(source.estimator, expected))
        if choice == "auto" and source.format == "python":
            choice = "sklearn"
        failure = None if choice == "sklearn" else _pack_converted(subject)
        if choice == "onnx" and failure is not None:
            message = f"{type(source.estimator).__name__} cannot be packed as ONNX: {failure.reason}."
            raise BundleError(message)
        if choice == "sklearn" or failure is not None:
            _pack_original(subject, failure)
    return open_bundle(path, Trust(owner=True))


def _pack_converted(subject: _Subject) -> Conversion | None:
    """Pack the first conversion that is proven; tell why when there is none."""
    failures = []
    for converted in conversions(subject.source.estimator, subject.layout, subject.expected):
        if isinstance(converted, ConversionError):
            failures.append(
                Conversion(converted=False, rows=0, largest_difference=None, tolerance=TOLERANCE, reason=str(converted))
            )
            continue
        expected = {node.name: subject.expected[node.name] for node in converted.graph.output}
        model = Model(
            ONNX,
            converted.SerializeToString(deterministic=True),
            subject.layout.inputs,
            output_specs(expected, {}),
            converted_versions(),
            {},
        )
        candidate = write_candidate(subject.folder, subject.identity, model)
        proof = _prove(candidate, subject, expected)
        outcome = _outcome(proof, tuple(name for name in subject.expected if name not in expected))
        if outcome.converted:
            candidate.finish(subject.layout.tensors, output_specs(proof.answers, subject.labels), outcome)
            return None
        candidate.remove()
        failures.append(outcome)
    # A difference that was measured says more than an operator that is missing, and the last try is the widest one.
    return max(reversed(failures), key=lambda failure: failure.rows)


def _pack_original(subject: _Subject, failure: Conversion | None) -> None:
    source, layout = subject.source, subject.layout
    content = source.content()
    model = Model(
        source.format,
        content,
        layout.inputs,
        output_specs(subject.expected, {}),
        original_versions(source.estimator, source.format, content),
        layout.column_types,
        layout.dataframe,
        source.trusted_types,
    )
    candidate = write_candidate(subject.folder, subject.identity, model)
    proof = _prove(candidate, subject, subject.expected)
    if proof.problem:
        message = f"{type(source.estimator).__name__} cannot be served in its own format: {proof.problem}."
        raise BundleError(message)
    candidate.finish(layout.tensors, output_specs(proof.answers, subject.labels), failure)


def _prove(candidate: Candidate, subject: _Subject, expected: Answers) -> Proof:
    return prove(candidate.runtime, subject.source.estimator, subject.layout, expected)


def _outcome(proof: Proof, left_out: tuple[str, ...]) -> Conversion:
    return Conversion(
        converted=not proof.problem,
        rows=proof.rows,
        largest_difference=proof.largest_difference,
        tolerance=TOLERANCE,
        reason=proof.problem,
        left_out=() if proof.problem else left_out,
    )
