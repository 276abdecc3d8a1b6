"""The sheet of a code, and what is taken from the program that makes it; tests/server/test_codes.py makes real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.errors import MissingTool, Refused
from hocba_tui.machine import codes
from hocba_tui.machine.codes import Code, _picture, _read, require_usable

KEY = "JRBGVN5IBJRPE64PBMMPARRW24"
SCRATCH = ("19463204", "69093732", "75326667", "88324346", "50896071")
FILE = "\n".join([KEY, '" RATE_LIMIT 3 30', '" WINDOW_SIZE 3', '" DISALLOW_REUSE', '" TOTP_AUTH', *SCRATCH, ""])


def test_key_and_numbers_are_read_from_the_file_of_the_program(tmp_path: Path) -> None:
    path = tmp_path / "vanthu"
    path.write_text(FILE, encoding="ascii")
    assert _read(path) == (KEY, SCRATCH)


@pytest.mark.parametrize("text", ["", "x\n", FILE.replace(KEY, "../../etc/passwd"), FILE.replace("50896071\n", "")])
def test_what_the_program_did_not_make_is_no_code(tmp_path: Path, text: str) -> None:
    path = tmp_path / "vanthu"
    path.write_text(text, encoding="ascii")
    with pytest.raises(Refused, match="không tạo được mã"):
        _read(path)
    path.unlink()
    with pytest.raises(Refused, match="không tạo được mã"):
        _read(path)


def test_the_picture_is_what_is_drawn_and_not_the_address_that_the_program_warns_of() -> None:
    drawn = "\x1b[30;47;27m  █▀▀█  \x1b[0m"
    said = f"Warning: exposes the secret:\r\n  https://www.google.com/chart?x\r\n{drawn}\r\nYour key is: X\r\n"
    assert _picture(said) == ("  █▀▀█  ",)


def test_a_sheet_has_all_that_is_typed_and_fits_on_a_page() -> None:
    sheet = Code(KEY, SCRATCH, ("  █▀▀█  ",)).slip("vanthu", "Vũ Thị Hà")
    assert all(part in sheet for part in ("Vũ Thị Hà (vanthu)", "JRBG VN5I BJRP E64P BMMP ARRW 24", *SCRATCH, "█▀▀█"))
    assert max(map(len, sheet.splitlines())) <= 100
    assert "gõ khóa)" in Code(KEY, SCRATCH, ()).slip("vanthu", "Vũ Thị Hà"), "a computer that cannot draw"


def test_a_computer_without_the_module_is_told_both_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "_PLACES", ("/none",))
    with pytest.raises(MissingTool) as told:
        require_usable()
    assert "apt install libpam-google-authenticator" in told.value.now
    assert "--codes khong" in told.value.now
