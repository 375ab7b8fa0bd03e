"""Segments: preparation, clusters, choice of their number, stability, describing rules, self-organising map."""
