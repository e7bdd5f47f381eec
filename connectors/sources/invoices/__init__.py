"""Electronic invoices: one file a syntax, each from an XML root to invoices."""
