"""The snippet on a shop's own domain, in a real Chromium: the portal is `localhost`, the shop
`127.0.0.1`: two hosts, so whatever is kept is the shop's own and nobody else's."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from tests.support.chromium import PHONE, chromium

pytestmark = pytest.mark.browser
CLICK = "7301442211998765432"
SIGNAL = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})"


class Shop:
    """A shop of one page per kind; remembers what its cart and its checkout were handed."""

    def __init__(self, script: str) -> None:
        self.script, self.handed = script, []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.base_url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def page(self, kind: str, more: str) -> str:
        return (
            f"<!doctype html><title>Shop</title><script src='{self.script}' data-shop='{kind}' "
            f"{more} async></script><h1>Tea</h1>"
            "<form class='checkout' method='post' action='/order'><button>Pay</button></form>"
            "<a id='pay' href='https://buy.stripe.com/test_1?prefilled=x'>Pay by link</a>"
            "<a id='else' href='https://elsewhere.example/'>Elsewhere</a>"
            "<a id='call' href='tel:+4930123'>Call</a><a href='https://'>Nowhere</a>"
        )

    def _handler(shop):  # noqa: N805 (the handler's own self is the request)
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                asked = parse_qs(parts.query)
                more = f"data-consent='{asked['consent'][0]}'" if "consent" in asked else ""
                self.reply(shop.page(parts.path.strip("/") or "shopify", more))

            def do_POST(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                shop.handed.append((self.path, self.rfile.read(size).decode()))
                self.reply("{}" if self.path.endswith(".js") else "<title>Thanks</title>")

            def reply(self, text: str) -> None:
                body = text.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def shop(app) -> Iterator[Shop]:
    portal = make_server("127.0.0.1", 0, app, threaded=True)
    made = Shop(f"http://localhost:{portal.port}/vouch.js")
    servers = (portal, made.server)
    threads = [threading.Thread(target=one.serve_forever, daemon=True) for one in servers]
    for thread in threads:
        thread.start()
    yield made
    for one in servers:
        one.shutdown()
        one.server_close()
    for thread in threads:
        thread.join(timeout=5)


@pytest.fixture
def page(chrome, shop) -> Iterator[Page]:
    context = chrome.new_context(viewport=PHONE, base_url=shop.base_url)
    yield context.new_page()
    context.close()


def kept(page: Page) -> tuple[bool, list[tuple[str, str]]]:
    """Whether the shop's own storage holds the click, and every cookie with its host."""
    stored = page.evaluate(f"(localStorage.getItem('vclid') || '').includes('{CLICK}')")
    cookies = page.context.cookies()
    return stored, [(one["domain"], one["value"]) for one in cookies if one["name"] == "vclid"]


def arrived(page: Page) -> None:
    """The script ran."""
    expect(page.locator("h1")).to_be_visible()
    page.wait_for_function("window.vouch !== undefined")


def test_shopify_gets_the_click_as_a_cart_attribute_on_a_later_page_too(shop, page):
    with page.expect_response("**/cart/update.js"):
        page.goto(f"/shopify?vclid={CLICK}")
    ((path, told),) = shop.handed
    assert (path, json.loads(told)) == ("/cart/update.js", {"attributes": {"vclid": CLICK}})
    assert kept(page) == (True, [("127.0.0.1", CLICK)])
    page.goto("/shopify")
    arrived(page)
    assert page.evaluate("window.vouch.click") == CLICK
    assert len(shop.handed) == 1, "told once a visit"


def test_woocommerce_gets_it_with_the_checkout_form(shop, page):
    page.goto(f"/woocommerce?vclid={CLICK}")
    arrived(page)
    page.goto("/woocommerce")
    expect(page.locator("input[name=_vclid]")).to_have_value(CLICK)
    page.evaluate("document.querySelector('form').outerHTML = "
                  "\"<form class='checkout' method='post' action='/order'><button>Pay</button></form>\"")  # fmt: skip
    expect(page.locator("input[name=_vclid]")).to_have_value(CLICK)
    page.get_by_role("button", name="Pay").click()
    expect(page).to_have_title("Thanks")
    assert shop.handed == [("/order", f"_vclid={CLICK}")]


def test_stripe_payment_links_carry_it_and_other_links_do_not(shop, page):
    page.goto(f"/stripe?vclid={CLICK}")
    link = page.locator("#pay")
    expect(link).to_have_attribute(
        "href", f"https://buy.stripe.com/test_1?prefilled=x&client_reference_id={CLICK}"
    )
    expect(page.locator("#else")).to_have_attribute("href", "https://elsewhere.example/")


def test_links_that_lead_to_no_host_stay_as_they_are(shop, page):
    page.goto(f"/stripe?vclid={CLICK}")
    expect(page.locator("#pay")).to_have_attribute("href", re.compile(CLICK))
    expect(page.locator("#call")).to_have_attribute("href", "tel:+4930123")


def test_a_refusal_takes_back_what_was_handed_over(shop, page):
    with page.expect_response("**/cart/update.js"):
        page.goto(f"/shopify?vclid={CLICK}")
    page.wait_for_function("sessionStorage.getItem('vclid-in-cart')")
    with page.expect_response("**/cart/update.js"):
        page.evaluate("window.vouch.deny()")
    assert [json.loads(told)["attributes"]["vclid"] for _, told in shop.handed] == [CLICK, ""]
    page.goto(f"/woocommerce?vclid={CLICK}")
    expect(page.locator("input[name=_vclid]")).to_have_value(CLICK)
    page.evaluate("window.vouch.deny()")
    expect(page.locator("input[name=_vclid]")).to_have_count(0)
    page.goto(f"/stripe?vclid={CLICK}")
    expect(page.locator("#pay")).to_have_attribute("href", re.compile(CLICK))
    page.evaluate("window.vouch.deny()")
    expect(page.locator("#pay")).not_to_have_attribute("href", re.compile(CLICK))


def test_the_browsers_refusal_wins_over_everything(shop, page):
    page.goto(f"/woocommerce?vclid={CLICK}")
    arrived(page)
    page.add_init_script(SIGNAL)
    page.goto(f"/woocommerce?vclid={CLICK}")
    arrived(page)
    assert page.evaluate("window.vouch.grant()") is False
    assert kept(page) == (False, []), "what was kept before is forgotten"
    expect(page.locator("input[name=_vclid]")).to_have_count(0)


@pytest.mark.parametrize("word", ["ask", "denied"])
def test_without_consent_nothing_is_kept(shop, page, word):
    page.goto(f"/woocommerce?vclid={CLICK}&consent={word}")
    arrived(page)
    assert kept(page) == (False, [])
    granted = page.evaluate("window.vouch.grant()")
    assert granted is (word == "ask")
    assert kept(page) == ((True, [("127.0.0.1", CLICK)]) if granted else (False, []))
    page.evaluate("window.vouch.deny()")
    assert kept(page) == (False, [])


def test_a_made_up_click_is_not_kept(shop, page):
    page.goto("/stripe?vclid=<script>alert(1)</script>")
    arrived(page)
    assert kept(page) == (False, [])
    assert "client_reference_id" not in str(page.locator("#pay").get_attribute("href"))


def test_it_is_small_cached_and_asks_nothing_of_us(app):
    answer = app.test_client().get("/vouch.js")
    assert answer.status_code == 200
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"].startswith("public, max-age=3600")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in answer.headers
    assert len(answer.data) < 6_000
    again = app.test_client().get("/vouch.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
