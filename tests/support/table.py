"""A table of cases as one test, which names every bad row at once.

``@pytest.mark.parametrize`` makes a test of each row: right where a row takes long or changes files. Where a row is one
line of arithmetic, what pytest does around each costs more than the row. A ``@table`` above another ``@table``
goes through every pair, as stacked ``parametrize`` does. All rows share the fixtures of the one test: give it none
that a row changes.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import pytest

Test = Callable[..., None]


class BadRows(ExceptionGroup):
    """What was wrong with each bad row; a note on each names the row."""


def table(names: str | tuple[str, ...], rows: Iterable[Any]) -> Callable[[Test], Test]:
    """Call the test below with every row of ``rows``.

    ``names`` is one name or several, as in ``parametrize``: with several, each row is a tuple of as many values. An
    empty table is refused with ValueError, a row of another length too.
    """
    columns = tuple(name.strip() for name in names.split(",")) if isinstance(names, str) else names
    cases = [row if len(columns) > 1 else (row,) for row in rows]
    if not cases:
        raise ValueError(f"no row for {', '.join(columns)}")

    def around(test: Test) -> Test:
        @functools.wraps(test)
        def of_all_rows(*fixtures: Any, **named: Any) -> None:
            bad: list[Exception] = []
            for case in cases:
                values = dict(zip(columns, case, strict=True))
                try:
                    test(*fixtures, **named, **values)
                except BadRows as inner:
                    bad += (_of_row(error, values) for error in inner.exceptions)
                except pytest.fail.Exception as error:  # No Exception: what pytest.raises says when nothing was raised.
                    bad.append(_of_row(AssertionError(str(error)), values))
                except Exception as error:  # noqa: BLE001 - the rows behind are looked at too
                    bad.append(_of_row(error, values))
            if bad:
                raise BadRows(f"{test.__name__}: bad rows", bad)

        signature = inspect.signature(test)
        left = [parameter for name, parameter in signature.parameters.items() if name not in columns]
        vars(of_all_rows)["__signature__"] = signature.replace(parameters=left)
        return of_all_rows

    return around


def _of_row(error: Exception, values: dict[str, Any]) -> Exception:
    error.add_note("  row: " + ", ".join(f"{name}={value!r}" for name, value in values.items()))
    return error
