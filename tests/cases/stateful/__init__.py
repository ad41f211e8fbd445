"""Random walks through all that can be done with cases, and a second account of them."""
