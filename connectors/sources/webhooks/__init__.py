"""Payloads of webhooks: documents, the answers in them, and the table they make."""
