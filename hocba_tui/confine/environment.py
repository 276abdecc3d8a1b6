"""What a program that is started learns of the environment."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

_NEEDED = ("PYTHONPATH", "SYSTEMROOT")
"""Where Python finds hocba when it is not installed; Windows starts nothing without the second."""


def smallest_environment() -> dict[str, str]:
    """Return the variables for a process that reads what others have written: no home, no login, no secret.

    Of ``PYTHONPATH`` only whole paths stay: an empty part is the folder in which somebody works, with whatever modules
    lie there.
    """
    kept = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    paths = [part for part in kept.pop("PYTHONPATH", "").split(os.pathsep) if Path(part).is_absolute()]
    if paths:
        kept["PYTHONPATH"] = os.pathsep.join(paths)
    return kept


def program(name: str, also: Sequence[str] = ()) -> str | None:
    """Return where a program lies, by the whole paths of ``PATH`` and by ``also``; None when it is not installed.

    An empty or relative part is the folder in which somebody works, with whatever programs lie there.
    """
    places = [
        part for part in (*os.environ.get("PATH", os.defpath).split(os.pathsep), *also) if Path(part).is_absolute()
    ]
    return shutil.which(name, path=os.pathsep.join(places)) if places else None
