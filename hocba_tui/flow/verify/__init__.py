"""Verify files that this school issued, and files from elsewhere."""
