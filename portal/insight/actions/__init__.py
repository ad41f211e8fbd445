"""What the office does with figures: semester plans, and what follows from them."""
