"""Delimited text: its dialect, its lines, and the rows that break its rules."""
