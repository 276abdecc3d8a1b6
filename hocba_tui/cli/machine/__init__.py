"""Commands for the person who runs the server: store, backup, tokens, training portal."""
