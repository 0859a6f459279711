"""Which addresses may be called (RELIABILITY: SSRF)."""

import pytest

from portal.outbound import addresses


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111"])
def test_what_anybody_can_reach_is_public(address):
    assert addresses.is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.8", "172.16.0.1", "192.168.1.1", "100.64.0.1",
        "169.254.169.254", "192.0.0.192", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
        "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::", "::127.0.0.1", "2001:db8::1",
        "fec0::1", "3fff::1", "192.88.99.1", "not an address", "",
    ],
)  # fmt: skip
def test_nothing_else_is(address):
    assert not addresses.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "gopher://shop.example/", "file:///etc/passwd", "ftp://shop.example", "//shop.example/x",
        "https://", "https://user@shop.example/", "https://shop.example\\@evil.example/",
        "https://shop.example/a b", "https://shop.example/\r\nX: 1", "https://shop.example:99999/",
        "https://shöp.example/", "javascript:alert(1)", "https://x.example/" + "a" * 2100,
    ],
)  # fmt: skip
def test_what_is_no_callable_address_is_refused(url):
    with pytest.raises(ValueError):
        addresses.parts_of(url)
