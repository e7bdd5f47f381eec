"""What the scorecard says, full and empty."""

import re
from pathlib import Path

import fictional
import pyarrow as pa
import pytest

from connectors.store.runs import RunFolder
from reports import page
from reports.scorecard import actions
from reports.scorecard.context import Scorecard
from reports.scorecard.gather import gather, headline, scores
from rules import scorecard


def plain(html: str) -> str:
    """The words of a page on one line."""
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.S)).replace("\u00a0", " ")


def test_the_figures_add_up(card: Scorecard) -> None:
    """Records in are those set aside, those joined away and the golden customers: nothing is lost in between."""
    totals = card.totals
    assert totals.records == totals.quarantined + totals.duplicates + totals.golden
    assert totals.golden == totals.persons + totals.organisations == 420
    assert totals.quarantined == 23
    assert totals.households == 21


def test_the_drawing_carries_every_record(card: Scorecard) -> None:
    """The flow's sources, and its outcomes, each hold all records; its right end holds all customers."""
    assert card.flow is not None
    assert sum(node.count for node in card.flow.left) == card.totals.records
    assert sum(node.count for node in card.flow.middle) == card.totals.records
    assert [node.count for node in card.flow.right] == [card.totals.golden]


def test_sizes_hold_every_customer_and_record(card: Scorecard) -> None:
    """The table of cluster sizes counts every customer and every record once."""
    assert sum(size.customers for size in card.sizes) == card.totals.golden
    assert sum(size.records for size in card.sizes) == card.totals.records - card.totals.quarantined


def test_a_source_in_trouble_stands_first_with_reason_and_remedy(card: Scorecard) -> None:
    """Failed before carried before the rest, each with what is wrong and what to do."""
    assert [source.state for source in card.sources[:2]] == ["failed", "carried"]
    assert all(source.reason and source.remedy for source in card.sources[:2])
    assert card.sources[-1].state == "unchanged"
    assert [source.since for source in card.sources[:3]] == ["", "2026-11-19", ""]


def test_rows_that_could_not_be_read_are_shown_with_reason_and_place(card: Scorecard) -> None:
    """Rows of data are counted by reason, with one row as it stood."""
    (reject,) = card.rejects
    assert (reject.rows, reject.reason, reject.content) == (1, "4 cells where the header has 3.", "7;Ada;02;x")
    assert (reject.remedy, reject.place) == ("Quote it.", "sales_workbook.csv, line 17")
    assert card.totals.rejected == sum(source.rejected for source in card.sources) == 1


def test_totals_and_notes_are_told_apart_from_data(card: Scorecard) -> None:
    """What was left out and loses nobody stands in a table of its own, and counts as no row that could not be read."""
    (reject,) = card.left_out
    assert (reject.rows, reject.reason, reject.content) == (2, "A row of totals.", "Total;;412")
    assert reject.place == "sales_workbook.csv, line 90"
    assert card.totals.left_out == 2


def test_unmapped_columns_are_named(card: Scorecard) -> None:
    """Columns that nobody reads are listed one by one."""
    (sales,) = [source for source in card.sources if source.name == "sales_workbook"]
    assert sales.unmapped == ("Rep code", "Fax 2")


def test_quarantine_counts_a_record_under_each_of_its_reasons(card: Scorecard) -> None:
    """The commonest reason first, with an example that can be found: key, file and line."""
    assert card.reasons[1].text == "Phone: no such telephone number."
    assert [(r.records, r.sources) for r in card.reasons] == [
        (23, ("diary", "paper_forms")),
        (6, ("diary", "paper_forms")),
    ]
    assert card.reasons[0].example == "diary:Q-000"
    assert card.reasons[0].place == "diary.csv, line 900"


def test_the_biggest_cluster_comes_first_and_doubts_are_said(card: Scorecard) -> None:
    """Clusters go by size, and one with two birth dates says so."""
    assert [cluster.records for cluster in card.clusters] == sorted((c.records for c in card.clusters), reverse=True)
    assert card.clusters[0].records == 14
    doubted = next(c for c in card.clusters if c.golden_id == "G000000000012")
    assert doubted.doubts == ("2 different birth dates",)
    assert "pairs of them speak against it: look first at web_registrations:W-0007 and shop:" in doubted.against
    assert {c.against for c in card.clusters if c is not doubted} == {""}


def test_only_the_operator_who_invents_stands_out(card: Scorecard) -> None:
    """One operator has several times the suspect values of the others, and is the only one marked."""
    assert [one.name for one in card.operators if one.stands_out] == ["dimitri"]
    assert card.operators[0].name == "dimitri"


def test_accuracy_is_never_measured_without_a_source_of_truth(card: Scorecard) -> None:
    """Every score of accuracy is empty, and the page says `not measured` and not 100 %."""
    cells = [cell for heat in card.heats for row in heat.rows for cell in row.cells]
    assert {cell.value for cell in cells if cell.dimension == "accuracy"} == {None}
    assert "not measured" in page.render(card)


def test_scores_are_compared_with_the_last_published_run(card: Scorecard) -> None:
    """Each cell knows its value in the run before."""
    total = card.heats[0].total
    assert total is not None
    assert len(total.before) == len(total.cells)
    assert total.before[0] is not None


