"""Tests of the register of schools."""
