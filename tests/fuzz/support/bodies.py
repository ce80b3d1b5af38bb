"""Bad bodies: JSON with something wrong in its structure, its values or its bytes; binary tensors likewise."""

from __future__ import annotations

import copy
import gzip
import json
import zlib
from random import Random

import numpy as np
from identity import ELEMENTS, VALUES
from refusals import MARKER
from wire import request

from service.protocols.binary import dump_binary

BINARY_PATH = "/v2/models/identity/infer"
LENGTH_HEADER = "Inference-Header-Content-Length"

RAW = "raw:"
"""What follows goes into the JSON as it is, without quotes."""

HOSTILE = [
    *(None, True, False, "", MARKER, {}, [], [[]], {MARKER: MARKER}, [MARKER], [None], [[[[[0]]]]]),
    *(0, -1, 1.5, 2**31, 2**63, 2**64, -(2**63) - 1, 1e308, -1e-320, 10**400),
    *(
        RAW + token
        for token in ("NaN", "-Infinity", "1e999", "-0", "01", "1.", "+1", "0x10", "1" * 5000, "{", "]", ",")
    ),
    *("\0", "\ud800", "\N{SNOWMAN}" * 50, MARKER * 30, "1.5", "true", "__proto__", "../../etc/passwd"),
]
NOISE = [
    b"\xff",
    b"\0",
    b'"',
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b":",
    b"\\u",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"1e9",
    b"/*",
]

FEATURES = [f"{part} {side} (cm)" for part in ("sepal", "petal") for side in ("length", "width")]
ROWS = {
    "/predict": {"instances": [[5.1, 3.5, 1.4, 0.2], [6.2, 2.9, 4.3, 1.3]]},
    "/predict?outputs=predict_proba": {"instances": [dict(zip(FEATURES, [5.1, 3.5, 1.4, 0.2], strict=True))]},
    "/v1/models/iris:predict": {"instances": [[5.1, 3.5, 1.4, 0.2]]},
    "/v2/models/iris/infer": {
        "id": "a",
        "parameters": {"timeout": 0, "binary_data_output": False},
        "inputs": [
            {"name": "x", "datatype": "FP32", "shape": [2, 4], "data": [1, 2, 3, 4, 5, 6, 7, 8], "parameters": {}}
        ],
        "outputs": [{"name": "predict", "parameters": {"binary_data": False}}],
    },
}
"""Requests with something to spoil in each corner, by path."""


def json_request(random: Random) -> bytes:
    """Spoil the request of one of the protocols."""
    path, document = random.choice(list(ROWS.items()))
    document = copy.deepcopy(document)
    for _ in range(random.choice([1, 1, 2, 4])):
        document = _spoil(document, random)
    body = _dump(document)
    if random.random() < 0.5:
        body = _spoil_bytes(body, random, NOISE)
    if random.random() < 0.02:
        body = random.choice([b"[" * 5000, b'{"instances":' * 2000, b'{"instances":[' + b"[]," * 3000])
    headers = []
    if random.random() < 0.1:
        body, encoding = random.choice(
            [(gzip.compress(body), "gzip"), (zlib.compress(body), "deflate"), (body, "gzip")]
        )
        body = _spoil_bytes(body, random, NOISE)
        headers = [("Content-Encoding", random.choice([encoding, encoding, "br", MARKER]))]
    if random.random() < 0.05:
        headers += [("X-Request-Timeout-Ms", random.choice(["-1", "0x1", MARKER, "9" * 20, "1e3"]))]
    return request(path, body, *headers)


def binary_parts() -> tuple[dict, list[bytes]]:
    """Give the JSON and the bytes of a good request with a tensor of each datatype."""
    inputs, tails = [], []
    for datatype in ELEMENTS:
        tails.append(dump_binary(VALUES[datatype], datatype))
        sizes = {"binary_data_size": len(tails[-1])}
        inputs.append({"name": f"in_{datatype.lower()}", "datatype": datatype, "shape": [2, 1], "parameters": sizes})
    return {"inputs": inputs, "outputs": [{"name": "out_bool"}]}, tails


