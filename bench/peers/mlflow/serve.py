"""``python serve.py MODEL PORT``: ``mlflow models serve`` of what prepare.py saved."""

import os
import sys

_, port = sys.argv[1:]
os.environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "UVICORN_ACCESS_LOG": "false"}
os.execvp(
    "mlflow",
    ["mlflow", "models", "serve", "--model-uri", "model", "--env-manager", "local", "--port", port, "--workers", "1"],
)
