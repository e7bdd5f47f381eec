"""The scorecard of a run: one HTML page that stands alone in a file."""
