"""Raw calls with hostile input, in a process of its own.

    python hostile_calls.py FAMILY OVERLOAD SEED

Every call must raise an error with words in it, or give an answer; where the input is right both
implementations must give the same one. Prints how many calls ended either way.
"""

from __future__ import annotations

import importlib
import random
import sys

import torch
from hostile_input import Sweep
from hypothesis import seed

from nntasks import ops

FAMILIES = ("boxes", "columns", "detections", "draws", "matching", "weightings", "words")

if __name__ == "__main__":
    torch.set_num_threads(1)
    family, overload, start = sys.argv[1], sys.argv[2], int(sys.argv[3])
    module = importlib.import_module(f"hostile_{family}")
    if overload == "default" and ops.native_available():
        seed(start)(module.agree)()
    done = Sweep(overload)
    module.sweep(done, torch.Generator().manual_seed(start), random.Random(start))
    print(done.answers, done.refusals)
