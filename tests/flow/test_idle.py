"""How long a session waits for its person."""

from __future__ import annotations

import pytest

from hocba_tui.errors import Refused
from hocba_tui.flow.idle import Idleness, idle_limit
from hocba_tui.flow.school.settings import change_settings
from tests.conftest import DeskAs


def test_a_teacher_has_fifteen_minutes_who_manages_accounts_five_unless_the_school_says_otherwise(
    desk_as: DeskAs,
) -> None:
    assert idle_limit(desk_as("gv.5a")) == 15 * 60
    assert idle_limit(desk_as("admin")) == 5 * 60
    change_settings(desk_as("admin"), {"idle_minutes": "30", "idle_admin": "10"})
    assert idle_limit(desk_as("gv.5a")) == 30 * 60
    assert idle_limit(desk_as("admin")) == 10 * 60
    change_settings(desk_as("admin"), {"idle_minutes": "3"})
    assert idle_limit(desk_as("admin")) == 3 * 60, "never longer than others"


@pytest.mark.parametrize("typed", ["0", "", "-1", "241", "1.5", "abc", "٥"])
def test_minutes_are_whole_and_within_reason(desk_as: DeskAs, typed: str) -> None:
    with pytest.raises(Refused, match="số phút từ 1 đến 240"):
        change_settings(desk_as("admin"), {"idle_minutes": typed})


class Watch:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def left_at(idleness: Idleness, watch: Watch, *moments: float) -> list[float]:
    found = []
    for watch.now in moments:
        found.append(idleness.left())
    return found


def test_time_runs_from_the_last_key_and_not_while_nobody_could_ask() -> None:
    watch = Watch()
    idleness = Idleness(100, watch)
    assert left_at(idleness, watch, 30, 60, 90) == [70, 40, 10]
    idleness.end()
    assert left_at(idleness, watch, 130) == [60]
    # An import took a minute, or the computer slept.
    assert left_at(idleness, watch, 190) == [100]
    assert left_at(idleness, watch, 230, 270, 300) == [60, 20, -10]
