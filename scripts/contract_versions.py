"""Put changed contracts on record: python -m scripts.contract_versions --note "why, and what it means".

Exit code 1 when a contract has changed in a way that older data cannot follow, or kept its version.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tunelake.lake.contracts import contract, versions

RECORD = Path(__file__).parent.parent / "src" / "tunelake" / "lake" / "contracts" / "versions.json"


def main() -> int:
    """Record every contract that is not on record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--note", required=True, help="What changed, why, what it means for older data.")
    note = parser.parse_args().note
    record = dict(versions.read()) if RECORD.exists() else {}
    known = contract.load()
    wrong: list[str] = []
    for table, each in known.items():
        had = record.get(table, ())
        if versions.recordable(each, had):
            record[table] = (*had, versions.of(each, note))
            print(f"{table} {each.version} is on record")
        else:
            wrong += versions.problems(each, had)
    print("\n".join(wrong), end="\n" if wrong else "")
    if not wrong:
        RECORD.write_bytes(versions.write(record))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
