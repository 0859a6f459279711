"""`python -m portal.demo.stripe_simulator [--port N] [--state FILE]`."""

import argparse
from pathlib import Path

from portal.demo.stripe_simulator.server import DEFAULT_PORT, serve


def main() -> None:
    parser = argparse.ArgumentParser(description="A Stripe-compatible server on loopback.")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--state", type=Path, help="keep everything in this file over restarts")
    options = parser.parse_args()
    serve(options.port, options.host, options.state)


if __name__ == "__main__":
    main()
