"""The public names of the package change only on purpose."""

from __future__ import annotations

from tools.public_names import FILE, public_names


def test_public_names_are_the_ones_that_were_agreed_on() -> None:
    agreed = set(FILE.read_text(encoding="utf-8").split())
    here = set(public_names())

    assert (agreed - here, here - agreed) == (set(), set()), (
        "public names went or came (the first set is gone, the second is new); if you mean it, run `make docs`, "
        "commit tests/house/public_names.txt, and tell users of a name that went in CHANGELOG.md"
    )
