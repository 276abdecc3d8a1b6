"""Is this file exactly what three people signed? Numbered steps, each with its own finding."""
