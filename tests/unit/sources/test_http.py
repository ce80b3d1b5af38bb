"""Bundles on a web server: tokens, redirects, broken downloads and certificates."""

import ssl

import pytest
from certificates import make_authority
from fetching import ACCESS, QUICK, Notes, contents, digest_of
from fileserver import FileServer, broken_off, redirect, status
from serving import running

from service.errors import BundleError
from service.sources.access import Access
from service.sources.fetch import fetch

MODEL = "/bundle/model.onnx"
MANIFEST = "/bundle/model.json"


@pytest.fixture
def token(tmp_path):
    path = tmp_path / "token"
    path.write_text("secret-word\n")
    return path


def requests_for(web, path):
    return [headers for seen, headers in web.seen if seen == path]


def test_a_download_that_breaks_off_is_continued(source, web, tmp_path):
    web.plans[MODEL] = [broken_off(300), broken_off(500)]
    notes = Notes()
    fetch(f"{web.url}/bundle", tmp_path / "new", digest_of(source / "bundle"), Access(patience=QUICK, listener=notes))
    assert contents(tmp_path / "new") == contents(source / "bundle")
    assert [headers.get("Range") for headers in requests_for(web, MODEL)] == [None, "bytes=300-", "bytes=500-"]
    assert len(notes.waits) == 2


def test_a_file_that_changed_in_between_is_fetched_from_its_beginning(source, web, tmp_path):
    right = (source / "bundle" / "model.onnx").read_bytes()
    (source / "bundle" / "model.onnx").write_bytes(b"an older state" * 100)

    def break_off_and_change(handler):
        handler.send_file(MODEL, 300)
        (source / "bundle" / "model.onnx").write_bytes(right)

    web.plans[MODEL] = [break_off_and_change]
    fetch(f"{web.url}/bundle", tmp_path / "new", digest_of(source / "bundle"), ACCESS)
    assert contents(tmp_path / "new") == contents(source / "bundle")


def test_half_a_download_leaves_nothing_behind(source, web, tmp_path):
    web.plans[MODEL], web.stubborn = [broken_off(300)], True
    with pytest.raises(
        BundleError, match=r"No whole answer from http://.*/bundle/model\.onnx: .*without sending complete"
    ):
        fetch(f"{web.url}/bundle", tmp_path / "new", digest_of(source / "bundle"), ACCESS)
    assert not (tmp_path / "new").exists()
    assert len(requests_for(web, MODEL)) == QUICK.attempts


@pytest.mark.parametrize("code", [408, 429, 500, 503])
def test_a_busy_server_is_asked_again(source, web, tmp_path, code):
    web.plans[MANIFEST] = [status(code), status(code)]
    fetch(f"{web.url}/bundle", tmp_path / "new", digest_of(source / "bundle"), ACCESS)
    assert len(requests_for(web, MANIFEST)) == 3


def test_a_server_that_stays_busy_is_given_up(web, tmp_path):
    web.plans[MANIFEST], web.stubborn = [status(429, Retry_After="0")], True
    notes = Notes()
    with pytest.raises(BundleError, match=r"model\.json answered 429 Too Many Requests\."):
        fetch(f"{web.url}/bundle", tmp_path / "new", "", Access(patience=QUICK, listener=notes))
    assert [seconds for _, seconds in notes.waits] == [0.0, 0.0], "as long as the server asked"
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (401, "answered 401 Unauthorized: give credentials that are right and have not expired."),
        (403, "answered 403 Forbidden: give credentials that may read it."),
        (404, "answered 404 Not Found: check the address."),
    ],
)
def test_what_will_not_change_is_not_asked_again(web, tmp_path, code, sentence):
    web.plans[MANIFEST], web.stubborn = [status(code)], True
    with pytest.raises(BundleError, match=sentence):
        fetch(f"{web.url}/bundle", tmp_path / "new", "", ACCESS)
    assert len(web.seen) == 1


def test_a_redirect_within_the_scheme_is_followed(source, web, tmp_path):
    web.plans["/moved/model.json"] = [redirect(MANIFEST)]
    web.plans["/moved/model.onnx"] = [redirect(MODEL)]
    fetch(f"{web.url}/moved", tmp_path / "new", digest_of(source / "bundle"), ACCESS)
    assert contents(tmp_path / "new") == contents(source / "bundle")


