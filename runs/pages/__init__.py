"""Pages and fragments of runs."""
