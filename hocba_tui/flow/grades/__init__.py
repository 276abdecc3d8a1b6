"""Enter results, undo and import them, and list what is missing."""
