"""Drafts: what somebody was typing is never replaced because it could not be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.store.drafts import Drafts
from tests.support.stores import now


@pytest.mark.parametrize("spoilt", [b"", b"{", b"[]", b'{"drafts": {"1": {}}}', b'{"drafts": 1}', b"\0" * 100])
def test_a_file_that_cannot_be_read_is_set_aside_and_not_replaced(tmp_path: Path, spoilt: bytes) -> None:
    drafts = Drafts(tmp_path, now)
    drafts.put("gv.5a", "5A/hs1", "đang gõ")
    (tmp_path / "gv.5a.json").write_bytes(spoilt)
    assert drafts.of("gv.5a") == {}
    drafts.put("gv.5a", "5A/hs2", "gõ tiếp")
    assert drafts.of("gv.5a") == {"5A/hs2": "gõ tiếp"}
    (aside,) = tmp_path.glob("gv.5a.json.unreadable-*")
    assert aside.read_bytes() == spoilt


def test_a_link_is_set_aside_and_what_it_leads_to_is_left_alone(tmp_path: Path) -> None:
    folder, outside = tmp_path / "drafts", tmp_path / "outside"
    outside.write_bytes(b"khac")
    folder.mkdir(mode=0o700)
    (folder / "gv.5a.json").symlink_to(outside)
    Drafts(folder, now).put("gv.5a", "5A/hs1", "đang gõ")
    assert outside.read_bytes() == b"khac"
    assert Drafts(folder, now).of("gv.5a") == {"5A/hs1": "đang gõ"}
