"""Lifetime value: from the back of an envelope to the papers."""
