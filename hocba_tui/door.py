"""The small messages, with descriptors, that go over the Unix socket of a served school.

One message is one packet (SOCK_SEQPACKET): a JSON object of at most LONGEST bytes, with at most a few descriptors.
"""

from __future__ import annotations

import array
import contextlib
import json
import os
import socket
import struct
from collections.abc import Iterable, Mapping, Sequence

LONGEST = 4096
"""Bytes of a message. A longer one is refused."""

_DRAINED = 64

Message = dict[str, object]


class BadMessage(Exception):
    """What came is no message of ours; nothing of it was kept."""


def connect(path: str, patience: float) -> socket.socket:
    """Return a connection to the server behind ``path``, on which ``patience`` (seconds) is the limit of each wait.

    OSError when nobody listens there, BlockingIOError when it takes nobody in time.
    """
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        # The kernel's limit: with one of Python's own, a queue that is full would be an error at once.
        seconds, part = divmod(patience, 1)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(seconds), int(part * 1e6)))
        line.connect(path)
        line.settimeout(patience)
    except OSError:
        line.close()
        raise
    return line


def peer(line: socket.socket) -> tuple[int, int]:
    """Return process and user (uid) on the other side when it connected, as the kernel says."""
    pid, uid, _ = struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return pid, uid


def send(line: socket.socket, message: Mapping[str, object], descriptors: Sequence[int] = ()) -> None:
    """Send a message; OSError when the other side is gone, BlockingIOError when it does not read."""
    data = json.dumps(message, ensure_ascii=False).encode()
    if descriptors:
        socket.send_fds(line, [data], descriptors, socket.MSG_NOSIGNAL)
    else:
        line.send(data, socket.MSG_NOSIGNAL)


def peek(line: socket.socket) -> Message:
    """Return the message that waits, without taking it; raise as :func:`receive` does."""
    return _read(line.recv(LONGEST + 1, socket.MSG_PEEK | socket.MSG_DONTWAIT))


def receive(line: socket.socket, most: int = 0) -> tuple[Message, list[int]]:
    """Take a message with at most ``most`` descriptors, which the caller must close.

    EOFError when the other side has hung up; BadMessage when it is no message of ours, or brought too much; OSError
    when the connection failed or, on one with a time limit, nothing came in time. No descriptor stays open then.
    """
    descriptors = array.array("i")
    # Not socket.recv_fds, which drops the flag: each helper of a session would have the descriptors, too.
    space = socket.CMSG_LEN((most + 1) * descriptors.itemsize)
    data, brought, flags, _ = line.recvmsg(LONGEST + 1, space, socket.MSG_CMSG_CLOEXEC)
    for level, kind, numbers in brought:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(numbers[: len(numbers) - len(numbers) % descriptors.itemsize])
    try:
        whole = len(descriptors) <= most and not flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC)
        return _read(data, whole=whole), list(descriptors)
    except BaseException:
        close_all(descriptors)
        raise


def drain(line: socket.socket) -> None:
    """Drop what was not read: closing a socket over it would take from the other side what was said last."""
    line.setblocking(False)
    with contextlib.suppress(OSError):
        for _ in range(_DRAINED):
            if not line.recv(1):  # Descriptors in it are closed by the kernel.
                return


def close_all(descriptors: Iterable[int]) -> None:
    """Close descriptors; an error of one of them is nobody's concern here."""
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptor)


def _read(data: bytes, *, whole: bool = True) -> Message:
    if not data:
        raise EOFError
    if not whole or len(data) > LONGEST:
        raise BadMessage("too much")
    try:
        message = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadMessage("no JSON") from error
    if not isinstance(message, dict):
        raise BadMessage("no object")
    return message
