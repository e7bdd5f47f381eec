"""The demo firm: a fictional chandlery, its 2,000 customers scattered over eight sources, and the truth about them."""

from pipelines.demo.measure import Measured, measure
from pipelines.demo.write import Demo, write

__all__ = ["Demo", "Measured", "measure", "write"]
