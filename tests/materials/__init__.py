"""Tests of a child's return to school."""
