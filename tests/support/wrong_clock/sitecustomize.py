"""A machine whose clock is wrong: python imports this before anything else where this folder is on
its path. `PORTAL_TEST_AHEAD` are the seconds its clock is ahead, below zero behind.

`portal.kernel.clock` reads the machine's clock in one place, `time.time`, which is moved here for
this process and those it starts. How long things take stays true.
"""

import os
import time

_ahead, _true = int(os.environ["PORTAL_TEST_AHEAD"]), time.time
time.time = lambda: _true() + _ahead
