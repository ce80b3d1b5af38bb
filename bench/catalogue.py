"""What is measured: the servers, the models and the workloads."""

from __future__ import annotations

from dataclasses import dataclass

MODELS = {
    "iris": "StandardScaler and LogisticRegression on the four numbers of iris",
    "forest": "RandomForestClassifier with 100 trees on iris",
    "boosting": "GradientBoostingClassifier with 100 trees a class on iris",
    "text": "TfidfVectorizer and LogisticRegression on short English messages",
    "unconvertible": "FunctionTransformer(log1p), StandardScaler and LogisticRegression on iris: no ONNX converter",
}
NUMBERS = frozenset(MODELS) - {"text"}
OURS, OURS_V2, OURS_SKLEARN, EMPTY, BARE = "ml-api", "ml-api-v2", "ml-api-sklearn", "empty", "bare"
BATCHING = frozenset({"bentoml-batching", "mlserver-batching"})


@dataclass(frozen=True)
class Peer:
    """A server with its best documented setting for one worker.

    Args:
        name: Short, for the command line and the results.
        title: For people.
        environment: Folder below ``.bench/environments`` with its Python.
        dialect: How it is asked; see :mod:`bench.dialects`.
        ready: Path that answers 200 once the model can be asked.
        packages: Whose versions tell which server it is.
        options: Words for its ``serve.py`` after model and port.
        models: Which of the models it can serve.
    """

    name: str
    title: str
    environment: str
    dialect: str
    ready: str
    packages: tuple[str, ...]
    options: tuple[str, ...] = ()
    models: frozenset[str] = frozenset(MODELS)

    @property
    def is_ours(self) -> bool:
        """Whether it is this project's own server."""
        return self.name in {OURS, OURS_V2, OURS_SKLEARN}

    @property
    def is_floor(self) -> bool:
        """Whether it serves no model at all."""
        return self.name in {EMPTY, BARE}


@dataclass(frozen=True)
class Workload:
    """A request, and how it is repeated.

    Args:
        name: Short, for the command line and the results.
        title: For people.
        model: One of :data:`MODELS`.
        rows: In each request.
        clients: Numbers of clients of the closed loops.
        is_binary: Whether tensors travel as raw bytes.
        is_open: Whether open loops are run, too.
    """

    name: str
    title: str
    model: str
    rows: int
    clients: tuple[int, ...]
    is_binary: bool = False
    is_open: bool = False


SKLEARN = ("scikit-learn", "numpy")
PEERS = (
    Peer(BARE, "bare ASGI app under uvicorn", "ml-api", "floor", "/", ("uvicorn",), models=frozenset({"iris"})),
    Peer(
        EMPTY, "empty FastAPI endpoint", "ml-api", "floor", "/docs", ("fastapi", "uvicorn"), models=frozenset({"iris"})
    ),
    Peer(OURS, "ml-api (ONNX)", "ml-api", "predict", "/readyz", ("ml-api", "fastapi", "uvicorn", "onnxruntime")),
    Peer(OURS_V2, "ml-api (ONNX), V2", "ml-api", "v2", "/readyz", ("ml-api",), models=frozenset({"iris"})),
    Peer(
        OURS_SKLEARN, "ml-api (scikit-learn)", "ml-api-sklearn", "predict", "/readyz", ("ml-api", "uvicorn", *SKLEARN)
    ),
    Peer(
        "mlserver", "MLServer", "mlserver", "v2", "/v2/models/model/ready", ("mlserver", "fastapi", "uvicorn", *SKLEARN)
    ),
    Peer(
        *("mlserver-batching", "MLServer, adaptive batching", "mlserver", "v2", "/v2/models/model/ready"),
        packages=("mlserver",),
        options=("--batching",),
        models=frozenset({"iris", "forest"}),
    ),
    Peer("kserve", "KServe", "kserve", "v2", "/v2/models/model/ready", ("kserve", "fastapi", "uvicorn", *SKLEARN)),
    Peer("bentoml", "BentoML", "bentoml", "rows", "/readyz", ("bentoml", "uvicorn", *SKLEARN)),
    Peer(
        *("bentoml-batching", "BentoML, adaptive batching", "bentoml", "rows", "/readyz"),
        packages=("bentoml",),
        options=("--batching",),
        models=frozenset({"iris", "forest"}),
    ),
    Peer("mlflow", "MLflow", "mlflow", "inputs", "/ping", ("mlflow", "fastapi", "uvicorn", *SKLEARN)),
    Peer("litserve", "LitServe", "litserve", "rows", "/health", ("litserve", "fastapi", "uvicorn", *SKLEARN)),
    Peer(
        "vetiver", "vetiver", "vetiver", "records", "/ping", ("vetiver", "fastapi", "uvicorn", *SKLEARN), models=NUMBERS
    ),
    Peer("fastapi", "FastAPI as in tutorials", "fastapi", "rows", "/openapi.json", ("fastapi", "uvicorn", *SKLEARN)),
)

WORKLOADS = (
    Workload("one-row", "1 row", "iris", 1, (1, 32, 256), is_open=True),
    Workload("hundred-rows", "100 rows", "iris", 100, (32,)),
    Workload("many-rows", "10,000 rows", "iris", 10_000, (4,)),
    Workload("many-rows-binary", "10,000 rows, binary", "iris", 10_000, (4,), is_binary=True),
    Workload("forest", "random forest, 1 row", "forest", 1, (32,), is_open=True),
    Workload("boosting", "gradient boosting, 1 row", "boosting", 1, (32,)),
    Workload("text", "text, 1 row", "text", 1, (32,)),
    Workload("unconvertible", "no ONNX possible, 1 row", "unconvertible", 1, (32,)),
)

SPEAK_BINARY = frozenset({OURS, OURS_SKLEARN, "kserve"})


def is_measured(peer: Peer, workload: Workload) -> bool:
    """Tell whether a server takes part in a workload; the floors answer without a look at the request."""
    if peer.is_floor:
        return workload.name == "one-row"
    return workload.model in peer.models and (not workload.is_binary or peer.name in SPEAK_BINARY)
