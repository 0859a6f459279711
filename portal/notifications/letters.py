"""Render letters from templates/email/<name>/: subject.txt and body.txt; layout.html for HTML."""

from typing import Any

import css_inline
from flask import current_app

from portal.notifications import commands
from portal.notifications.rules import letter_of

MANDATORY = (
    "You get this mail because it concerns your account, your money or a decision about you."
)


def link_to(endpoint: str, **values: Any) -> str:
    """The whole address of a page, also where there is no request (the worker)."""
    paths = current_app.url_map.bind("localhost")
    return f"{current_app.config['PORTAL'].base_url}{paths.build(endpoint, values)}"


def send(name: str, subject_id: int, recipient: str, /, **context: Any) -> None:
    """Write one letter to one address: text and HTML say the same."""
    base = current_app.config["PORTAL"].base_url
    values = {**context, "base_url": base}
    letter = letter_of(
        _render(f"email/{name}/subject.txt", **values),
        _render(f"email/{name}/body.txt", **values),
        context.get("why", MANDATORY),
    )
    html = css_inline.inline(_render("email/layout.html", letter=letter, base_url=base))
    commands.write(name, subject_id, recipient, letter, html)


def _render(template: str, **values: Any) -> str:
    # Not flask.render_template: a letter has no request, hence no shell around it.
    return current_app.jinja_env.get_template(template).render(**values)
