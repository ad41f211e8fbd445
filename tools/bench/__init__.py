"""How much work pages take: `python -m tools.bench.cases`."""
