"""``python serve.py MODEL PORT``: the app of main.py under uvicorn."""

import os
import sys
from pathlib import Path

model, port = sys.argv[1:]
os.environ["MODEL"] = model
os.execvp(
    "uvicorn", ["uvicorn", "--app-dir", str(Path(__file__).parent), "main:app", "--port", port, "--no-access-log"]
)
