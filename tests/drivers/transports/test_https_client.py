"""Calls that end in time and in size, whatever the other side does (DR-05, DR-13)."""

import http.client
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from appliance.foundation.clock import FakeClock, SystemClock
from drivers.contract import DriverRefused, DriverUnreachable
from drivers.transports.https_client import LARGEST_BODY, Deadline, HttpsClient, parse_address
from drivers.vendor_answers import Answer, is_same_secret, settled, word

Play = Callable[[socket.socket, threading.Event], None]


@pytest.fixture
def serve() -> Iterator[Callable[[Play], HttpsClient]]:
    """Starts a server that plays one connection by hand, and gives a client for it."""
    over, listener = threading.Event(), socket.create_server(("127.0.0.1", 0))

    def started(play: Play) -> HttpsClient:
        def run() -> None:
            line, _ = listener.accept()
            with line:
                line.recv(65536)
                try:
                    play(line, over)
                except OSError:  # the client has seen enough
                    return

        threading.Thread(target=run, daemon=True).start()
        address = parse_address(f"http://127.0.0.1:{listener.getsockname()[1]}/api/")
        assert address is not None
        return HttpsClient(address)

    yield started
    over.set()
    listener.close()


def said(text: bytes) -> Play:
    return lambda line, _: line.sendall(text)


def dripping(line: socket.socket, over: threading.Event) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not over.wait(0.05):
        line.sendall(b"x")


def swollen(line: socket.socket, over: threading.Event) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not over.is_set():
        line.sendall(b"x" * 65536)


def silent(_line: socket.socket, over: threading.Event) -> None:
    over.wait(10)


def test_a_whole_answer_is_handed_over(serve: Callable[[Play], HttpsClient]) -> None:
    client = serve(said(b"HTTP/1.1 202 Accepted\r\nETag: 7\r\nContent-Length: 2\r\n\r\n{}"))
    answer = client.ask("POST", "/x", 2.0, {"A": "b"}, b"{}")
    assert (answer.status, answer.headers["etag"], answer.body) == (202, "7", b"{}")


@pytest.mark.parametrize(
    "play",
    [
        said(b""),
        said(b"SSH-2.0-OpenSSH\r\n"),
        said(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"),
        said(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{}"),
        said(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500 + b"\r\n"),
        said(b"HTTP/1.1 200 " + b"x" * 100_000),
        dripping,
        swollen,
        silent,
    ],
)
def test_half_an_answer_a_drip_a_flood_and_silence_are_no_answer(
    serve: Callable[[Play], HttpsClient], play: Play
) -> None:
    """DR-13: within the seconds given, and without filling memory."""
    clock, client = SystemClock(), serve(play)
    began = clock.monotonic()
    with pytest.raises(DriverUnreachable, match=r"127\.0\.0\.1 did not answer as a whole"):
        client.ask("GET", "/x", 1.0)
    assert clock.monotonic() - began < 5
    assert LARGEST_BODY < 10_000_000


def test_nobody_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    address = parse_address(f"http://127.0.0.1:{port}")
    assert address is not None
    with pytest.raises(DriverUnreachable):
        HttpsClient(address).ask("GET", "/", 1.0)


def test_https_is_what_is_spoken_to_anyone_but_this_machine() -> None:
    """DR-05: a token never travels in clear."""
    for url in (
        "http://vendor.example",
        "ftp://127.0.0.1",
        "https://u:p@a.example",
        "https://",
        "https://a b",
        "x" * 400,
    ):
        assert parse_address(url) is None, url
    address = parse_address("https://api.vakaonline.se/x/")
    assert address is not None
    assert (address.secure, address.port, address.prefix) == (True, 443, "/x")


def test_a_server_that_does_not_speak_tls_gets_no_token(serve: Callable[[Play], HttpsClient]) -> None:
    """DR-05, control of the one before: the same server reached as https is left before anything is sent."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            line, _ = listener.accept()
            with line:
                heard.append(line.recv(65536))
                line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

        threading.Thread(target=run, daemon=True).start()
        address = parse_address(f"https://127.0.0.1:{listener.getsockname()[1]}")
        assert address is not None
        with pytest.raises((DriverUnreachable, DriverRefused)):
            HttpsClient(address).ask("GET", "/", 2.0, {"Authorization": "Bearer hush"})
    assert b"hush" not in b"".join(heard)


def test_the_connection_can_be_another() -> None:
    """DR-05: whoever makes connections is told where to and for how long."""
    asked: list[tuple[str, int, float]] = []

    def dial(host: str, port: int, seconds: float) -> http.client.HTTPConnection:
        asked.append((host, port, seconds))
        raise OSError("no network")

    address = parse_address("https://vendor.example")
    assert address is not None
    with pytest.raises(DriverUnreachable, match="OSError"):
        HttpsClient(address, dial).ask("GET", "/", 3.0)
    assert asked == [("vendor.example", 443, 3.0)]


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (429, DriverUnreachable),
        (503, DriverUnreachable),
        (401, DriverRefused),
        (302, DriverRefused),
        (418, DriverRefused),
    ],
)
def test_a_status_says_whether_to_try_again_or_to_call_a_person(status: int, fault: type[Exception]) -> None:
    with pytest.raises(fault, match=str(status)):
        settled(Answer(status, {}, b""), "Vendor")
    assert settled(Answer(202, {}, b""), "Vendor").status == 202


def test_a_deadline_ends() -> None:
    clock = FakeClock()
    deadline = Deadline(clock, 10.0)
    clock.advance(4)
    assert deadline.left_s() == 6
    clock.advance(6)
    with pytest.raises(DriverUnreachable):
        deadline.left_s()


def test_secrets_and_words() -> None:
    assert is_same_secret("hush", "hush")
    assert not any(
        is_same_secret(given, wanted) for given, wanted in [(None, ""), ("", ""), ("hus", "hush"), ("å", "a")]
    )
    assert word("a\x00b\nc" + "d" * 300).startswith("a b cddd")
    assert word(7) == "7"
    assert word(["x"]) == ""
