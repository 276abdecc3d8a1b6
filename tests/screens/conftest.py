"""Run the app without a terminal, at the size that must work."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from hocba_tui.app import HocbaApp
from hocba_tui.flow.opening import open_desk

Open = Callable[..., AbstractAsyncContextManager[Pilot[Any]]]


@pytest.fixture
def open_app(store_root: Path) -> Open:
    """Open the copied school as somebody, optionally on a given screen."""

    @asynccontextmanager
    async def opened(
        account: str, screen: str = "", root: Path = store_root, **params: str
    ) -> AsyncIterator[Pilot[Any]]:
        app = HocbaApp(open_desk(root, account))
        async with app.run_test(size=(80, 24)) as pilot:
            if screen:
                app.open_page(screen, **params)
            await pilot.pause()
            yield pilot

    return opened
