"""What `goldseam dedupe` might have found in two invented files: for tests, and for people to look at."""

from reports.dedupe import Blocking, Column, DedupeReport, Group, Input, LatentClass, Row, Sample, Weight
from reports.waterfall import Evidence

COLUMNS = (
    Column("Name", "full_name", 0.97, "the header says so, and 94 % of values are two or three words", 0.99),
    Column("e-mail address", "email", 1.0, "98 % of values are e-mail addresses", 0.71),
    Column("Tel.", "phone", 0.99, "96 % of values are telephone numbers", 0.83),
    Column("Ort", "address.city", 0.8, "the header is the German word for town", 0.9),
    Column("geboren", "birth_date", 1.0, "dates between 1931 and 2008, day first", 0.64),
    Column("lfd", "ignore", 0.95, "a running number: it names the row and nothing else", 1.0),
    Column("<script>alert(1)</script>", "ignore", 0.5, "empty but for two rows", 0.001),
)
GROUPS = (
    Group(
        "17", 5, ("Name", "e-mail address", "Tel.", "Ort", "geboren"),
        (
            Row("members:12", ("Ελένη Θαλασσινού", "eleni.th@example.com", "2281 000 111", "Σύρος", "1984-03-02")),
            Row("members:340", ("Eleni Thalassinou", "eleni.th@example.com", "+30 2281 000111", "Syros", "1984-03-02")),
            Row("orders:77", ("THALASSINOU ELENI", "eleni.th@example.com", "", "Syros", "")),
            Row("orders:1204", ("Eleni Thalasinou", "elenith@example.com", "2281000111", "Ermoupoli", "1984-02-03")),
        ),
        (
            "Health: 0.48 (1: holds wherever it is cut; 0: should be parted).",
            "Weakest link: members:12 and orders:1204 (+1.3 bits, 71.1 %).",
            "1 pair inside speaks against it: orders:77 and orders:1204 (−0.4 bits, 43.1 %).",
            "Cut first: members:12 and orders:1204. Then orders:1204 would part from the three others.",
        ),
        (
            "members:12 with members:340 (+11.2 bits, 100.0 %)",
            "members:12, members:340 with orders:77, above all members:340 and orders:77 (+7.9 bits, 99.6 %)",
        ),
    ),
    Group(
        "3", 3, ("Name", "e-mail address", "Tel.", "Ort", "geboren"),
        (
            Row("members:3", ("Tidewrack & Sons <b>Ltd</b>", "", "01326 000 222", "Falmouth", "")),
            Row("orders:9", ("Tidewrack and Sons Limited", "office@example.com", "01326000222", "Falmouth", "")),
            Row("orders:10", ("Tidewrack & Sons Ltd", "office@example.com", "01326000223", "Falmuoth", "")),
        ),
    ),
)  # fmt: skip
EVIDENCE = (
    Evidence("full_name", "Oğuz Denizoğlu", "O. Denizoglu", "an initial, and the surname in other letters", 6.4),
    Evidence("email", "oguz@example.com", "denizoglu@example.com", "different", -1.2),
    Evidence("phone", "+90 000 000 00 01", "+90 000 000 00 01", "the same", 5.1),
    Evidence("city", "Bodrum", "Muğla", "different", -1.9),
    Evidence("birth_date", "1979-11-30", "1997-11-30", "two digits swapped", -2.7),
)
SAMPLES = (
    Sample("members:61", "orders:410", 0.981, "same", True, EVIDENCE, "The same phone and name outweigh another town."),
    Sample(
        "members:88", "members:89", 0.31, "household", False,
        (
            Evidence("full_name", "Nuria Veleta", "Álvaro Veleta", "another given name, the same surname", -4.8),
            Evidence("phone", "+34 000 000 001", "+34 000 000 001", "the same", 5.1),
            Evidence("city", "Cadaqués", "Cadaqués", "the same", 3.2),
            Evidence("birth_date", "1971-05-05", "1969-08-17", "different", -4.6),
        ),
        "They share a name, a phone and a town, but neither given name nor birth date: a household.",
    ),
)  # fmt: skip
WEIGHTS = (
    Weight("full_name", "the same", 9.8, 812), Weight("full_name", "nearly the same", 6.2, 390),
    Weight("full_name", "different", -5.6, 4010), Weight("email", "the same", 11.3, 502),
    Weight("email", "different", -1.2, 2900), Weight("birth_date", "the same", 8.4, 611),
    Weight("birth_date", "day and month swapped", 5.0, 12), Weight("birth_date", "different", -6.1, 3300),
    Weight("city", "the same", 3.2, 2750), Weight("city", "different", -1.9, 2100),
)  # fmt: skip

REPORT = DedupeReport(
    inputs=(Input("members.csv", 1204), Input("orders.xlsx", 2310)),
    records=3514,
    customers=2610,
    sizes=((1, 1930), (2, 505), (3, 134), (4, 36), (5, 5)),
    columns=COLUMNS,
    blocking=(
        Blocking("surname and birth date", 1410, 4),
        Blocking("e-mail", 302, 11, "2 addresses held by more than 50 records are left out: shared, so no evidence"),
        Blocking("phone", 877, 9),
        Blocking("first letters of the name and town", 3120, 88),
    ),
    pairs=5709,
    bins=(3900, 402, 121, 64, 33, 20, 14, 9, 6, 5, 4, 5, 7, 6, 9, 12, 18, 31, 64, 979),
    merge=0.995,
    review=0.25,
    used=0.55,
    groups=GROUPS,
    samples=SAMPLES,
    classes=(
        LatentClass("same person", 0.17, 970),
        LatentClass("household", 0.08, 455),
        LatentClass("chance", 0.75, 4284),
    ),
    weights=WEIGHTS,
    relations=(("unrelated", 4100), ("same", 1022), ("household", 455), ("namesake", 132)),
    files=("clusters.csv", "golden.csv", "pairs.parquet"),
    notes=("Column “lfd” looks like the key of members.csv: `--id lfd` makes it the record id.",),
)

EMPTY = DedupeReport(
    inputs=(Input("empty.csv", 0),), records=0, customers=0, sizes=(), columns=(), blocking=(), pairs=0, bins=(),
    merge=0.995, review=0.2, used=0.5,
)  # fmt: skip
