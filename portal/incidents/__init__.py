"""Reports: what people tell the office, and what the office does with it."""
