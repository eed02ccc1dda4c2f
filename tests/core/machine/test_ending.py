"""How a process ends after it shared a run."""

import subprocess
import sys
import textwrap

from nntasks.machine.program import search_path

PROGRAM = """
import atexit, sys
sys.path[:] = {path!r}
from nntasks.machine import ending
class Late:
    def __del__(self):
        print("shut down", flush=True)
late = Late()
atexit.register(print, "exit handler")
if {grouped}:
    ending.joined_group()
print("last line")
ending.end(3)
"""


def ended(grouped):
    program = textwrap.dedent(PROGRAM).format(path=search_path(), grouped=grouped)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)


def test_a_process_of_a_group_writes_all_and_skips_the_shutdown():
    done = ended(True)
    assert (done.returncode, done.stdout, done.stderr) == (3, "last line\nexit handler\n", "")


def test_a_process_alone_ends_as_any_other():
    done = ended(False)
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout == "last line\nexit handler\nshut down\n"
