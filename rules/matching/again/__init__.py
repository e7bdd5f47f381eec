"""Matching a night on which some records changed: only what a change can reach is worked out again.

The outcome is that of matching all records under the same model (a test compares). What reaches further than the
records that changed:

- how common a value counts (`frozen.py`): changes for those who hold it;
- a block that becomes too large, or is so no more: its records get and lose candidates;
- the first guess at customers: for those who were, or are, guessed to be one with a changed record;
- the second round, which looks from every cluster at every record: it is done for all, and only pairs that it did not
  find before are scored;
- a cluster: for the whole component of likely pairs, as it was and as it is.
"""
