"""The HTTP server of the sandbox portal; it binds to loopback only."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from hocba_tui.sandbox.portal import SandboxPortal

PATH = "/hocba/giao-dich"
_MOST = 16_000_000
"""Bytes of one request: 10 MB of XML, packed and Base64, with room."""


class SandboxServer(ThreadingHTTPServer):
    """Serve ``portal`` on 127.0.0.1; port 0 takes a free one."""

    daemon_threads = True

    def __init__(self, port: int, portal: SandboxPortal) -> None:
        self.portal = portal
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        """Return where the server listens."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: SandboxServer
    timeout = 30

    def do_POST(self) -> None:
        """Answer one transaction."""
        try:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if self.path == PATH and 0 < size <= _MOST else None
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            self._reply(400, {"Error": "E00", "ErrorDescription": "yêu cầu không đúng dạng"})
            return
        self._reply(200, self.server.portal.handle(body))

    def _reply(self, status: int, answer: dict[str, Any]) -> None:
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: requests carry pupils' data."""
