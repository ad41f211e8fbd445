"""What is read of referrals, by whoever may."""
