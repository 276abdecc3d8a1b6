"""The command line: one file for each command; only ``open`` imports Textual."""
