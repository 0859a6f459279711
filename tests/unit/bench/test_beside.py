"""A webhook beside a payout run: the load keeps its pace, and the benchmark does what it says."""

import gzip
import json
import os
import socket
import subprocess
import sys
import threading

import pytest

from portal.bench.paced import paced

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
ASKED = b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
INVOICES = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,A,THING,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
536365,B,THING,2,2010-12-01 08:26:00,1.005,17850.0,United Kingdom
C536379,A,THING,-1,2010-12-01 09:41:00,2.55,17850.0,United Kingdom
A563185,B,Adjust bad debt,1,2011-08-12 14:50:00,11062.06,,United Kingdom
"""
RUN = """
import json
from portal.bench.beside import Size, measure
print(json.dumps([part for part in measure(Size(12, 25, 20.0, 1.0, 1.0), {"SQLite": ""})]))
"""


def answering(door: socket.socket, held: threading.Event) -> None:
    """Answer each request, the first ones only once `held` is set."""
    with door:
        while True:
            try:
                one, _ = door.accept()
            except OSError:
                return
            threading.Thread(target=_serve, args=(one, held), daemon=True).start()


def _serve(one: socket.socket, held: threading.Event) -> None:
    with one:
        while one.recv(65536):
            held.wait()
            one.sendall(OK)


def test_a_server_that_stands_still_is_seen_by_all_who_came_meanwhile():
    door, held = socket.create_server(("127.0.0.1", 0)), threading.Event()
    threading.Thread(target=answering, args=(door, held), daemon=True).start()
    with paced(door.getsockname()[1], [ASKED] * 60, 200.0) as pace:
        stopping = threading.Timer(0.5, held.set)
        stopping.start()
        stopping.join()
        seen = pace.stop()
    door.close()
    assert 32 <= seen.requests <= 60  # no more than there are, and no fewer than wait at once
    assert seen.max_ms > 100
    assert seen.p50_ms <= seen.p99_ms <= seen.max_ms


@pytest.mark.long
def test_P17_at_a_tiny_size_everything_answered_is_stored_and_nobody_is_paid_twice(tmp_path):
    with gzip.open(tmp_path / "online_retail_uci.csv.gz", "wt") as file:
        file.write(INVOICES)
    done = subprocess.run(
        [sys.executable, "-c", RUN], capture_output=True, text=True, check=False, timeout=600,
        env={**os.environ, "PORTAL_REAL_ORDERS": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    (found,) = json.loads(done.stdout.splitlines()[-1])
    answered, stored = found["SQLite: answered, and stored (each message once)"].split(", ")
    assert answered == stored != "0"
    assert found["SQLite: payouts, transfers, duplicates"] == "12, 12, 0"
    assert found["SQLite: sent without a transfer, and the other way"] == "0, 0"
