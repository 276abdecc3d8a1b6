"""Limits of a file that is read, apart so that the reader process imports little."""

MAX_BYTES = 20_000_000
MAX_ROWS = 6_000
"""Most pupils of one file; with more, the wrong file was probably chosen."""
MAX_SHEET_ROWS = MAX_ROWS + 50
"""Most rows that are read of a sheet: the pupils and the rows above them."""
MAX_COLUMNS = 256
MAX_CHARACTERS = 8_000_000
"""Most characters of one file: 6,000 rows of more than a thousand characters."""
