"""The stewards' desk: the pages on which people settle what the machine should not."""
