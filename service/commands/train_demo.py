"""``ml-api train-demo``: a model to try everything with."""

from __future__ import annotations

from pathlib import Path

import click

from service import pack
from service.commands.document import json_option, tell
from service.commands.options import overwrite_option
from service.commands.report import bundle_facts


@click.command("train-demo")
@click.option(
    "--out", default=Path("model"), show_default=True, type=click.Path(path_type=Path), help="Folder of the bundle."
)
@overwrite_option
@json_option
def train_demo(out: Path, overwrite: bool, as_json: bool) -> None:
    """Train a classifier of irises and pack it."""
    from sklearn.datasets import load_iris  # noqa: PLC0415  # slow, and 'ml-api train-demo --help' needs none of it
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    from service.bundle.write import refuse_bundle  # noqa: PLC0415

    if not overwrite:
        refuse_bundle(out)
    iris = load_iris(as_frame=True)
    classifier = make_pipeline(StandardScaler(), LogisticRegression())
    classifier.fit(iris.data, iris.target_names[iris.target])
    bundle = pack(classifier, iris.data, out, name="iris")
    if as_json:
        tell(**bundle_facts(bundle))
        return
    click.echo(f"Trained iris and packed it into {out}: sha256 {bundle.sha256}")