def good_binary_request() -> bytes:
    """Write that request as it should be."""
    document, tails = binary_parts()
    text = _dump(document)
    return request(BINARY_PATH, text + b"".join(tails), (LENGTH_HEADER, str(len(text))))


def binary_request(random: Random) -> bytes:
    """Spoil a request with a tensor of each datatype in raw bytes, in its JSON, its bytes or what separates them."""
    document, tails = binary_parts()
    inputs, tail = document["inputs"], b"".join(tails)
    wrong = random.randrange(5)
    if wrong == 0:
        tensor = random.choice(inputs)
        tensor["parameters"]["binary_data_size"] += random.choice([-1, 1, -8, 8, 2**31, 2**63, -(2**40)])
    elif wrong == 1:
        random.choice(inputs)["shape"] = random.choice([[1, 2], [2**31, 2**32], [2**62, 2], [0, 1], [-1, 1], [1] * 40])
    elif wrong == 2:
        document = _spoil(document, random)
    elif wrong == 3:
        floats = np.frombuffer(random.choice([b"\0\0\xc0\x7f", b"\0\0\x80\xff"]) * 2, "<f4").reshape(2, 1)
        position = [*ELEMENTS].index("FP32")
        tail = b"".join([*tails[:position], floats.tobytes(), *tails[position + 1 :]])
    else:
        start = random.randrange(len(tail))
        tail = random.choice(
            [tail[:start], tail[start:] or b"x", tail + MARKER.encode(), random.randbytes(len(tail) - 1)]
        )
    text = _dump(document)
    length = random.choice([str(len(text))] * 7 + [str(len(text) + random.choice([-1, 1, -7, 99])), _odd(random)])
    return request(BINARY_PATH, text + tail, (LENGTH_HEADER, length))


def raw_request(random: Random) -> bytes:
    """Send raw bytes alone to a model of four float32 in a row, few of which make up whole rows of numbers."""
    body = random.randbytes(random.choice([0, 1, 7, 15, 17, 31, 16 * 64 + 3]))
    if random.random() < 0.3:
        body = random.randbytes(12) + b"\0\0\xc0\x7f"
    return request("/v2/models/iris/infer", body, (LENGTH_HEADER, random.choice(["0", "00"])))


def _odd(random: Random) -> str:
    return random.choice(["-1", "+5", "0x10", "1.5", "", "9" * 18, "9" * 400, MARKER, "5, 5", "\xb2"])


def _spoil(document: object, random: Random) -> object:
    """Change one node: replace, remove, rename, repeat or wrap it."""
    if not isinstance(document, dict | list) or not document:
        return copy.deepcopy(random.choice(HOSTILE))
    keys = list(document) if isinstance(document, dict) else range(len(document))
    key = random.choice(keys)
    if isinstance(document[key], dict | list) and random.random() < 0.75:
        document[key] = _spoil(document[key], random)
        return document
    kind = random.randrange(6)
    if kind == 0:
        del document[key]
    elif kind == 1 and isinstance(document, dict):
        document[MARKER] = document.pop(key)
    elif kind == 2 and isinstance(document, list):
        document.extend([document[key]] * random.choice([1, 3, 200]))
    elif kind == 3:
        document[key] = [document[key]]
    else:
        document[key] = copy.deepcopy(random.choice(HOSTILE))
    return document


def _dump(value: object) -> bytes:
    if isinstance(value, dict):
        return b"{" + b",".join(_dump(str(key)) + b":" + _dump(item) for key, item in value.items()) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(_dump, value)) + b"]"
    if isinstance(value, str) and value.startswith(RAW):
        return value.removeprefix(RAW).encode()
    return json.dumps(value).encode()


def _spoil_bytes(content: bytes, random: Random, noise: list[bytes]) -> bytes:
    """Cut, repeat or overwrite some bytes."""
    start = random.randrange(len(content) + 1)
    end = min(len(content), start + random.choice([0, 1, 1, 4, 30]))
    kind = random.randrange(4)
    if kind == 0:
        return content[:start]
    if kind == 1:
        return content[:start] + content[end:]
    if kind == 2:
        return content[:end] + content[start:]
    return content[:start] + random.choice(noise) + content[end:]
