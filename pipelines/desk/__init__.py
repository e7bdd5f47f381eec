"""What the stewards' desk asks of a run: records, evidence, golden records to be. See reports/desk/services.py."""
