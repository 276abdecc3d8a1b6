"""Messages over the socket: small, typed, with few descriptors; anything else leaves nothing behind."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hocba_tui import door

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        ours.settimeout(5)
        yield ours, theirs


def count() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_message_arrives_with_its_descriptors_closed_on_exec(pair: Pair) -> None:
    ours, theirs = pair
    door.send(theirs, {"want": "màn hình"}, [0, 1])
    message, descriptors = door.receive(ours, 2)
    assert message == {"want": "màn hình"}
    assert [os.get_inheritable(one) for one in descriptors] == [False, False]
    door.close_all(descriptors)
    theirs.close()
    with pytest.raises(EOFError):
        door.receive(ours)


@pytest.mark.parametrize(
    "data",
    [b"x", b"[]", b"7", b"null", b'"a"', b"[" * 4000, b"{" * 4000, b'{"a":', b"\xff\xfe", b"\x00"],
    ids=lambda data: repr(data[:6]),
)  # fmt: skip
@pytest.mark.parametrize("most", [0, 3])
def test_what_is_no_message_is_refused_and_its_descriptors_closed(pair: Pair, data: bytes, most: int) -> None:
    ours, theirs = pair
    before = count()
    socket.send_fds(theirs, [data], [0, 1, 2][:most])
    with pytest.raises(door.BadMessage):
        door.receive(ours, most)
    assert count() == before


def test_one_that_is_too_long_or_brings_too_much_is_refused(pair: Pair) -> None:
    ours, theirs = pair
    before = count()
    for data, brought in ((b"{}" + b" " * door.LONGEST, 0), (b"{}", 1), (b"{}", 3), (b"{}", 250)):
        socket.send_fds(theirs, [data], [0] * brought)
        with pytest.raises(door.BadMessage):
            door.receive(ours, 0 if brought < 3 else 2)
        assert count() == before
    assert len(b"{}" + b" " * (door.LONGEST - 2)) == door.LONGEST
    theirs.send(b"{}" + b" " * (door.LONGEST - 2))
    assert door.receive(ours) == ({}, [])


def test_peeking_takes_nothing(pair: Pair) -> None:
    ours, theirs = pair
    before = count()
    door.send(theirs, {"want": "status"}, [0])
    assert door.peek(ours) == door.peek(ours) == {"want": "status"}
    assert count() == before
    message, descriptors = door.receive(ours, 1)
    assert (message, len(descriptors)) == ({"want": "status"}, 1)
    door.close_all(descriptors)


def test_what_was_said_last_arrives_though_the_question_was_never_read(pair: Pair) -> None:
    ours, theirs = pair
    door.send(theirs, {"want": "screen"}, [0])
    door.drain(ours)
    ours.send(b"no")
    ours.close()
    assert theirs.recv(10) == b"no"
    assert theirs.recv(10) == b""
