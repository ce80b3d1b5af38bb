"""``ml-api serve``."""

from __future__ import annotations

import logging
import os
import resource
import sys
from math import ceil
from pathlib import Path

import click

from service.errors import BundleError
from service.settings import Settings, load_settings, unknown_variables

logger = logging.getLogger(__name__)

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


@click.command("serve", short_help="Serve a bundle.")
@click.argument("directory", required=False, type=click.Path(path_type=Path))
@click.option("--sha256", help="Digest that the bundle must have.")
@click.option("--trust", is_flag=True, default=None, help="Serve a format that executes code without a digest.")
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
def serve(
    directory: Path | None,
    sha256: str | None,
    trust: bool | None,
    host: str | None,
    port: int | None,
) -> None:
    """Serve the bundle in DIRECTORY (default: ML_API_MODEL_DIR, or the folder "model").

    Every other setting is an environment variable ML_API_*; docs/reference/settings.md lists them.
    """
    given = {"model_dir": directory, "model_sha256": sha256, "trust_model": trust, "host": host, "port": port}
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    _limit_library_threads()
    _allow_open_files()
    # It doubles the number of series, and nobody graphs when a counter was made.
    os.environ.setdefault("PROMETHEUS_DISABLE_CREATED_SERIES", "true")
    failure = run(settings)
    if failure:
        raise BundleError(failure)


def run(settings: Settings) -> str:
    """Serve until a signal comes.

    Returns:
        Why the model could not be loaded; empty if all went well.

    Raises:
        BundleError: If there is no bundle, or its manifest is none.
        ListenError: If the address is in use.
    """
    import uvicorn  # noqa: PLC0415  # after the thread variables are set: numpy reads them when it is imported

    from service.app import create_app  # noqa: PLC0415
    from service.bundle.manifest import read_manifest  # noqa: PLC0415
    from service.operations.connections import ConnectionLimits, bounded_protocol  # noqa: PLC0415
    from service.operations.drain import DrainingServer  # noqa: PLC0415
    from service.operations.headers import NO_SNIFFING  # noqa: PLC0415
    from service.operations.listening import bind  # noqa: PLC0415
    from service.operations.logs import logging_config  # noqa: PLC0415

    sockets = bind(settings.host, settings.port)
    app = create_app(settings, on_failure=lambda: server.stop())  # noqa: PLW0108  # the server is made of the application
    served_by = [("X-Served-By", settings.pod_name)] if settings.pod_header and settings.pod_name else []
    limits = ConnectionLimits(
        settings.max_connections, settings.max_header_bytes, settings.header_timeout_seconds, settings.root_path
    )
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=bounded_protocol(limits),
        loop="uvloop",
        ws="none",
        log_config=logging_config(
            settings.log_level, settings.log_format, access_log=settings.access_log, root_path=settings.root_path
        ),
        access_log=settings.access_log,
        proxy_headers=False,
        server_header=False,
        headers=[NO_SNIFFING, *served_by],
        timeout_keep_alive=ceil(settings.keep_alive_seconds),
        timeout_graceful_shutdown=ceil(settings.request_timeout_seconds),
    )
    for warning in unknown_variables(os.environ):
        logger.warning("%s", warning)
    # Nobody is to find a listener that ends at once.
    read_manifest(settings.model_dir)
    server = DrainingServer(config, app.state.drain, settings.drain_seconds)
    server.run(sockets)
    slot = app.state.slot
    is_loading = slot.model is None and not slot.failure
    if is_loading or (slot.model is not None and slot.model.engine.is_busy):
        # Python would wait for the model's threads, which nothing can interrupt; nobody waits for their answers.
        logging.shutdown()
        sys.stderr.flush()
        os._exit(0)
    failure: str = slot.failure
    return failure


def _allow_open_files() -> None:
    """Ask for as many open files as the system gives: the customary first limit of 1,024 is soon reached."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _limit_library_threads() -> None:
    """Give each call of the model one thread: as many calls run at once as there are processors (see the engine)."""
    for name in THREAD_VARIABLES:
        os.environ.setdefault(name, "1")
