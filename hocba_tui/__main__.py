"""``python -m hocba_tui`` is ``hocba``."""

import os
import sys

# Python looks for modules in the current folder first: a json.py that lies there would be run, and would hear the PIN.
# Python has loaded both modules above before it looks there. The program's own folder stays.
if not sys.flags.safe_path and sys.path[0] != os.path.dirname(os.path.dirname(__file__)):  # noqa: PTH120
    del sys.path[0]

from hocba_tui.cli.main import run

run()
