"""Freeze, sign and issue records, with the keys and files that this needs."""
