"""Render letters from templates/email/<name>/: subject.txt and body.txt; layout.html for HTML."""

from collections.abc import Mapping, Sequence
from typing import Any

import css_inline
from flask import current_app

from portal.notifications import commands
from portal.notifications.rules import Letter, letter_of

MANDATORY = (
    "You get this mail because it concerns your account, your money or a decision about you."
)


def link_to(endpoint: str, **values: Any) -> str:
    """The whole address of a page, also where there is no request (the worker)."""
    paths = current_app.url_map.bind("localhost")
    return f"{current_app.config['PORTAL'].base_url}{paths.build(endpoint, values)}"


def send(name: str, subject_id: int, recipient: str, /, **context: Any) -> None:
    """Write one letter to one address: text and HTML say the same."""
    send_each(name, [(subject_id, recipient, context)])


def send_each(name: str, letters: Sequence[tuple[int, str, Mapping[str, Any]]]) -> None:
    """`send` the same letter to many: (subject id, recipient, what it says)."""
    commands.write_each(
        name, [(subject, to, *_written(name, context)) for subject, to, context in letters]
    )


def _written(name: str, context: Mapping[str, Any]) -> tuple[Letter, str]:
    base = current_app.config["PORTAL"].base_url
    values = {**context, "base_url": base}
    letter = letter_of(
        _render(f"email/{name}/subject.txt", **values),
        _render(f"email/{name}/body.txt", **values),
        context.get("why", MANDATORY),
    )
    html = css_inline.inline(_render("email/layout.html", letter=letter, base_url=base))
    return letter, html


def _render(template: str, **values: Any) -> str:
    # Not flask.render_template: a letter has no request, hence no shell around it.
    return current_app.jinja_env.get_template(template).render(**values)
