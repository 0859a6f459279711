"""Odd characters: what PostgreSQL cannot keep never reaches it."""

from werkzeug.datastructures import FileStorage
from werkzeug.test import EnvironBuilder

from portal.web.security import PlainRequest


def test_no_value_of_an_address_or_a_form_holds_nul():
    sent = {"name": "A\0da", "all": ["1\0", "\0"], "file": FileStorage(filename="a\0b.pdf")}
    for data in (sent, {"name": "A\0da", "all": ["1\0", "\0"]}):
        asked = EnvironBuilder(method="POST", path="/x", query_string="q=%00x&q=y", data=data)
        told = PlainRequest(asked.get_environ())
        assert told.args.getlist("q") == ["x", "y"]
        assert (told.form["name"], told.form.getlist("all")) == ("Ada", ["1", ""])
        assert told.values["q"] == "x"
