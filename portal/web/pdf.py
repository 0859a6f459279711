"""Documents by typst: data goes in as JSON and stays inert, the same data gives the same bytes."""

import json
from functools import cache
from importlib.util import find_spec
from typing import Any

from flask import Response, current_app

from portal.kernel.errors import NotFound


@cache
def is_available() -> bool:
    """Whether the [pdf] extra is installed; without it, pages are printed instead."""
    return find_spec("typst") is not None


def answer(layout: str, name: str, data: dict[str, Any]) -> Response:
    """A PDF that screen readers can read (PDF/UA-1), from templates/<layout> and its data.

    Raises NotFound where typst is not installed.
    """
    if not is_available():
        raise NotFound("This portal makes no PDF files. Print the page instead.")
    import typst

    env = current_app.jinja_env
    assert env.loader is not None
    source, _, _ = env.loader.get_source(env, layout)
    made = typst.compile(
        source.encode(), format="pdf", sys_inputs={"data": json.dumps(data)},
        pdf_standards="ua-1", ignore_system_fonts=True,
    )  # fmt: skip
    response = Response(made, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return response
