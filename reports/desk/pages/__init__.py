"""One file a page."""

from reports.desk.pages import case, queue, sign_in

ROUTERS = (sign_in.router, queue.router, case.router)
