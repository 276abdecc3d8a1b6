"""Whether a school may be founded in a place; every session asks, so nothing else is imported here."""

from __future__ import annotations

import os
from pathlib import Path


def may_be_founded(root: Path) -> bool:
    """Return whether nothing is in ``root``: there is no such folder, or it is empty."""
    try:
        return not os.path.lexists(root) or (root.is_dir() and not root.is_symlink() and not any(root.iterdir()))
    except OSError:
        return False
