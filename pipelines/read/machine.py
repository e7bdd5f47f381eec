"""What `goldseam read --json` prints: all that the terminal shows, and every column."""

from typing import Any

from connectors.sources import sniff
from pipelines.read import money, words
from pipelines.read.look import Column, Looked, Table


def as_json(looked: Looked) -> dict[str, Any]:
    """`file, format, what`, then `tables`, or `error` where it could not be read."""
    said: dict[str, Any] = {
        "file": str(looked.path),
        "format": looked.format or None,
        "what": sniff.WORDS.get(looked.format),
    }
    if looked.several:
        said["files"] = [str(path) for path in looked.files]
    if looked.failure:
        f = looked.failure
        said["error"] = {
            "reason": f.reason,
            "remedy": f.remedy,
            "sheet": f.sheet,
            "line": f.line or None,
            "column": f.column or None,
        }
    said["tables"] = [_table(table) for table in looked.tables]
    return said


def _table(table: Table) -> dict[str, Any]:
    seen = table.seen
    return {
        "sheet": table.grid.sheet,
        "encoding": seen.encoding,
        "encoding_is_guess": words.is_guess(table),
        "delimiter": seen.delimiter,
        "quote": seen.quote,
        "header_lines": list(seen.header),
        "header": [list(row) for row in seen.header_cells],
        "rows": table.rows,
        "above": [{"line": r.line, "reason": r.reason} for r in seen.above],
        "left_out": [{"line": r.line, "reason": r.reason} for r in table.below],
        "longer_rows": [{"line": r.line, "cells": len(r.cells), "reason": r.reason} for r in table.surplus],
        "preset": table.preset,
        "columns": [_column(column) for column in table.columns],
        "invoices": money.said(table.facts),
        "notes": list(table.grid.notes),
    }


def _column(column: Column) -> dict[str, Any]:
    m = column.meaning
    return {
        "name": column.name,
        "meaning": m.target if m else None,
        "is_key": bool(m and m.is_key),
        "confidence": m.confidence if m else None,
        "why": m.why if m else None,
        "filled": column.filled,
        "examples": list(column.examples),
    }
