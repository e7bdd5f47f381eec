"""What the stewards' desk keeps: who works there, the cases that are open, and everything that was done to them."""
