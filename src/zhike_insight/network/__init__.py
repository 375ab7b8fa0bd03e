"""Influence in the graph of relationships and referrals."""
