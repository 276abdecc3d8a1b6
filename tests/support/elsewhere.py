"""The computer at which a teacher sits: a token behind p11-kit's own server, and a valve in front of its socket."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from hocba_tui.config import softhsm_module
from tests.conftest import require_tool
from tests.support.served import wait_until
from tests.support.tokens import OddKey, make_token


@contextlib.contextmanager
def token_elsewhere(folder: Path, key: OddKey) -> Iterator[Path]:
    """Make a token in ``folder``, serve it, and yield the socket that ``ssh -R`` carries."""
    module = softhsm_module()
    tools = module is not None and shutil.which("softhsm2-util") and shutil.which("p11-kit")
    require_tool("softhsm2 và p11-kit", present=bool(tools))
    assert module is not None
    environment = make_token(folder, module, key)
    runtime = folder / "runtime"
    (runtime / "p11-kit").mkdir(mode=0o700, parents=True)
    path = runtime / "p11-kit" / "token"
    server = subprocess.Popen(
        ("p11-kit", "server", "--foreground", "--name", str(path), "--provider", str(module), "pkcs11:"),
        env={**os.environ, **environment, "XDG_RUNTIME_DIR": str(runtime)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until(path.exists, "p11-kit to make its socket")
        yield path
    finally:
        server.kill()
        server.wait()


class Valve:
    """A socket in front of another one; what clients say can be let through one piece at a time."""

    def __init__(self, behind: Path) -> None:
        self._behind = str(behind)
        self._folder = Path(tempfile.mkdtemp(prefix="hocba-valve-"))
        self.path = self._folder / "s"
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(self.path))
        self._listening.listen()
        self._free = threading.Event()
        self._free.set()
        self._pieces = threading.Semaphore(0)
        self._sockets = [self._listening]
        threading.Thread(target=self._accept, daemon=True).start()

    def close_it(self) -> None:
        """Let nothing more through, but for :meth:`let_one`."""
        self._free.clear()

    def open_it(self) -> None:
        """Let everything through again."""
        self._free.set()
        self._pieces.release()

    def let_one(self) -> None:
        """Let one piece through."""
        self._pieces.release()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._behind)
                self._sockets += [client, server]
                for pair in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, valve: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if valve and not self._free.is_set():
                    self._pieces.acquire()
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.open_it()
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        shutil.rmtree(self._folder)
