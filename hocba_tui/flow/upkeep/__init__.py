"""What a person at a screen may do for the server at once: back up, check the store."""
