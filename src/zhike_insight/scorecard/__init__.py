"""Credit scorecard: bins with weight of evidence, a logistic fit, points, validation and monitoring."""
