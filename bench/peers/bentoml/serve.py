"""``python serve.py MODEL PORT [--batching]``: the service of service.py under ``bentoml serve``."""

import os
import sys
from pathlib import Path

model, port, *options = sys.argv[1:]
folder = str(Path(__file__).parent)
os.environ |= {"MODEL": model, "BENTOML_HOME": str(Path.cwd()), "BENTOML_DO_NOT_TRACK": "True"}
name = "Batching" if "--batching" in options else "Single"
os.execvp("bentoml", ["bentoml", "serve", f"classifiers:{name}", "--working-dir", folder, "--port", port])
