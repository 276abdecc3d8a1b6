"""Commands that bring lists in and write them out."""