@pytest.mark.parametrize(
    "target", ["https://127.0.0.1:1/model.json", "file:///etc/passwd", "ftp://127.0.0.1/model.json"]
)
def test_a_redirect_to_another_scheme_is_refused(web, tmp_path, target):
    web.plans[MANIFEST] = [redirect(target)]
    with pytest.raises(BundleError, match=r"(A redirect leads from http to|redirects to an address) .* not followed"):
        fetch(f"{web.url}/bundle", tmp_path / "new", "", ACCESS)
    assert not (tmp_path / "new").exists()


def test_redirects_without_end_are_refused(web, tmp_path):
    web.plans[MANIFEST], web.stubborn = [redirect(MANIFEST)], True
    with pytest.raises(BundleError, match="Exceeded maximum allowed redirects"):
        fetch(f"{web.url}/bundle", tmp_path / "new", "", ACCESS)
    assert len(web.seen) == 6


def test_a_token_gets_in_and_is_not_sent_on_to_another_host(source, web, tmp_path, token):
    with running(FileServer(source)) as elsewhere:
        web.plans[MODEL] = [redirect(f"{elsewhere.url.replace('127.0.0.1', 'localhost')}{MODEL}")]
        fetch(f"{web.url}/bundle", tmp_path / "new", "", Access(token_file=token))
    assert [headers["Authorization"] for _, headers in web.seen] == ["Bearer secret-word"] * 2
    ((path, headers),) = elsewhere.seen
    assert path == MODEL
    assert "Authorization" not in headers


def test_a_token_is_found_in_the_folder_of_credentials(web, tmp_path, token):
    fetch(f"{web.url}/bundle", tmp_path / "new", "", Access(credentials=token.parent))
    assert web.seen[0][1]["Authorization"] == "Bearer secret-word"


@pytest.mark.parametrize(
    ("content", "sentence"), [(None, "No such file"), ("", "one word"), ("two words", "one word"), ("ß", "not ASCII")]
)
def test_a_token_that_is_none_is_told(web, tmp_path, content, sentence):
    if content is not None:
        (tmp_path / "token").write_text(content)
    with pytest.raises(BundleError, match=sentence):
        fetch(f"{web.url}/bundle", tmp_path / "new", "", Access(token_file=tmp_path / "token"))
    assert web.seen == []


def test_a_token_is_not_sent_where_anybody_can_read_it(tmp_path, token):
    with pytest.raises(BundleError, match=r"not sent over http.*: fetch http://models\.example/iris over https"):
        fetch("http://models.example/iris", tmp_path / "new", "", Access(token_file=token))


def test_a_signature_in_the_query_goes_with_each_file_and_into_no_message(web, tmp_path):
    fetch(f"{web.url}/bundle?signature=hidden", tmp_path / "new", "", ACCESS)
    assert [path for path, _ in web.seen] == [f"{MANIFEST}?signature=hidden", f"{MODEL}?signature=hidden"]
    with pytest.raises(BundleError, match="answered 404") as refusal:
        fetch(f"{web.url.replace('//', '//user:password@')}/no?signature=hidden", tmp_path / "other", "", ACCESS)
    assert "hidden" not in str(refusal.value)
    assert "password" not in str(refusal.value)


def test_an_answer_that_was_compressed_on_the_way_is_refused(web, tmp_path):
    web.plans[MANIFEST] = [status(200, b"\x1f\x8b", Content_Encoding="gzip")]
    with pytest.raises(BundleError, match="came compressed, although nobody asked for that"):
        fetch(f"{web.url}/bundle", tmp_path / "new", "", ACCESS)


def test_a_part_that_does_not_tell_where_it_begins_is_not_taken(source, web, tmp_path):
    web.plans[MODEL] = [broken_off(300), status(206, b"rest")]
    fetch(f"{web.url}/bundle", tmp_path / "new", digest_of(source / "bundle"), ACCESS)
    assert contents(tmp_path / "new") == contents(source / "bundle")


def without_an_end(handler):
    """Send a whole file in chunks, but not the last chunk, which has no bytes."""
    content = (handler.server.folder / handler.path.lstrip("/")).read_bytes()
    handler.send_response(200)
    handler.send_header("ETag", '"one"')
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
    handler.close_connection = True


