"""How a source lands: what the last published run has of it, its rows checked and keyed, what is written of it."""
