"""What Textual works out again for each app, and here once for all apps of a process.

To parse the same style sheets took a seventh of each start. Sessions of a served school share what one rehearsal has
parsed in the same way (hocba_tui/server/rehearsal.py). A pilot that waits hands a new function to each widget of the
screen, a hundred thousand times in a run; how many parameters it has follows from its code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import CodeType

import pytest
from textual import _callback
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_parsed: dict[tuple[object, ...], list[RuleSet]] = {}
_parse_rules = Stylesheet._parse_rules
_counted: dict[CodeType, int] = {}
_count_parameters = _callback._count_parameters


def _parse_once(sheet: Stylesheet, css: str, *options: object, **named: object) -> list[RuleSet]:
    """Return the rules of a text; what they say depends on the variables of the theme too."""
    key = (css, options, tuple(named.items()), tuple(sheet._variables.items()))
    if key not in _parsed:
        _parsed[key] = _parse_rules(sheet, css, *options, **named)  # type: ignore[arg-type]
    return _parsed[key]


def _count_once(function: Callable[..., object]) -> int:
    code = getattr(function, "__code__", None)
    if code is None or hasattr(function, "__wrapped__") or hasattr(function, "__signature__"):
        return _count_parameters(function)
    if code not in _counted:
        _counted[code] = _count_parameters(function)
    return _counted[code]


@pytest.fixture(scope="session", autouse=True)
def worked_out_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", _parse_once)
        patch.setattr(_callback, "_count_parameters", _count_once)
        yield
