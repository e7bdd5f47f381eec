"""What the values of a workbook do not say: how its numbers are shown, which cells are errors, hidden or merged."""
