"""`goldseam read`: what a file is, what its columns mean, a clean copy of it, and its declaration ready to run."""
