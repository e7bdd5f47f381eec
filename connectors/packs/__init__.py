"""Review packs: cases as a workbook for people without access to the desk, and back."""
