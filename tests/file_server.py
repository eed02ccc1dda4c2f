"""A web server that cuts, refuses and redirects downloads on request."""

from __future__ import annotations

import http.server
import re
from typing import Any

BODY = bytes(range(256)) * 12_000  # three chunks


class Server(http.server.ThreadingHTTPServer):
    """Serves BODY, as well or badly as `manner` says."""

    daemon_threads = True
    body = BODY
    ranges = True  # honour Range
    cuts: list[int]  # break off after so many bytes, one per answer, then no more
    codes: list[int]  # answer with these codes first
    shift = 0  # answer a range that begins so many bytes later
    with_length = True
    asked: list[str | None]  # the Range header of each request

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/x.bin"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server = self.server
        server.asked.append(self.headers.get("Range"))
        if server.codes:
            self.send_error(server.codes.pop(0))
            return
        start = self._range_start()
        if start >= len(server.body):
            self.send_error(416)
            return
        body = server.body[start:]
        self.send_response(206 if start else 200)
        if start:
            end = len(server.body) - 1
            self.send_header("Content-Range", f"bytes {start + server.shift}-{end}/{end + 1}")
        if server.with_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: server.cuts.pop(0)] if server.cuts else body)

    def _range_start(self) -> int:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        return int(asked[1]) if asked and self.server.ranges else 0

    def log_message(self, *arguments: Any) -> None:
        pass
