"""Judgements of people: which pairs to ask about, and what a model learns from the answers."""
