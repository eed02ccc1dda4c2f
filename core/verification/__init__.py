"""`verify`: check a finished run again: files, data, environment, numbers, training.

`checking` goes through the checks, a file each, and `verdict` puts what they found in one line.
"""

from __future__ import annotations

from nntasks.verification.accident import replay_accident
from nntasks.verification.checking import verify
from nntasks.verification.stretch import Stretch, processes
from nntasks.verification.verdict import TOLERANCE, Verification

__all__ = ["TOLERANCE", "Stretch", "Verification", "processes", "replay_accident", "verify"]
