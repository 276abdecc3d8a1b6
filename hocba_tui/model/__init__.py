"""Facts: frozen, typed classes without input or output."""
