"""Background jobs: what the queue runs, by period and on request."""
