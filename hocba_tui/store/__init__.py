"""TinyDB documents on disk, many processes, nothing lost."""
