"""Validation: suites of rules as readable files, and what fails them, row by row.

`suites.load` reads the suites (the defaults here, a workspace's `rules/expectations/*.yml` over them),
`checking.check` runs them over Arrow tables, `outcome` says what becomes of a row. Great Expectations does the
testing; only `engine.py` imports it, and only when there is something to test (it takes 9 s to import).
"""
