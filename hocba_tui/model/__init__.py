"""Facts: frozen, typed, no input or output."""
