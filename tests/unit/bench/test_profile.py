from bench.profile import shares

STACKS = """\
run (/venv/site-packages/uvicorn/server.py:1);send (/venv/site-packages/uvicorn/http.py:9) 60
run (/venv/site-packages/uvicorn/server.py:1);encode (/home/me/ml-api/service/protocols/predict.py:3) 39
run (/usr/lib/python3.11/asyncio/runners.py:1) 1
rare (/usr/lib/python3.11/asyncio/runners.py:1) 0
"""


def test_samples_are_counted_by_the_innermost_frame():
    assert shares(STACKS) == [
        {"where": "uvicorn: send", "share": 0.6},
        {"where": "service/protocols/predict: encode", "share": 0.39},
        {"where": "Python: run", "share": 0.01},
    ]
