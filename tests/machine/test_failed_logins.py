"""What sshd has written about failed log-ins is read as it is, named for the school's people alone, and taken once."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pytest

from hocba_tui.clock import VIETNAM
from hocba_tui.errors import Refused
from hocba_tui.flow.activity.failed import noted_until, take_failed
from hocba_tui.machine import failed_logins as read
from hocba_tui.machine.answers import Answers
from hocba_tui.machine.failed_logins import Failed, failed_logins, hand_over
from tests.support.activity import noted

NOON = int(datetime(2026, 5, 12, 12, tzinfo=VIETNAM).timestamp())
EVER = "9999"


def at(second: int) -> str:
    return datetime.fromtimestamp(NOON + second, VIETNAM).isoformat()


def record(user: str, host: str, second: int, line: bytes = b"ssh:notty", machine: str = "x86_64") -> bytes:
    fields = (6, 4711, line, b"", user.encode(), host.encode())
    numbers = (0, 0, NOON + second, 0) if machine == "x86_64" else (0, NOON + second, 0)
    return read._FORMS[machine].pack(*fields, *numbers)


def is_ours(login: str) -> bool:
    return login.startswith("gv.")


@pytest.fixture
def btmp(tmp_path: Path) -> Path:
    path = tmp_path / "btmp"
    path.write_bytes(
        record("gv.hoa", "192.0.2.7", 0)
        + record("matkhau-cua-toi", "192.0.2.7", 1)
        + record("root", "198.51.100.2", 2)
        + record("gv.hoa", "192.0.2.7", 3)
        + record("gv.hoa", "", 4, line=b"tty1")
        + b"a record that is cut"
    )
    return path


def test_the_records_have_the_size_that_the_system_writes() -> None:
    assert {name: form.size for name, form in read._FORMS.items()} == {"x86_64": 384, "aarch64": 400}


def test_tries_are_counted_by_login_and_address_and_no_foreign_name_is_told(btmp: Path) -> None:
    assert failed_logins([btmp], is_ours, "", EVER, "x86_64") == (
        Failed("", "192.0.2.7", at(1), 1),
        Failed("", "198.51.100.2", at(2), 1),
        Failed("gv.hoa", "192.0.2.7", at(3), 2),
    )


def test_only_what_came_after_the_last_time_and_is_over_counts(btmp: Path) -> None:
    assert failed_logins([btmp], is_ours, at(2), EVER, "x86_64") == (Failed("gv.hoa", "192.0.2.7", at(3), 1),)
    assert failed_logins([btmp], is_ours, at(2), at(2), "x86_64") == ()


def test_the_other_form_is_read_too_and_one_that_is_not_known_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "btmp"
    path.write_bytes(record("gv.hoa", "2001:db8::7", 5, machine="aarch64"))
    assert failed_logins([path], is_ours, "", EVER, "aarch64") == (Failed("gv.hoa", "2001:db8::7", at(5), 1),)
    with pytest.raises(Refused, match="btmp"):
        failed_logins([path], is_ours, "", EVER, "vax")


def test_what_is_handed_over_is_noted_at_its_own_time_and_nothing_twice(btmp: Path, store_root: Path) -> None:
    for _ in range(2):
        found = failed_logins([btmp], is_ours, noted_until(store_root), EVER, "x86_64")
        take_failed(store_root, json.dumps([asdict(each) for each in found]).encode())
    tries = noted(store_root, "log_in_failed")
    assert [(each.by, each.what, each.touched.came_from) for each in tries] == [
        ("?", f"{at(1)} 1", "192.0.2.7"), ("?", f"{at(2)} 1", "198.51.100.2"), ("gv.hoa", f"{at(3)} 2", "192.0.2.7"),
    ]  # fmt: skip
    assert noted_until(store_root) == at(3)


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'[{"login":"a"}]', b"\xff"])
def test_what_is_no_list_of_tries_is_refused(store_root: Path, data: bytes) -> None:
    with pytest.raises(Refused, match="không đúng dạng"):
        take_failed(store_root, data)
    assert not noted(store_root, "log_in_failed")


@pytest.mark.skipif(os.geteuid() != 0, reason="starts a process of another user")
def test_root_hands_over_through_a_process_of_the_owner(
    btmp: Path, store_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "hocba"
    home = Path(read.__file__).parents[2]
    program.write_text(f'#!/bin/sh\nPYTHONPATH={home} exec {sys.executable} -m hocba_tui "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr(read, "PLACES", (tmp_path / "none", btmp))
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr(read, "pwd", _Owner)
    answers = Answers(store=str(store_root), program=str(program))
    assert hand_over(answers, is_ours) == 3
    assert hand_over(answers, is_ours) == 0
    assert len(noted(store_root, "log_in_failed")) == 3


class _Owner:
    """The owner of this test's store is root: a folder of tests is nobody else's."""

    pw_uid, pw_gid, pw_dir = 0, 0, "/root"

    @classmethod
    def getpwnam(cls, _: str) -> type[_Owner]:
        return cls
