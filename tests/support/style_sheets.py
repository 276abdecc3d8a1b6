"""Style sheets are parsed once for all apps of a process: to parse the same ones again took a seventh of each start.

Sessions of a served school share what one rehearsal has parsed in the same way (hocba_tui/server/rehearsal.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_parsed: dict[tuple[object, ...], list[RuleSet]] = {}
_parse_rules = Stylesheet._parse_rules


def _parse_once(sheet: Stylesheet, css: str, *options: object, **named: object) -> list[RuleSet]:
    """Return the rules of a text; what they say depends on the variables of the theme too."""
    key = (css, options, tuple(named.items()), tuple(sheet._variables.items()))
    if key not in _parsed:
        _parsed[key] = _parse_rules(sheet, css, *options, **named)  # type: ignore[arg-type]
    return _parsed[key]


@pytest.fixture(scope="session", autouse=True)
def parsed_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", _parse_once)
        yield
