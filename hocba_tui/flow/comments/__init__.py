"""The bank of comments, and what it suggests for one pupil."""
