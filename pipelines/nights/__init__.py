"""Nights that one can forget about: when they begin, what they wait for, how long they may take, who is told.

`night.py` is one night from its beginning to its end, `serving.py` what goes on between them. Nothing here imports
Prefect: `pipelines/nightly.py` does, and walks through the stages; a night is the same without it.
"""
