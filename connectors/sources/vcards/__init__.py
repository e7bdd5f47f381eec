"""vCard: the lines of a file as cards, and a card as a row of fixed columns."""
