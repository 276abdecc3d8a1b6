"""A package goes out only from the copy of the store that has come farthest, where that can be known."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.errors import PortalFailed, StoreUnusable
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.portal.outbox import ANSWERED, QUEUED, outbox
from hocba_tui.flow.portal.send import Sending, send
from hocba_tui.flow.school.backups import back_up
from hocba_tui.store.backups.age import new_identity
from hocba_tui.store.backups.heads_file import file_of, origin_of, read_heads
from hocba_tui.sync.client import Portal
from hocba_tui.sync.envelope import Account, RecordReceipt

pytestmark = pytest.mark.usefixtures("clock")

URL = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Accepting(Portal):
    """A portal that accepts every record, and notes what it was given."""

    url: str = URL
    account: Account = field(default_factory=lambda: Account("", "", "", ""))
    given: dict[str, bytes] = field(default_factory=dict)
    records: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def submit(self, message: str, data: bytes) -> str:
        self.given[message] = data
        return ""

    def query(self, message: str) -> tuple[RecordReceipt, ...] | None:
        if message not in self.given:
            return None
        return tuple(
            RecordReceipt(uuid, accepted=True, error="", field="", description="") for uuid in self.records[message]
        )


@pytest.fixture
def key(tmp_path: Path) -> str:
    return new_identity(tmp_path / "key")


@pytest.fixture
def usb(tmp_path: Path) -> Path:
    return tmp_path / "usb"


def sent(root: Path, portal: Accepting) -> Sending:
    desk = open_desk(root, "vanthu")
    portal.records.update({package.message: package.uuids for package in outbox(desk)})
    return send(desk, portal)


def states(root: Path) -> set[str]:
    return {package.state for package in outbox(open_desk(root, "vanthu"))}


def copied(root: Path, name: str) -> Path:
    return Path(shutil.copytree(root, root.with_name(name), copy_function=shutil.copy2))


def test_the_store_that_is_backed_up_sends_and_notes_that_it_did(sealed_root: Path, key: str, usb: Path) -> None:
    portal = Accepting()
    back_up(sealed_root, [key], usb)
    before = read_heads(usb, origin_of(sealed_root)).heads
    assert sent(sealed_root, portal).unknown == ""
    assert states(sealed_root) == {ANSWERED}
    after = read_heads(usb, origin_of(sealed_root)).heads
    assert after["outbox"].seq > before["outbox"].seq
    assert sent(sealed_root, portal).unknown == ""


def test_a_copy_from_before_sends_nothing_again(sealed_root: Path, key: str, usb: Path) -> None:
    portal = Accepting()
    back_up(sealed_root, [key], usb)
    old = copied(sealed_root, "old")
    sent(sealed_root, portal)
    portal.given.clear()
    with pytest.raises(StoreUnusable, match="Kho này cũ hơn mốc mà kho"):
        sent(old, portal)
    assert portal.given == {}
    assert states(old) == {QUEUED}, "not even noted as being sent"
    assert not (old / "backups" / "sent.log").exists()


def test_what_is_asked_of_the_portal_is_not_held_up(sealed_root: Path, key: str, usb: Path) -> None:
    """A package that the portal has is only asked about, also by a copy that is behind."""
    portal = Accepting()
    back_up(sealed_root, [key], usb)
    desk = open_desk(sealed_root, "vanthu")
    portal.records.update({package.message: package.uuids for package in outbox(desk)})

    def silent(self: Accepting, message: str) -> None:
        raise PortalFailed("im lặng")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Accepting, "query", silent)
        with pytest.raises(PortalFailed):
            send(desk, portal)
    old = copied(sealed_root, "old")
    sent(sealed_root, portal)
    assert sent(old, portal).unknown == ""
    assert states(old) == {ANSWERED}


def test_without_a_backup_or_without_its_folder_the_sending_goes_on(sealed_root: Path, key: str, usb: Path) -> None:
    portal = Accepting()
    other = copied(sealed_root, "other")
    assert sent(sealed_root, portal).unknown.startswith("Kho này chưa sao lưu lần nào")
    back_up(other, [key], usb)
    shutil.rmtree(usb)
    assert "không tới được thư mục" in sent(other, portal).unknown
    assert states(sealed_root) == states(other) == {ANSWERED}


def test_the_command_says_what_is_not_known_and_ends_with_6_on_an_older_copy(
    sealed_root: Path, key: str, usb: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    portal = Accepting()
    portal.records.update({one.message: one.uuids for one in outbox(open_desk(sealed_root, "vanthu"))})
    monkeypatch.setattr("hocba_tui.flow.portal.send.portal_of", lambda *_: portal)
    command = ["send", "--portal", URL, "--as", "vanthu", "--store"]
    never = copied(sealed_root, "never")
    assert main([*command, str(never)]) == 0
    assert "chưa sao lưu lần nào" in capsys.readouterr().out
    portal.given.clear()
    back_up(sealed_root, [key], usb)
    old = copied(sealed_root, "old")
    assert main([*command, str(sealed_root)]) == 0
    assert "không biết" not in capsys.readouterr().out
    portal.given.clear()
    assert main([*command, str(old)]) == 6
    said = capsys.readouterr().err
    assert "Chưa gửi gói nào" in said
    file_of(usb, origin_of(old)).unlink()
    assert main([*command, str(old)]) == 0
