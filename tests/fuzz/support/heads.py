"""Bad heads of requests: lines, names, values, frames and bytes that no client sends by mistake alone."""

from __future__ import annotations

from random import Random

from refusals import MARKER

BODY = b'{"instances": [[5.1, 3.5, 1.4, 0.2]]}'
METHODS = [
    *[b"GET", b"POST"] * 4,
    b"GET",
    b"POST",
    b"HEAD",
    b"PUT",
    b"DELETE",
    b"OPTIONS",
    b"PATCH",
    b"TRACE",
    b"CONNECT",
    b"post",
    MARKER.encode(),
]
PATHS = [
    *(b"/", b"/predict", b"/predict?outputs=" + MARKER.encode(), b"/v1/models/iris:predict", b"/v2/models/iris/infer"),
    *(
        b"/v2/models/" + MARKER.encode(),
        b"/v2/models/iris/versions/" + MARKER.encode() + b"/infer",
        b"/v2/repository/index",
    ),
    *(
        b"/../../etc/passwd",
        b"/%2e%2e/%00",
        b"/%ff%fe",
        b"/%zz",
        b"//",
        b"/\xff\xc3\x28",
        b"*",
        b"http://x:99999/",
        b"",
    ),
    *(
        b"/livez/",
        b"/readyz?" + b"a=b&" * 200,
        b"/v1/models/" + b"a" * 3000,
        b"/v2/models/stats",
        b"x",
        b"/#",
        b"/?%00",
    ),
]
VERSIONS = [b"HTTP/1.1"] * 8 + [b"HTTP/1.0", b"HTTP/2.0", b"HTTP/0.9", b"HTTP/1.1 ", b"http/1.1", b"", MARKER.encode()]
HEADERS = [
    *(b"Content-Length: -1", b"Content-Length: +5", b"Content-Length: 5", b"Content-Length: 1e3", b"Content-Length: "),
    *(b"Content-Length: 99999999999999999999", b"Content-Length: 9999999999", b"Content-Length: 5, 5"),
    *(b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: " + MARKER.encode()),
    *(b"Transfer-Encoding : chunked", b"Transfer-Encoding: chunked, identity", b"Expect: 100-continue", b"Expect: x"),
    *(b"Connection: upgrade\r\nUpgrade: websocket", b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c", b"TE: x"),
    *(
        b"Connection: close",
        b"Connection: " + MARKER.encode(),
        b"Host: ",
        b"Host: " + MARKER.encode(),
        b"Host: a\r\nHost: b",
    ),
    *(b"X-Request-Timeout-Ms: " + MARKER.encode(), b"Accept-Encoding: " + b"gzip;q=" * 50, b"Content-Encoding: \xff"),
    *(b"X: " + b"a" * 5000, b"\r\n".join(b"x%d: y" % number for number in range(300)), MARKER.encode() + b": x"),
    *(
        b" folded: x",
        b": nameless",
        b"no colon",
        b"X: a\0b",
        b"X: \xff\xfe",
        b"N\0: x",
        b"X:\x01",
        b"Content-Type: \x7f",
    ),
    *(b"Accept: text/html", b"Authorization: Bearer " + MARKER.encode(), b"Range: bytes=9-1", b"If-None-Match: *"),
]
CHUNKS = [
    b"5\r\nhello\r\n0\r\n\r\n",
    b"zz\r\n",
    b"-1\r\n",
    b"FFFFFFFFFFFFFFFFF\r\n",
    b"1;" + b"x" * 500 + b"\r\na\r\n0\r\n\r\n",
    b"0\r\nX: y\r\n\r\n",
]


def head_request(random: Random) -> bytes:
    """Put a request together of good and bad parts, and overwrite some of its bytes."""
    if random.random() < 0.03:
        return random.choice(
            [b"\x16\x03\x01\x02\0", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", random.randbytes(100), b"\r\n" * 50]
        )
    line = b" ".join([random.choice(METHODS), random.choice(PATHS), random.choice(VERSIONS)])
    headers = [b"Host: x", *random.choices(HEADERS, k=random.choice([0, 1, 1, 2]))]
    body = random.choice([BODY, b"", MARKER.encode(), random.choice(CHUNKS)])
    if random.random() < 0.8:
        headers.append(b"Content-Length: %d" % len(body))
    random.shuffle(headers)
    content = b"\r\n".join([line, *headers]) + b"\r\n\r\n" + body
    for _ in range(random.choice([0, 0, 0, 1, 3])):
        position = random.randrange(len(content))
        content = (
            content[:position]
            + random.choice([b"\0", b"\r", b"\n", b" ", b":", b"\xff", b""])
            + content[position + 1 :]
        )
    return content
