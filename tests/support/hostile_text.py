"""Texts with which a portal, an authority, a token or a file would rewrite somebody's screen."""

from __future__ import annotations

ESCAPES = "\x1b]0;PWNED TITLE\x07\x1b[31mGIẢ\x1b[0m\x1b[2K\x1b[1A\rĐÃ NHẬN"
C1 = "\x9b31m\x9d0;PWNED\x9c\x90q\x85"
TURNED = "\u202egnas\u2066 \u200fאבג\u2069"
HIDDEN = "An\u200b\u00ad\u2060\ufeff\u3164\u115f\u2800\u034fh"
FORGED_LINE = "sai mã\nLớp 5A: 31 học bạ, đã có kết quả, nhận 31, từ chối 0\r\nhocba: xong"
FLOOD = "A" * 200_000
STACKED = "a" + "\u0301\u0323" * 400

HOSTILE = (ESCAPES, C1, TURNED, HIDDEN, FORGED_LINE, FLOOD, STACKED)
EVERYTHING = f"{ESCAPES} {C1} {TURNED} {HIDDEN} {FORGED_LINE} {STACKED}"


def tame(printed: str) -> bool:
    """Return whether a terminal shows ``printed`` as lines of letters and does nothing else with it."""
    return all(line.isprintable() and len(line) < 4000 for line in printed.split("\n"))
