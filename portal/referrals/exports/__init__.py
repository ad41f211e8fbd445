"""Letters of referral."""
