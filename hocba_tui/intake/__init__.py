"""Read Excel files: rows become facts with findings. This package writes nothing and guesses nothing silently."""
