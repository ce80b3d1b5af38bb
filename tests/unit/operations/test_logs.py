"""Log lines for people and for machines."""

from __future__ import annotations

import json
import logging
import logging.config

import pytest

from service.operations.logs import JsonFormatter, logging_config


@pytest.fixture
def log(capsys):
    """Configure the logs of the service, and put back what was there."""
    names = ["service", "uvicorn", "uvicorn.access"]
    before = [(logger := logging.getLogger(name), logger.handlers[:], logger.level, logger.propagate) for name in names]

    def configure(*arguments, access_log=False, root_path=""):
        logging.config.dictConfig(logging_config(*arguments, access_log=access_log, root_path=root_path))
        return capsys

    yield configure
    for logger, handlers, level, propagate in before:
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


def written(capture) -> list[str]:
    return capture.readouterr().err.splitlines()


def test_a_line_for_people_has_time_level_and_message(log):
    capture = log("info", "text")
    logging.getLogger("service.test").info("It is %s.", "so")
    (line,) = written(capture)
    assert line.endswith(" INFO service.test: It is so.")


def test_a_line_for_machines_is_one_json_object(log):
    capture = log("info", "json")
    logging.getLogger("service.test").warning("It is %s.", "so")
    (line,) = written(capture)
    parsed = json.loads(line)
    assert parsed.pop("time")
    assert parsed == {"level": "warning", "logger": "service.test", "message": "It is so."}


def test_an_exception_stays_in_its_line_of_json():
    with pytest.raises(ZeroDivisionError) as caught:
        _ = 1 / 0
    information = (caught.type, caught.value, caught.tb)
    record = logging.LogRecord("service", logging.ERROR, "file", 1, "Failed.", None, information)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert "ZeroDivisionError" in json.loads(line)["exception"]


@pytest.mark.parametrize(("level", "seen"), [("debug", 3), ("info", 2), ("warning", 1), ("error", 0)])
def test_less_severe_lines_are_left_out(log, level, seen):
    capture = log(level, "text")
    logger = logging.getLogger("service.test")
    logger.debug("a")
    logger.info("b")
    logger.warning("c")
    assert len(written(capture)) == seen


def test_uvicorn_tells_only_what_is_wrong_unless_asked_for_more(log):
    capture = log("info", "text")
    logging.getLogger("uvicorn.error").info("chatter")
    assert written(capture) == []
    capture = log("debug", "text")
    logging.getLogger("uvicorn.error").info("chatter")
    assert len(written(capture)) == 1


@pytest.mark.parametrize("wanted", [True, False])
def test_requests_are_logged_on_request(log, wanted):
    capture = log("info", "text", access_log=wanted)
    logging.getLogger("uvicorn.access").info("GET /")
    assert len(written(capture)) == int(wanted)


def answered(path: str, status: int) -> None:
    """Log a request as uvicorn does."""
    access = logging.getLogger("uvicorn.access")
    access.info('%s - "%s %s HTTP/%s" %d', "10.0.0.7:4711", "GET", path, "1.1", status)


def test_a_request_has_fields_of_its_own_for_machines(log):
    capture = log("info", "json", access_log=True)
    answered("/predict?outputs=predict", 200)
    (line,) = written(capture)
    parsed = json.loads(line)
    assert parsed.pop("time")
    assert parsed == {
        "level": "info",
        "logger": "uvicorn.access",
        "message": '10.0.0.7:4711 - "GET /predict?outputs=predict HTTP/1.1" 200',
        "client": "10.0.0.7:4711",
        "method": "GET",
        "path": "/predict?outputs=predict",
        "http_version": "1.1",
        "status": 200,
    }


@pytest.mark.parametrize(
    ("path", "status", "seen"),
    [
        ("/livez", 200, 0),
        ("/readyz", 200, 0),
        ("/metrics", 200, 0),
        ("/metrics?name=up", 200, 0),
        ("/shop/readyz", 200, 0),
        ("/readyz", 503, 1),
        ("/metrics", 401, 1),
        ("/predict", 200, 1),
        ("/model", 200, 1),
        ("/other/readyz", 404, 1),
    ],
)
def test_probes_and_scrapes_that_went_well_are_left_out(log, path, status, seen):
    capture = log("info", "text", access_log=True, root_path="/shop")
    answered(path, status)
    assert len(written(capture)) == seen
