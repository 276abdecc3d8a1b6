"""What a process gives up, so that a mistake in it reaches less: memory, files, calls of the kernel."""
