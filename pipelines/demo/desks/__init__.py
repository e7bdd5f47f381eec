"""The files of the eight sources: `write(rows, inbox, rng)` puts rows down and notes where each of them stands."""
