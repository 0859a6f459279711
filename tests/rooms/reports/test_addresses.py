"""Addresses as people type them."""

import pytest


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/creator/", "/creator"),
        ("/creator///", "/creator"),
        ("//creator/", "/creator"),  # two would lead to another host
    ],
)
def test_a_slash_too_many_leads_to_the_page(app, typed, meant):
    found = app.test_client().get("/", environ_overrides={"PATH_INFO": typed})
    assert (found.status_code, found.headers.get("Location")) == (308, meant)


def test_what_was_asked_goes_along(app):
    found = app.test_client().get("/creator/links/?sort=%C3%A9")
    assert found.headers["Location"] == "/creator/links?sort=%C3%A9"


@pytest.mark.parametrize("typed", ["/nowhere/", "//evil.example/"])
def test_nothing_else_is_taken_for_an_address(app, typed):
    found = app.test_client().get("/", environ_overrides={"PATH_INFO": typed})
    assert (found.status_code, found.headers.get("Location")) == (404, None)
