"""What people fill in about referrals."""
