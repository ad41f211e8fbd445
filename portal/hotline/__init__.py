"""Ruang Cerita: where a child tells without an account, and comes back with a code."""
