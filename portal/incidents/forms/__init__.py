"""Forms of the desk and the roster, and the words for what reports say in codes."""
