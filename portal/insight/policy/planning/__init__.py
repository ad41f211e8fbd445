"""Planning a semester of sessions: what is given, what a plan costs, who makes it, who checks it.

Nothing here knows the database. Times of day are minutes since midnight, in WIB.
"""
