"""What was acknowledged is there, whatever happens to the site meanwhile."""
