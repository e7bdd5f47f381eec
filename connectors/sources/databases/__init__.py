"""Databases: connections, statements, values and the watermark under which only changes are asked for."""
