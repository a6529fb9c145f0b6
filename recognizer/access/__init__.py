"""Who may send what, and how often: rate limits, visitors, errors and middleware."""
