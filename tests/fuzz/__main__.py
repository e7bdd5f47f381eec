"""`python -m tests.fuzz --minutes 30 --seed N [reader ...]`: damage files of every kind and see what breaks."""

import argparse

from tests.fuzz import run, seeds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readers", nargs="*", help=f"of {', '.join(seeds.MAKERS)}; none: all")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    tally = run.run(arguments.minutes, arguments.seed, arguments.readers)
    print(f"\n{sum(tally.files.values()):,} files: {dict(tally.states)}; {dict(tally.files)}")
    for (reader, said), count in tally.refusals.most_common(60):
        print(f"  {count:>6} {reader}: {said}")
    raise SystemExit(bool(tally.findings))


if __name__ == "__main__":
    main()
