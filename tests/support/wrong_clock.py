"""The real program on a machine whose clock is wrong: `python -m tests.support.wrong_clock 600 work`
is `portal work`, ten minutes ahead; a number below zero is behind.

`portal.kernel.clock` reads the machine's clock in one place, `time.time`, which is moved in this
process alone, before anything of the program is imported. How long things take stays true.
"""

import runpy
import sys
import time

if __name__ == "__main__":
    ahead, true = int(sys.argv.pop(1)), time.time
    time.time = lambda: true() + ahead
    runpy.run_module("portal.cli", run_name="__main__", alter_sys=True)
