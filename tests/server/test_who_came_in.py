"""Who comes through the door is noted, with the address that sshd told the attach program, and who is turned away."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.activity import noted
from tests.support.served import Served, wait_until
from tests.support.terminal import LIMIT, Terminal

FROM = {"SSH_CONNECTION": "192.0.2.7 50000 192.0.2.1 22"}


def test_coming_and_going_are_noted_with_the_address(store_root: Path) -> None:
    with Served(store_root) as served, Terminal(served.command("gv.5a"), environment=FROM) as terminal:
        terminal.wait_for("Việc của tôi hôm nay")
        (came,) = noted(store_root, "log_in")
        assert (came.by, came.touched.came_from, came.touched.way) == ("gv.5a", "192.0.2.7", "ssh")
        assert not noted(store_root, "log_out")
        terminal.press("f10")
        terminal.wait_for_end()
        wait_until(lambda: noted(store_root, "log_out"), "the end to be noted")
    assert noted(store_root, "log_out")[0].touched == came.touched


def test_who_is_turned_away_is_noted(store_root: Path) -> None:
    with Served(store_root) as served:
        subprocess.run(served.command("nguoi.la"), env=FROM, capture_output=True, timeout=LIMIT, check=False)
        with Terminal(served.command(""), environment=FROM) as terminal:
            terminal.wait_for("chưa gắn với tài khoản nào")
            terminal.wait_for_end()
        wait_until(lambda: noted(store_root, "log_in_refused"), "it to be noted")
    assert [each.touched.came_from for each in noted(store_root, "log_in_refused")] == ["192.0.2.7"]
    assert not noted(store_root, "log_in")


def test_a_command_through_the_door_is_noted_by_its_name_alone(store_root: Path) -> None:
    with Served(store_root) as served:
        environment = FROM | {"SSH_ORIGINAL_COMMAND": "hocba fetch khong-co.xlsx", "LANG": "C.UTF-8"}
        subprocess.run(served.command("gv.5a"), env=environment, capture_output=True, timeout=LIMIT, check=False)
    (ran,) = noted(store_root, "run")
    assert (ran.by, ran.what, ran.touched.came_from) == ("gv.5a", "fetch", "192.0.2.7")


def test_what_is_no_address_is_not_taken_for_one(store_root: Path) -> None:
    odd = {"SSH_CONNECTION": "Nguyễn\tThị"}
    with Served(store_root) as served, Terminal(served.command("gv.5a"), environment=odd) as terminal:
        terminal.wait_for("Việc của tôi hôm nay")
    assert noted(store_root, "log_in")[0].touched.came_from == ""
