"""Loading the model, beside an event loop that nothing in the model may end."""

import asyncio
from hashlib import sha256

import numpy as np
from manifests import change_manifest

from service import pack
from service.app import create_app
from service.runtimes.source_code import write_archive
from service.settings import load_settings

CODE = "class Model:\n    def predict(self, rows):\n        return rows[:, 0]\n"


def test_a_model_that_acts_as_if_the_server_was_interrupted_does_not_end_it(tmp_path, caplog):
    (tmp_path / "model.py").write_text(CODE)
    folder = pack(tmp_path / "model.py", np.ones((1, 2)), tmp_path / "bundle", name="model").folder
    content = write_archive({"model.py": f"{CODE}raise KeyboardInterrupt".encode()})
    (folder / "model.zip").write_bytes(content)
    change_manifest(folder, sha256=sha256(content).hexdigest())
    failures = []
    app = create_app(load_settings(model_dir=folder, trust_model=True), on_failure=lambda: failures.append("told"))
    asyncio.run(app.state.loader.load())
    assert app.state.slot.failure == f"The bundle in {folder} cannot be loaded: the lines above have the reason."
    assert failures == ["told"]
    assert "KeyboardInterrupt" in caplog.text