def test_the_five_most_valuable_actions_are_different_things(card: Scorecard) -> None:
    """Five actions, what is broken first, and no kind more than twice."""
    kinds = [action.kind for action in card.actions]
    assert kinds[:3] == ["source", "source", "rule"]
    assert len(kinds) == actions.MOST
    assert max(map(kinds.count, kinds)) <= actions.OF_A_KIND


def test_failing_rules_stand_before_passing_ones_and_broken_ones_first(card: Scorecard) -> None:
    """The source with a rule that could not run opens the list; passing rules are only named."""
    first = card.rules[0]
    assert first.source == "shop"
    assert first.failing[0].errored
    assert [rule.failed for rule in first.failing[1:]] == sorted((r.failed for r in first.failing[1:]), reverse=True)
    assert all(rule.failed == 0 for suite in card.rules for rule in suite.passing)


def test_whose_values_changed_is_told_by_the_run_before(tmp_path: Path) -> None:
    """One customer moved and got a phone since: one changed, in two fields; how many records it has does not matter."""
    folder = fictional.run_folder(tmp_path, customers=60)
    golden = folder.read("survive", "golden").to_pylist()
    golden[4] |= {"city": "Elsewhere", "phone": "1", "records": 99, "version": 7}
    later = fictional.run_folder(tmp_path, "later", customers=60)
    later.write("survive", "golden", pa.Table.from_pylist(golden, schema=folder.read("survive", "golden").schema))
    card = gather(later, fictional.FIRM, fictional.DECLARED, fictional.STARTED, how=scorecard.settings(), before=folder)
    (changed,) = [change for change in card.changes if change.event == "changed"]
    assert (changed.customers, changed.examples) == (1, ("city of 1", "phone of 1"))


def test_changes_stand_in_the_order_of_a_life(card: Scorecard) -> None:
    """Created, merged, split, changed, retired, returned, with their numbers."""
    found = [(change.event, change.customers) for change in card.changes]
    assert found.pop(3)[0] == "changed"
    assert found == [("created", 41), ("merged", 6), ("split", 1), ("retired", 3), ("returned", 2)]


def test_customers_cannot_write_html_into_the_page(pages: dict[str, str]) -> None:
    """A name with a tag in it is shown as text."""
    assert "<b>Ltd" not in pages["scorecard"] + pages["dedupe"]
    assert "&lt;b&gt;Ltd&lt;/b&gt;" in pages["scorecard"]
    assert "<script>" not in pages["dedupe"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages["dedupe"]


def test_a_run_that_read_nothing_still_says_what_happened(pages: dict[str, str]) -> None:
    """Every section of an empty run says in words why it is empty."""
    words = plain(pages["scorecard-empty"])
    assert "The run stopped before it read anything" in words
    assert "No customer record came in." in words
    assert "land, standardise, validate, match, identify and survive" in words
    assert pages["scorecard-empty"].count('class="empty"') >= 9


@pytest.mark.parametrize("last", ["land", "standardise", "validate", "match", "identify"])
def test_a_run_that_stopped_early_is_reported_as_far_as_it_got(
    tmp_path_factory: pytest.TempPathFactory, last: str
) -> None:
    """After any stage the page can be drawn, and names the stage after which the run stopped."""
    folder = fictional.run_folder(tmp_path_factory.mktemp("runs"), customers=60)
    order = ("land", "standardise", "validate", "match", "identify", "survive")
    kept = order[: order.index(last) + 1]
    partial = RunFolder(folder.runs, folder.id, {k: v for k, v in folder._parts.items() if k.split("/")[0] in kept})
    card = gather(partial, fictional.FIRM, fictional.DECLARED, fictional.STARTED, how=scorecard.settings())
    assert card.outcome.reason == f"The run stopped after the stage {last}"
    assert f"stopped after the stage {last}" in page.render(card)


def test_the_same_run_gives_the_same_page(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Byte for byte, in another folder."""
    drawn = [
        page.render(
            gather(
                fictional.run_folder(tmp_path_factory.mktemp("runs"), customers=80), fictional.FIRM, fictional.DECLARED,
                fictional.STARTED, how=scorecard.settings(),
            )
        )
        for _ in range(2)
    ]  # fmt: skip
    assert drawn[0] == drawn[1]


def test_the_headline_of_every_kind_of_run(card: Scorecard) -> None:
    """One sentence: with customers, without, and with nothing at all."""
    from dataclasses import replace

    assert headline(card.totals).replace("\u00a0", " ").endswith("of them pieced together.")
    assert "did not get as far as customers" in headline(replace(card.totals, golden=0))
    assert headline(replace(card.totals, records=0, golden=0)) == "No customer record came in."


def test_kept_scores_are_those_of_the_page(card: Scorecard) -> None:
    """The table for the next run holds every cell of every heat map, totals included."""
    table = scores(card.heats)
    assert table.num_rows == sum((len(heat.rows) + 1) * 6 for heat in card.heats)
    assert set(table["by"].to_pylist()) == {"source", "department", "operator"}
