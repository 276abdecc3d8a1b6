"""Write the sample class list of examples/: made-up pupils of the demo school's class 5A."""

from __future__ import annotations

from pathlib import Path

from hocba_tui.demo.class_list import write_class_list
from hocba_tui.demo.school import SHOW_CLASS, make_school, pupils_of

EXAMPLES = Path(__file__).parent.parent / "examples"


def main() -> None:
    """Write the file."""
    demo = make_school()
    code = next(year.classroom.code for year in demo.classes if year.classroom.key == SHOW_CLASS)
    EXAMPLES.mkdir(exist_ok=True)
    write_class_list(EXAMPLES / f"C1-HocSinh-{SHOW_CLASS}.xlsx", code, pupils_of(demo, SHOW_CLASS))


if __name__ == "__main__":
    main()
