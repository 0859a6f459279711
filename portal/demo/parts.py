"""One process of a demo: `python -m portal.demo.parts server|worker|fill …`."""

import os
import sys
from pathlib import Path
from typing import Any

from portal import serving
from portal.demo.stage import DATA_VARIABLE


def data() -> Path:
    """The folder the stage works in."""
    return Path(os.environ[DATA_VARIABLE])


def __getattr__(name: str) -> Any:
    # `app` is made when granian's worker process asks for it, not when the stage imports this.
    if name == "app":
        from portal.app import create_app

        return create_app(serving.settings_for(data()))
    raise AttributeError(name)


def main(part: str, *arguments: str) -> None:
    """Be one part until stopped."""
    if part == "server":
        serving.serve(
            arguments[0], int(arguments[1]), workers=1, target="portal.demo.parts:app", quiet=True,
            data=data(),
        )  # fmt: skip
    elif part == "worker":
        serving.work(data())
    elif part == "fill":
        from portal.demo import story

        with serving.application(serving.settings_for(data())):
            story.fill(int(arguments[0]))


if __name__ == "__main__":
    main(*sys.argv[1:])
