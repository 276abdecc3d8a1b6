"""What leaves no change behind, in a chained journal of its own; and the search over all journals."""
