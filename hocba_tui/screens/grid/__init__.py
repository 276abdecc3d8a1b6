"""The page where results are entered, and what belongs to it alone."""
