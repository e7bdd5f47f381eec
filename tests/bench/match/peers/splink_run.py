"""One run of Splink, in its own environment: `python splink_run.py JOB.json`.

JOB: {"files": [CSV...], "id": column, "link": bool, "model": a model of splink.yml, "threads": n, "memory": GB,
"out": folder}. It writes pairs.parquet (left, right, probability, said), clusters.parquet (record_id, cluster) and
figures.json into the folder, and prints TIMED when what counts is over.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

THRESHOLD = 0.95


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    import duckdb
    from splink import DuckDBAPI, Linker, SettingsCreator

    model, watch = job["model"], Watch()
    con = duckdb.connect()
    con.execute(f"set threads = {job['threads']}; set memory_limit = '{job['memory']}GB'")
    tables = [_load(con, n, file, model) for n, file in enumerate(job["files"])]
    watch.over("load")
    settings = SettingsCreator(
        link_type="link_only" if job["link"] else "dedupe_only",
        unique_id_column_name=job["id"],
        blocking_rules_to_generate_predictions=[_rule(r) for r in model["blocking"]],
        comparisons=[_comparison(c) for c in model["comparisons"]],
    )
    api = DuckDBAPI(connection=con)
    given = [api.register(table) for table in tables]
    linker = Linker(given if job["link"] else given[0], settings, log_level="ERROR")
    pairs, clusters = _work(linker, model)
    watch.over("match")
    print("TIMED", flush=True)
    _write(con, Path(job["out"]), job["id"], pairs.physical_name, clusters.physical_name, tables)
    (Path(job["out"]) / "figures.json").write_text(json.dumps({"phases": watch.phases}), "utf-8")


class Watch:
    """Seconds on the wall and of CPU since the last phase was over."""

    def __init__(self) -> None:
        self.phases: dict[str, dict[str, float]] = {}
        self.at = (time.perf_counter(), sum(os.times()[:4]))

    def over(self, phase: str) -> None:
        now = (time.perf_counter(), sum(os.times()[:4]))
        self.phases[phase] = {"wall": now[0] - self.at[0], "cpu": now[1] - self.at[1]}
        self.at = now


def _load(con: Any, number: int, file: str, model: dict[str, Any]) -> str:
    """A table of text, missing where the field is empty; `clean` and `derive` of the model: SQL of columns."""
    name = f"list_{number}"
    clean = ", ".join(f"{sql} as {column}" for column, sql in model.get("clean", {}).items())
    derive = "".join(f", {sql} as {column}" for column, sql in model.get("derive", {}).items())
    source = f"(from read_csv('{file}', all_varchar = true, header = true, quote = '\"', escape = '\"'))"
    con.execute(f"create table raw as select *{f' replace ({clean})' if clean else ''} from {source}")
    con.execute(f"create table {name} as select *{derive} from raw; drop table raw")
    return name


def _rule(rule: Any) -> Any:
    """A list of keys to agree on, one key, or a condition on `l.` and `r.`."""
    from splink import block_on

    if isinstance(rule, str):
        return rule if rule.startswith("l.") else block_on(rule)
    return block_on(*rule)


def _comparison(given: dict[str, Any]) -> Any:
    """One comparison of Splink's library: {compare: its name, of: columns, frequencies: bool, settings: keywords}."""
    import splink.comparison_library as library

    columns = given["of"] if isinstance(given["of"], list) else [given["of"]]
    made = getattr(library, given["compare"])(*columns, **given.get("settings", {}))
    return made.configure(term_frequency_adjustments=True) if given.get("frequencies") else made


def _work(linker: Any, model: dict[str, Any]) -> tuple[Any, Any]:
    """Prior, u, EM, scores, connected components: the steps of its guide, in their order."""
    training, prior = linker.training, model["prior"]
    training.estimate_probability_two_random_records_match([_rule(r) for r in prior["rules"]], recall=prior["recall"])
    training.estimate_u_using_random_sampling(max_pairs=float(model["u_pairs"]), seed=1)
    for rule in model["em"]:
        training.estimate_parameters_using_expectation_maximisation(
            _rule(rule), max_pairs=2e6, estimate_without_term_frequencies=not model.get("em_with_frequencies", False)
        )
    pairs = linker.inference.predict()
    return pairs, linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, THRESHOLD)


def _write(con: Any, out: Path, id_column: str, pairs: str, clusters: str, tables: list[str]) -> None:
    found = f"select {id_column}_l as left, {id_column}_r as right, match_probability as probability"
    con.execute(f"copy ({found}, match_probability >= {THRESHOLD} as said from {pairs}) to '{out / 'pairs.parquet'}'")
    every = " union all ".join(f"select {id_column} from {t}" for t in tables)
    con.execute(
        f"copy (select {id_column} as record_id, coalesce(cluster_id::varchar, 'alone ' || {id_column}) as cluster "
        f"from ({every}) left join {clusters} using ({id_column})) to '{out / 'clusters.parquet'}'"
    )


if __name__ == "__main__":
    main()
