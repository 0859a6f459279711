"""The one way out, against real sockets on loopback."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from portal.kernel.errors import ProviderUnavailable
from portal.outbound import Forbidden, fetch


class Shop(BaseHTTPRequestHandler):
    """A server that answers by its path."""

    def do_GET(self):
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1/secret")
            self.end_headers()
            return
        if self.path == "/drip":
            self.send_response(200)
            self.end_headers()
            for _ in range(40):
                self.wfile.write(b".")
                self.wfile.flush()
                time.sleep(0.1)
            return
        self.server.asked.append((self.path, self.headers["Host"]))
        body = b"x" * (2_000 if self.path == "/big" else 5)
        self.send_response(404 if self.path == "/gone" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        told = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.end_headers()
        self.wfile.write(self.headers["X-Sign"].encode() + told)

    def log_message(self, *args):
        return


@pytest.fixture(scope="module")
def shop():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.daemon_threads, server.asked = True, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def home(shop):
    return f"http://127.0.0.1:{shop.server_port}"


def test_an_answer_is_whole(home):
    found = fetch(f"{home}/mug?size=l", allows_loopback=True)
    assert (found.status, found.body, found.headers["content-length"]) == (200, b"xxxxx", "5")
    assert fetch(f"{home}/gone", allows_loopback=True).status == 404


def test_headers_and_body_are_sent(home):
    found = fetch(
        f"{home}/hook", method="POST", headers={"X-Sign": "v1,"}, body=b"{}", allows_loopback=True
    )
    assert (found.status, found.body) == (201, b"v1,{}")


def test_a_redirect_is_answered_and_never_followed(home, shop):
    found = fetch(f"{home}/moved", allows_loopback=True)
    assert found.is_redirect
    assert found.headers["location"] == "http://127.0.0.1/secret"
    assert "/secret" not in [path for path, _ in shop.asked]


def test_too_much_and_too_slow_are_no_answer(home):
    with pytest.raises(ProviderUnavailable, match="more than 1,000 bytes"):
        fetch(f"{home}/big", most_bytes=1_000, allows_loopback=True)
    began = time.monotonic()
    with pytest.raises(ProviderUnavailable, match="did not answer"):
        fetch(f"{home}/drip", timeout_seconds=1, allows_loopback=True, most_bytes=1_000)
    assert time.monotonic() - began < 2.5


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/",
        "https://017700000001/", "https://[::1]/", "https://0.0.0.0/", "https://169.254.169.254/latest",
        "https://[::ffff:127.0.0.1]/", "https://localhost/", "gopher://127.0.0.1/", "http://127.0.0.1/",
    ],
)  # fmt: skip
def test_this_machine_is_out_of_reach(url):
    with pytest.raises(Forbidden):
        fetch(url)


def test_plain_http_goes_nowhere_but_to_an_allowed_loopback(home):
    with pytest.raises(Forbidden, match="https://"):
        fetch("http://shop.example/", resolver=lambda host, port: ["93.184.216.34"])
    with pytest.raises(Forbidden, match="https://"):
        fetch(
            "http://shop.example/", resolver=lambda host, port: ["93.184.216.34"],
            allows_loopback=True,
        )  # fmt: skip
    assert fetch(home, allows_loopback=True).status == 200


def test_one_private_address_among_public_ones_is_enough_to_refuse():
    with pytest.raises(Forbidden, match=r"shop\.example is not a public address"):
        fetch("https://shop.example/", resolver=lambda host, port: ["93.184.216.34", "10.0.0.1"])


def test_the_name_is_looked_up_once_so_a_rebinding_name_gains_nothing(shop):
    asked = []

    def rebinding(host, port):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    url = f"http://shop.example:{shop.server_port}/mug"
    assert fetch(url, resolver=rebinding, allows_loopback=True).status == 200
    assert asked == ["shop.example"]
    assert shop.asked[-1] == ("/mug", f"shop.example:{shop.server_port}")


def test_who_does_not_answer_or_exist_is_unavailable(home):
    def nowhere(host, port):
        raise OSError

    with pytest.raises(ProviderUnavailable, match="could not be found"):
        fetch("https://shop.example/", resolver=nowhere)
    with pytest.raises(ProviderUnavailable, match="could not be reached"):
        fetch("http://127.0.0.1:9/", allows_loopback=True)
    with pytest.raises(ProviderUnavailable, match=r"certificate|did not answer"):
        fetch(home.replace("http:", "https:"), allows_loopback=True)
