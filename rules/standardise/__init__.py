"""Standardise: one file a field, and `table.standardise`, which works a source's raw rows into the standard tables.

The way of a cell: `cells` (trim, mend, placeholders) -> the field's reader, called once a *distinct* value ->
columns of `vocabulary.STANDARD_TABLES`, with a row of `flags` for each doubt. Readers are plain functions of text;
lists of words a person may want to read or extend are YAML in `rules/defaults/standardise`.
"""
