from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.errors import SigningFailed, WrongPin
from hocba_tui.signing.signer import Request
from hocba_tui.signing.softkey import SoftKeySigner
from hocba_tui.signing.training import PIN, key_file
from tests.support.signed import each


async def test_a_training_key_signs_until_it_is_closed(made_store: Path) -> None:
    signer = SoftKeySigner.open(key_file(made_store, "gv.5a"), PIN)
    made = [signature async for signature in signer.sign(each(Request("a", b"one")))]
    assert [signature.name for signature in made] == ["a"]
    await signer.close()
    with pytest.raises(SigningFailed):
        _ = [signature async for signature in signer.sign(each(Request("b", b"two")))]


def test_a_wrong_pin_is_said_without_repeating_it(made_store: Path) -> None:
    with pytest.raises(WrongPin) as caught:
        SoftKeySigner.open(key_file(made_store, "gv.5a"), "999999")
    assert "999999" not in str(caught.value)


def test_a_missing_key_is_said(made_store: Path) -> None:
    with pytest.raises(SigningFailed, match="Không thấy"):
        SoftKeySigner.open(key_file(made_store, "nobody"), PIN)
