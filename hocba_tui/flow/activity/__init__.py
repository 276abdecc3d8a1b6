"""Who did what: a search over the journals of the school, for whom their duty lets see it."""
