"""What materials may say, who sees which, and rules that need no database."""
