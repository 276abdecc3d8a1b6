"""Enter results, take them back, import them, and see what is missing."""
