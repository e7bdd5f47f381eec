"""The figures of a run for people: what it came to or, where it was not published, would have come to."""

from typing import Any

from pipelines.summary import NO_CHANGES, Summary

Rows = list[dict[str, Any]]


def customers(summary: Summary) -> int:
    """Golden customers: those that are published, else those that a run would have published."""
    survived = [stage.rows_out for stage in summary.stages if stage.name == "survive"]
    return summary.golden or sum(survived)


def changes(summary: Summary) -> dict[str, int]:
    """Customers created, merged, split, changed and retired."""
    if summary.status == "published" or not summary.difference:
        return summary.changes
    return {change: summary.difference.get(change, 0) for change in NO_CHANGES}


def tables(summary: Summary) -> dict[str, Rows]:
    """The run by subject, as far as there is something of it, for whoever shows tables; no customer's data."""
    found: dict[str, Rows] = {
        "stages": [
            {"stage": s.name, "rows in": s.rows_in, "rows out": s.rows_out, "seconds": round(s.seconds, 1)}
            for s in summary.stages
        ],
        "changes": [{"change": change, "customers": count} for change, count in changes(summary).items()],
        "fields": _rows("field", "customers", summary.difference.get("fields", {})),
        "quarantine": _rows("reason", "records", summary.quarantined),
        "rejected": _rows("reason", "rows", summary.rejected),
        "gates": [{"held": reason} for reason in summary.reasons],
    }
    return {subject: rows for subject, rows in found.items() if rows}


def _rows(key: str, value: str, counts: dict[str, int]) -> Rows:
    return [{key: name, value: count} for name, count in sorted(counts.items(), key=lambda item: -item[1])]
