"""The addresses of all pages, with ids that are there."""

import re
from urllib.parse import quote, urlencode

from fastapi.routing import APIRoute

from connectors.store.desk.filter import Filter
from reports.desk import app
from tests.reports.desk.firm import Opened


def every_page(desk: Opened) -> list[str]:
    """Every page that a person can look at, of a customer, a case and a record of the firm where it is of one."""
    row = desk.store.queue(Filter(), 1)[0]
    home = desk.store.homes_of([row["left"]])[row["left"]]
    source, _, record = row["left"].partition(":")
    known = {"golden_id": home["golden_id"], "source": source, "record_id": record, "owner": "nobody", "name": "stella"}
    case = urlencode({"case": row["kind"], "left": row["left"], "right": row["right"]})
    found = []
    for router in app.routers():
        for route in router.routes:
            if not isinstance(route, APIRoute) or "GET" not in route.methods or route.path in ("/", "/sign-on/back"):
                continue
            path = re.sub(r"{(\w+)(:\w+)?}", lambda m: quote(str(known.get(m[1], 1)), safe=""), route.path)
            demands = [field for field in route.dependant.query_params if field.field_info.is_required()]
            asks = urlencode(
                {f.alias: known.get(f.alias, 1) for f in demands if f.alias not in ("case", "left", "right")}
            )
            given = [case] if any(f.alias == "left" for f in demands) else []
            query = "&".join([*given, *([asks] if asks else [])])
            found.append(f"{path}?{query}" if query else path)
    return sorted(found)
