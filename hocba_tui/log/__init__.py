"""The log of a store: when people came and went, and where the program failed. Nothing about a pupil."""
