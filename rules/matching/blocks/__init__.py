"""Blocking that chooses itself: which keys bring records together, and what that costs. `block` runs what is chosen."""