def test_a_file_of_which_only_the_end_was_not_told_is_whole(source, web, tmp_path):
    size = (source / "bundle" / "model.onnx").stat().st_size
    web.plans[MODEL] = [without_an_end, status(416, Content_Range=f"bytes */{size}")]
    fetch(f"{web.url}/bundle", tmp_path / "new", digest_of(source / "bundle"), ACCESS)
    assert contents(tmp_path / "new") == contents(source / "bundle")
    assert [headers.get("Range") for headers in requests_for(web, MODEL)] == [None, f"bytes={size}-"]


@pytest.mark.parametrize("told", ["bytes */1", "none"])
def test_a_file_that_ends_before_what_came_of_it_is_fetched_from_its_beginning(source, web, tmp_path, told):
    web.plans[MODEL] = [broken_off(300), status(416, Content_Range=told)]
    fetch(f"{web.url}/bundle", tmp_path / "new", digest_of(source / "bundle"), ACCESS)
    assert contents(tmp_path / "new") == contents(source / "bundle")
    assert [headers.get("Range") for headers in requests_for(web, MODEL)] == [None, "bytes=300-", None]


@pytest.mark.parametrize(("first", "last"), [(10, 19), (300, 309)], ids=["another part", "less than the rest"])
def test_a_part_that_was_not_asked_for_is_not_taken_for_the_rest(source, web, tmp_path, first, last):
    model = (source / "bundle" / "model.onnx").read_bytes()
    part = status(206, model[first : last + 1], Content_Range=f"bytes {first}-{last}/{len(model)}")
    web.plans[MODEL] = [broken_off(300), part]
    fetch(f"{web.url}/bundle", tmp_path / "new", digest_of(source / "bundle"), ACCESS)
    assert contents(tmp_path / "new") == contents(source / "bundle")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """An authority that nobody knows, and the certificate and key that it made for this machine."""
    authority = make_authority()
    made = authority.sign("127.0.0.1")
    folder = tmp_path_factory.mktemp("certificate")
    authority.write(folder / "ca.crt")
    made.write(folder / "made.crt")
    (folder / "key.pem").write_text(made.key_text)
    return folder


@pytest.fixture
def tls(source, certificate):
    """The web server behind that certificate."""
    server = FileServer(source)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "made.crt", certificate / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.scheme = "https"
    server.handle_error = lambda *_: None  # a client that hangs up on a bad certificate
    with running(server):
        yield server


@pytest.mark.parametrize("option", ["ca_file", "credentials"])
def test_a_certificate_of_one_s_own_is_trusted(tls, certificate, tmp_path, option):
    access = Access(**{option: certificate / "ca.crt" if option == "ca_file" else certificate}, patience=QUICK)
    assert fetch(f"{tls.url}/bundle", tmp_path / "new", "", access).manifest.name == "iris"


def test_a_certificate_that_nobody_knows_is_refused_at_once(tls, tmp_path):
    notes = Notes()
    with pytest.raises(BundleError, match=r"CERTIFICATE_VERIFY_FAILED.*name the file of its CA with --ca-file"):
        fetch(f"{tls.url}/bundle", tmp_path / "new", "", Access(listener=notes))
    assert notes.waits == []


def test_a_redirect_from_https_to_http_is_refused_before_it_is_followed(tls, web, certificate, tmp_path):
    tls.plans[MANIFEST] = [redirect(f"{web.url}{MANIFEST}")]
    with pytest.raises(BundleError, match=f"A redirect leads from https to {web.url}{MANIFEST}, which is not followed"):
        fetch(f"{tls.url}/bundle", tmp_path / "new", "", Access(ca_file=certificate / "ca.crt"))
    assert web.seen == []


@pytest.mark.parametrize(("content", "sentence"), [(b"none", "no certificates in PEM form"), (None, "No such file")])
def test_a_file_that_holds_no_certificates_is_told(web, tmp_path, content, sentence):
    if content:
        (tmp_path / "ca.crt").write_bytes(content)
    with pytest.raises(BundleError, match=sentence):
        fetch(f"{web.url}/bundle", tmp_path / "new", "", Access(ca_file=tmp_path / "ca.crt"))
