"""Figures as workbooks, with what their words mean."""
