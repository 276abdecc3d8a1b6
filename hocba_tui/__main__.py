"""``python -m hocba_tui`` is ``hocba``."""

from hocba_tui.cli.main import run

run()
