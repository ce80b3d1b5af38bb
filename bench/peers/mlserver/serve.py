"""``python serve.py MODEL PORT [--batching]``: MLServer in one process, without parallel inference.

That (``parallel_workers``) costs a third more processor time for each request and twice the memory.
"""

import json
import os
import socket
import sys
from pathlib import Path


def free_port() -> int:
    """Find a port for what is not measured."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


model, port, *options = sys.argv[1:]
settings = {
    "debug": False,
    "host": "127.0.0.1",
    "http_port": int(port),
    "grpc_port": free_port(),
    "metrics_port": free_port(),
    "parallel_workers": 0,
}
described = {"name": "model", "implementation": "mlserver_sklearn.SKLearnModel", "parameters": {"uri": model}}
if "--batching" in options:
    described |= {"max_batch_size": 32, "max_batch_time": 0.005}
Path("settings.json").write_text(json.dumps(settings))
Path("model-settings.json").write_text(json.dumps(described))
os.execvp("mlserver", ["mlserver", "start", "."])
