"""Where records may be sent: who chooses the address, what it has to be, and who answers for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.errors import NotAllowed, Refused, StoreUnusable
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.founding.settings_file import found_from_file
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.portal.send import PINNED, portal_of
from hocba_tui.flow.school.settings import change_settings
from hocba_tui.store.backend import SCHOOL, Edit
from hocba_tui.sync.address import is_loopback, parts_of, portal_problem
from tests.support.table import table

OWN = "https://hocba.example.edu.vn"


def real(root: Path, account: str) -> Desk:
    """Open a store as somebody, and make it a real school's."""
    desk = open_desk(root, account)
    if desk.school.training:
        desk.school_shard.change("admin", "x", [Edit(SCHOOL, SCHOOL, "training", True, None)])
    return desk


@table(
    ("url", "training", "good"),
    [
        (OWN, False, True),
        (f"{OWN}:8443/api", False, True),
        ("http://hocba.example.edu.vn", False, False),
        ("http://127.0.0.1:8765", False, False),
        ("ftp://hocba.example.edu.vn", False, False),
        ("hocba.example.edu.vn", False, False),
        ("https://u:p@hocba.example.edu.vn", False, False),
        ("https://hocba.example.edu.vn#x", False, False),
        ("https://hocba.example.edu.vn?x=1", False, False),
        ("https://hocba.example.edu.vn\\@evil.example", False, False),
        ("https://hocba.exаmple.edu.vn", False, False),  # One letter of the name is Cyrillic.
        ("https://hocba.example.edu.vn\n", False, False),
        ("https://", False, False),
        ("https://hocba.example.edu.vn:0", False, False),
        ("https://hocba.example.edu.vn:", False, False),
        ("http://127.0.0.1:8765", True, True),
        ("http://[::1]:8765", True, True),
        ("http://localhost:8765", True, True),
        ("http://127.0.0.1.evil.example", True, False),
        (OWN, True, False),
    ],
)
def test_what_a_portals_address_has_to_be(url: str, training: bool, good: bool) -> None:
    assert (portal_problem(url, training=training) == "") is good


def test_the_address_is_judged_when_it_is_set(store_root: Path, tmp_path: Path) -> None:
    desk = real(store_root, "hieutruong")
    for wrong in ("http://hocba.example.edu.vn", "http://127.0.0.1:8765", "hocba"):
        with pytest.raises(Refused, match="Địa chỉ cổng"):
            change_settings(desk, {"portal": wrong})
    assert change_settings(desk, {"portal": OWN}).portal == OWN
    assert change_settings(desk, {"address": "Xóm 2"}).portal == OWN
    assert change_settings(desk, {"portal": ""}).portal == ""
    file = tmp_path / "truong.toml"
    file.write_text('[school]\nname = "A"\nyear = "2025-2026"\nportal = "http://a.example"\n', encoding="utf-8")
    with pytest.raises(Refused, match="Địa chỉ cổng"):
        found_from_file(file, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_an_address_of_an_older_store_that_is_no_good_sends_nothing_and_stops_no_other_setting(
    store_root: Path,
) -> None:
    desk = real(store_root, "hieutruong")
    held = desk.school.portal or None
    desk.school_shard.change("admin", "x", [Edit(SCHOOL, SCHOOL, "portal", held, "http://old.example")])
    with pytest.raises(NotAllowed, match="https"):
        portal_of(desk)
    assert change_settings(desk, {"address": "Xóm 2"}).portal == "http://old.example"


def test_in_a_real_school_only_who_may_set_the_address_chooses_another_one(store_root: Path) -> None:
    head = real(store_root, "hieutruong")
    change_settings(head, {"portal": OWN})
    assert portal_of(head, "https://other.example").url == "https://other.example"
    with pytest.raises(NotAllowed):
        portal_of(head, "http://other.example")


@pytest.mark.parametrize("way", ["--portal of send", "--portal of open"])
def test_a_clerk_sends_to_the_schools_portal_and_to_no_other(store_root: Path, way: str) -> None:
    clerk = open_desk(store_root, "vanthu")
    change_settings(real(store_root, "hieutruong"), {"portal": OWN})
    assert portal_of(clerk).url == OWN
    assert portal_of(clerk, OWN).url == OWN
    other = "https://other.example"
    if way == "--portal of open":
        clerk.portal = other
    with pytest.raises(NotAllowed, match="không được làm việc này"):
        portal_of(clerk, "" if clerk.portal else other)


def test_a_pinned_issuer_is_handed_on_and_a_broken_file_sends_nothing(store_root: Path) -> None:
    desk = real(store_root, "hieutruong")
    change_settings(desk, {"portal": OWN})
    assert portal_of(desk).issuers == ""
    folder = store_root / PINNED
    folder.mkdir(parents=True)
    (folder / "a.pem").write_text("-----BEGIN CERTIFICATE-----\n", encoding="ascii")
    assert portal_of(desk).issuers.startswith("-----BEGIN")
    (folder / "b.pem").write_bytes(b"\xff\xfe")
    with pytest.raises(StoreUnusable, match="chứng thư ghim"):
        portal_of(desk)


def test_an_address_is_read_in_one_way_only() -> None:
    for url in ("http://127.0.0.1\t.evil.example", "http://127.0.0.1\n.evil.example", "http://[127.0.0.1]x"):
        assert parts_of(url) is None
        assert not is_loopback(url)
