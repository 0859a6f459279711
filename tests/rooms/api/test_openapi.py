"""The OpenAPI document: made from the doors, valid, and kept by every answer (fuzzed)."""

import json
from contextvars import Context
from dataclasses import replace

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from portal.api import openapi
from portal.storage.model import db
from tests.support.callers import a_caller, told
from tests.support.people import a_program, an_ambassador

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance,
          response_headers_conformance, response_schema_conformance, negative_data_rejection,
          unsupported_method]  # fmt: skip


@pytest.fixture
def document(app):
    return openapi.document(app, "http://localhost")


def test_every_door_of_the_interface_is_documented(app, document):
    doors = {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    written = {(path, method) for path, one in document["paths"].items() for method in one}
    assert written == doors


def test_every_schema_is_valid_and_every_reference_leads_somewhere(document):
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        jsonschema_rs.meta.validate(schema)
    text = json.dumps(document)
    for part in text.split('"$ref": "#/components/schemas/')[1:]:
        assert part.partition('"')[0] in schemas


def test_the_document_is_served_to_everybody(app, document):
    client = app.test_client()
    answer = client.get("/api/openapi.json")
    assert answer.mimetype == "application/json"
    assert answer.get_json()["openapi"] == "3.1.0"
    assert answer.get_json()["paths"].keys() == document["paths"].keys()


def test_the_reference_page_names_every_operation(world, browser, document):
    page = browser.opens("/api/docs")
    for path, methods in document["paths"].items():
        assert path in page.text
        for operation in methods.values():
            page.sees(operation["summary"])


def fuzz(world, examples):
    """Requests made from the document, right and wrong; every answer is held against it."""
    ada = an_ambassador(a_program(world.glow), "Ada", code="ADA15")
    shop = a_caller(world, world.glow)
    order = shop.posts("/conversions", told(codes=["ADA15"]))
    known = {
        "ambassador": ada.public_id, "conversion": order["id"],
        "code": shop.gets("/codes")["data"][0]["id"], "link": shop.gets("/links")["data"][0]["id"],
    }  # fmt: skip
    document = schemathesis.openapi.from_wsgi("/api/openapi.json", world.app)
    del document.raw_schema["security"]  # the key is ours to send; without it: test_keys.py
    world.app.config["PORTAL"] = replace(world.app.config["PORTAL"], api_per_minute=10**9)
    return [_fuzzed(found.ok(), shop, known, examples) for found in document.get_all_operations()]


def _fuzzed(operation, shop, known, examples):
    named = {name: one for name, one in known.items() if f"{{{name}}}" in operation.path}
    right = operation.as_strategy(GenerationMode.POSITIVE)
    there = operation.as_strategy(GenerationMode.POSITIVE, path_parameters=named or None)
    wrong = operation.as_strategy(GenerationMode.NEGATIVE)
    asked = []

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate],
    )  # fmt: skip
    @given(case=right | there | wrong)
    def run(case):
        headers = {"Authorization": f"Bearer {shop.token}"}
        try:
            answer = Context().run(case.call, headers=headers)
        finally:
            db.session.remove()
        case.validate_response(answer, checks=CHECKS, headers=headers)
        asked.append(answer.status_code)

    run()
    return operation.label, asked


@pytest.fixture
def own_settings(app):
    kept = app.config["PORTAL"]
    yield
    app.config["PORTAL"] = kept


@pytest.mark.usefixtures("own_settings")
def test_answers_keep_to_the_document_whatever_is_asked(world):
    seen = dict(fuzz(world, examples=12))
    assert len(seen) == 19
    assert {200, 201, 422} <= {status for statuses in seen.values() for status in statuses}


@pytest.mark.long
@pytest.mark.usefixtures("own_settings")
def test_answers_keep_to_the_document_for_long(world):
    fuzz(world, examples=150)
