"""Text as bytes: its encoding, letters garbled before it came here, and columns of fixed width."""
