"""Neutral data in, bytes of a document out."""
