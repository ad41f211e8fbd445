"""Rules behind figures and plans, without the database."""
