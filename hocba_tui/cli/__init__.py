"""The headless door: one file per command; only tui.py imports Textual."""
