"""Reading coverage: the board in figures, and the schools behind them."""
