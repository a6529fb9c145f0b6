"""Which model answers, and how another one takes its place."""
