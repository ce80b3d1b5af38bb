"""``python -m tools.reference`` writes the pages and the picture that are made from the code or from a source."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.reference.architecture import architecture_page, overview
from tools.reference.asking import ask
from tools.reference.commands import commands_page
from tools.reference.endpoints import endpoints_page
from tools.reference.make import make_page
from tools.reference.metrics import metrics_page
from tools.reference.settings import settings_page

with TemporaryDirectory() as folder:
    subprocess.run([sys.executable, "-m", "service", "train-demo", "--out", folder], check=True, capture_output=True)
    asked = ask(Path(folder))

Path("docs/reference/settings.md").write_text(settings_page())
Path("docs/reference/metrics.md").write_text(metrics_page(asked))
Path("docs/reference/endpoints.md").write_text(endpoints_page(asked))
Path("docs/reference/commands.md").write_text(commands_page())
Path("docs/reference/make.md").write_text(make_page(Path()))
Path("docs/architecture.md").write_text(architecture_page(Path("service")))
Path("docs/images/overview.svg").write_text(overview())
