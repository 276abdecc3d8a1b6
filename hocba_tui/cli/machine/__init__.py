"""Commands for who runs the server: store, backup, tokens, training portal."""
