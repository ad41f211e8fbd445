"""Insight: which schools were reached and which were not, read from the visits themselves."""
