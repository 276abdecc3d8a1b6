"""A driver that takes over the process that owns it, and answers whatever it wants, or nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hocba_tui.errors import SigningFailed
from hocba_tui.signing import token as tokens
from hocba_tui.signing.signer import Request
from hocba_tui.signing.token import TokenInfo, TokenSigner, list_tokens
from tests.support.hostile_text import EVERYTHING, FLOOD
from tests.support.signed import each

Says = Callable[[str], None]
READY = '{"ready": true}'
GOOD = {
    "label": "a", "maker": "b", "model": "c", "serial": "d", "certificates": ["AAAA"],
    "count_low": False, "final_try": False, "locked": False,
}  # fmt: skip
INFO = TokenInfo(Path("/m.so"), "", "", "", "", (b"\0\0\0",), count_low=False, final_try=False, locked=False)
HELD = "709e80c88487a2411e1ee4dfb9f22a861492d20c4765150c0c794abd70f8147c"
"""SHA-256 of the three zero bytes."""


@pytest.fixture
def answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Says:
    """Write what the helper says instead of its own answers: a line for each request, after the first."""
    said = tmp_path / "said"
    helper = tmp_path / "helper"
    helper.write_text(
        f"#!{sys.executable} -I\n"
        "import sys, time\n"
        f"lines = open({str(said)!r}).read().split('\\n')\n"
        "for number, line in enumerate(lines):\n"
        "    if number and not sys.stdin.readline():\n"
        "        break\n"
        "    if line == 'hang':\n"
        "        sys.stdin.read()\n"
        "    sys.stdout.write(line + '\\n')\n"
        "    sys.stdout.flush()\n",
        encoding="utf-8",
    )
    helper.chmod(0o700)
    monkeypatch.setattr(tokens.sys, "executable", str(helper))  # type: ignore[attr-defined]

    def says(lines: str) -> None:
        said.write_text(lines, encoding="utf-8")

    return says


ODD = [
    "[]", "null", "{", "", "0", '{"tokens": 5}', '{"tokens": [5]}', '{"tokens": [{}]}', '{"tokens": [null]}',
    '{"error": "\\u001b[31m"}', '{"error": ["x"]}', "[" * 100_000, "{" + "x" * 5_000_000,
    json.dumps({"tokens": [{**GOOD, "certificates": ["*"]}]}),
    json.dumps({"tokens": [{**GOOD, "certificates": 5}]}),
]  # fmt: skip


@pytest.mark.parametrize("line", ODD, ids=lambda line: line[:30])
async def test_a_list_that_is_none_is_no_token(answer: Says, line: str, tmp_path: Path) -> None:
    answer(f"{READY}\n{line}")
    assert await list_tokens([tmp_path], {}) == ()


@pytest.mark.parametrize("text", [EVERYTHING, FLOOD, 5, None, ["x"]])
async def test_what_a_token_says_of_itself_is_one_short_line(answer: Says, text: object, tmp_path: Path) -> None:
    said = {**GOOD, "label": text, "maker": text, "model": text, "serial": text}
    answer(f"{READY}\n{json.dumps({'tokens': [said]})}")
    (token,) = await list_tokens([tmp_path], {})
    for shown in (token.label, token.maker, token.model, token.serial):
        assert shown.isprintable()
        assert len(shown) <= 64


@pytest.mark.parametrize("lines", ["hang", f"{READY}\nhang"])
async def test_a_driver_that_never_answers_holds_nobody(
    answer: Says, lines: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "PATIENCE", 1.0)
    answer(lines)
    assert await list_tokens([tmp_path], {}) == ()
    with pytest.raises(SigningFailed, match="không trả lời"):
        await TokenSigner.open(INFO, HELD, "1234", {})


@pytest.mark.parametrize("line", ["{}", '{"value": 5}', '{"value": "*"}', "[]", "x" * 5_000_000], ids=lambda x: x[:9])
async def test_a_signature_that_is_none_is_an_error_of_the_token(answer: Says, line: str) -> None:
    answer(f'{READY}\n{{"ok": true}}\n{line}')
    signer = await TokenSigner.open(INFO, HELD, "1234", {})
    try:
        with pytest.raises(SigningFailed, match="Token báo lỗi"):
            _ = [made async for made in signer.sign(each(Request("a", b"x")))]
    finally:
        await signer.close()
