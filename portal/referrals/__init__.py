"""Referrals: handing a child's need to somebody who can meet it, and hearing back."""
