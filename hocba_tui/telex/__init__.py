"""Vietnamese typed with ASCII keys (Telex, VNI), for consoles without an input method. Pure text to text."""
