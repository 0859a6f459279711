"""The servers under load: `python -m portal.bench.parts TARGET PORT [WORKERS [SERVER]]`, where the
target is portal.bench.parts:app, :bare, :floor or :verify."""

import json
import signal
import subprocess
import sys
from contextlib import nullcontext
from typing import Any

from portal import serving


def __getattr__(name: str) -> Any:
    if name == "app":
        from portal.app import create_app

        return create_app()
    if name == "bare":
        return bare_app()
    if name == "verify":
        return verifying_app()
    raise AttributeError(name)


def bare_app() -> Any:
    """The yardstick: Flask and one redirect."""
    from flask import Flask, redirect

    bare = Flask("bare")
    bare.add_url_rule("/", view_func=lambda: redirect("https://bench.example/"))
    return bare


def floor(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """No framework, no work: what is left is the server's own price of a request in Python."""
    start_response("302 Found", [("Location", "https://bench.example/"), ("Content-Length", "0")])
    return [b""]


def verifying_app() -> Any:
    """The yardstick of the webhook door: verify the signature, parse the body, keep nothing."""
    import hmac
    from base64 import b64encode
    from hashlib import sha256

    from flask import Flask, abort, request

    def door(connection: str) -> dict[str, bool]:
        assert connection
        body, given = request.get_data(), request.headers.get("X-Shopify-Hmac-Sha256", "")
        made = b64encode(hmac.new(b"secret", body, sha256).digest()).decode()
        if not hmac.compare_digest(made, given) or not isinstance(json.loads(body), dict):
            abort(401)
        return {"received": True}

    verify = Flask("verify")
    verify.add_url_rule("/hooks/shopify/<connection>", view_func=door, methods=["POST"])
    return verify


def main(target: str, port: str, workers: str = "1", server: str = "granian") -> None:
    """Serve until SIGTERM; the portal with its ingester beside it, as an installation runs."""
    ingests = target.endswith(":app")
    if server == "granian":
        serving.serve("127.0.0.1", int(port), int(workers), target, quiet=True, ingests=ingests)
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    command = [sys.executable, "-m", "gunicorn", "--threads", "8", "-w", workers, "-k", "gthread",
               "--keep-alive", "75", "--log-level", "error",
               "-b", f"127.0.0.1:{port}", target]  # fmt: skip
    beside = serving.beside([sys.executable, "-m", "portal.cli", "ingest"])
    with beside if ingests else nullcontext():
        subprocess.run(command, check=False)  # noqa: S603


if __name__ == "__main__":
    main(*sys.argv[1:])
