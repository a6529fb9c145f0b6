"""Labels, the review queues, and the figures that come from labels."""
