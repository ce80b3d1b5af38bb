"""Progress, whose words come from elsewhere."""

import pytest
from rich.console import Console
from rich.progress import Progress

from service.commands.progress import Bars, Lines

STEERING = "http://iris is busy: \x1b]0;title\x07."
SHOWN = r"http://iris is busy: \x1b]0;title\x07. Trying again in 1.5 s."


@pytest.mark.parametrize("is_terminal", [True, False], ids=["terminal", "log"])
def test_what_a_service_says_cannot_steer_the_terminal(capsys, is_terminal):
    listener = Bars(Progress(console=Console(stderr=True, width=200))) if is_terminal else Lines()
    listener.waiting(STEERING, 1.5)
    assert capsys.readouterr().err == f"{SHOWN}\n"


def test_a_name_cannot_either(capsys, monkeypatch):
    monkeypatch.setattr("service.commands.progress.LINE_SECONDS", 0.0)
    Lines().received("model\x1b[2J.onnx", 10, 20)
    assert capsys.readouterr().err == "model\\x1b[2J.onnx: 10 of 20 bytes\n"
