"""The servers under load: `python -m portal.bench.parts portal.bench.parts:bare PORT [WORKERS]`."""

import sys
from typing import Any

from portal import serving


def __getattr__(name: str) -> Any:
    if name == "app":
        from portal.app import create_app

        return create_app()
    if name == "bare":
        return _bare()
    raise AttributeError(name)


def _bare() -> Any:
    from flask import Flask, redirect

    bare = Flask("bare")
    bare.add_url_rule("/", view_func=lambda: redirect("https://bench.example/"))
    return bare


if __name__ == "__main__":
    serving.serve(
        "127.0.0.1",
        int(sys.argv[2]),
        workers=int(sys.argv[3]) if len(sys.argv) > 3 else 1,
        target=sys.argv[1],
        ingests=sys.argv[1].endswith(":app"),
    )
