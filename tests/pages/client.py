"""Ask the server of `pages.server` for a program: `python -I -S client.py MODULE WORDS...`.

It imports little, so that it starts in hundredths of a second. The program gets this process's
words, folder, environment and standard streams; its exit code is that of this process. Without a
server, or with settings that libraries read when they are loaded, the program is started as it is.
"""

import json
import os
import socket
import sys

ADDRESS = "NNTASKS_PAGES"
READ_WHEN_LOADED = ("NNTASKS_OPS", "NNTASKS_LIBRARY", "OMP_NUM_THREADS", "MPLBACKEND")


def settings():
    """Return the settings that a preloaded process cannot change, as text."""
    return json.dumps([os.environ.get(name) for name in READ_WHEN_LOADED])


def main(words):
    address, _, began_with = os.environ.get(ADDRESS, "").partition(" ")
    if not address or began_with != settings():
        os.execv(sys.executable, [sys.executable, "-m", *words])
    request = {
        "words": words,
        "folder": os.getcwd(),
        "environment": dict(os.environ),
        "executable": sys.executable,
    }
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(address)
        socket.send_fds(server, [b"."], [0, 1, 2])
        server.sendall(json.dumps(request).encode() + b"\n")
        code = server.makefile("rb").read()
    sys.exit(int(code) if code else 1)


if __name__ == "__main__":
    main(sys.argv[1:])
