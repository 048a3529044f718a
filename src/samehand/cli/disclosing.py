"""`samehand disclose` and `samehand release`: what the public is told of a case, and what is corrected of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from fractions import Fraction
from pathlib import Path

import click

from samehand.casework import Casework
from samehand.cli.days import Day
from samehand.cli.main import emit
from samehand.cli.store import NUMBER, existing, now, store_option, unlocked
from samehand.disclosure import (
    MANY_FOLLOWERS,
    Releases,
    Vetted,
    batches_of,
    count_period,
    harmonised_book,
    harmonised_parts,
    has_xlsx,
    read_telling,
)
from samehand.errors import UsageError
from samehand.records import Dataset, private_file, replaced_folder, write_csv, write_table
from samehand.store import open_store

__all__ = ["disclose", "release"]


@click.command()
@click.argument("case_id", type=NUMBER)
@click.option(
    "--dataset",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    help="With the accounts and posts of the case.",
)
@click.option(
    "--about", type=click.Path(path_type=Path), required=True, help="A TOML file: what a person says for the release."
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A folder.")
@click.option(
    "--k", type=click.IntRange(2, 1_000), default=5, show_default=True, help="So many accounts at least are alike."
)
@click.option(
    "--epsilon",
    type=click.FloatRange(0.01, 8),
    default=1.0,
    show_default=True,
    help="For all numbers of people in all releases of the case together.",
)
@click.option(
    "--many",
    type=click.IntRange(1_000),
    default=MANY_FOLLOWERS,
    show_default=True,
    help="Whom so many follow is shown as they were.",
)
@click.option("--no-claim", is_flag=True, help="Leave out the case's claim of attribution, if one stands.")
@click.option(
    "--pdf/--no-pdf",
    default=None,
    help="The report as PDF, too; by default if its optional library is there (samehand[pdf]).",
)
@click.option(
    "--fonts", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder of more fonts for the PDF: its own have Latin, Greek, Cyrillic and Arabic letters.",
)  # fmt: skip
@click.option(
    "--tier", type=click.Choice(["public", "vetted"]), default="public", show_default=True,
    help="vetted: texts, times and ids of the operation, for one recipient under an agreement, signed by two.",
)  # fmt: skip
@click.option("--recipient", help="Of the vetted tier: who gets it, by name.")
@click.option(
    "--by", "key_files", type=click.Path(path_type=Path), required=True, multiple=True, metavar="KEY",
    help="The key file of who signs it; for the vetted tier given twice, the second of another person who may approve. "
    "Passphrases are asked for, or read from SAMEHAND_PASSPHRASE_NAME or SAMEHAND_PASSPHRASE.",
)  # fmt: skip
@store_option
def disclose(
    case_id: int, folder: Path, about: Path, out: Path, k: int, epsilon: float, many: int, no_claim: bool, pdf: bool | None,
    fonts: Path | None, tier: str, recipient: str | None, key_files: tuple[Path, ...],
    where: str, as_json: bool,
) -> None:  # fmt: skip
    """Make a release of what was carried out in case CASE_ID, signed; refused where somebody small would be found again."""
    _refuse_unfit(tier, recipient, len(key_files))
    telling, dataset = read_telling(about), Dataset.open(folder)
    with open_store(existing(where)) as store:
        releases = Releases(Casework(store, now))
        key, *second = [unlocked(file) for file in key_files]
        done = releases.make(
            case_id,
            dataset,
            telling,
            out,
            key,
            k=k,
            epsilon=Fraction(epsilon).limit_denominator(100),
            many=many,
            claim=not no_claim,
            vetted=None if recipient is None else Vetted(recipient, second[0]),
            pdf=pdf,
            fonts=fonts,
        )
    found = f"{done.attack.share:.2%} of {done.attack.small:,} small accounts"
    text = (
        f"{out}: release {done.release_id} of {done.accounts:,} accounts; an attack joins {done.attack.joined} ids and finds "
        f"{found} again"
    )
    if done.tier.recipient is not None:
        text += f"\nfor {done.tier.recipient}, not to be published; its mark is {done.tier.mark}"
    if done.missing:
        text += (
            f"\nwarning: report.pdf lacks {len(done.missing):,} letters ({' '.join(done.missing[:20])}); report.html has them. "
            "Name a folder with a font that has them: --fonts FOLDER"
        )
    elif not done.pdf and pdf is None:
        text += "\nno report.pdf: pip install 'samehand[pdf]' for it; report.html is the same"
    told = {
        "release": done.release_id, "path": str(out), "accounts": done.accounts, "attack": asdict(done.attack),
        "tier": done.tier.name, "recipient": done.tier.recipient, "mark": done.tier.mark, "pdf": done.pdf,
        "letters_missing_in_pdf": list(done.missing),
    }  # fmt: skip
    emit(told, as_json=as_json, text=text)


def _refuse_unfit(tier: str, recipient: str | None, signers: int) -> None:
    """Hold options against the tier.

    Raises:
        UsageError: one is missing, or one too many.

    """
    if (tier == "vetted") != (recipient is not None):
        raise UsageError("the vetted tier, and it alone, is for somebody: --tier vetted --recipient NAME")
    if signers != (2 if tier == "vetted" else 1):
        how = "by two persons: give --by twice" if tier == "vetted" else "by one: give --by once"
        raise UsageError(f"a {tier} release is signed {how}")


@click.group()
def release() -> None:
    """Releases that were made, what is corrected of them, and the statements of reasons of a case."""


@release.command("list")
@store_option
def list_releases(where: str, as_json: bool) -> None:
    """Show every release, the newest first."""
    with open_store(existing(where)) as store:
        releases = Releases(Casework(store, now))
        releases.take_corrections()  # an appeal that was right a minute ago counts
        found = releases.all()
    told = [
        {
            "release": one.release_id, "case": one.case_id, "made_at": one.made_at, "title": one.title, "tier": one.tier,
            "recipient": one.recipient, "mark": one.mark, "taken_back": one.taken_back,
        }
        for one in found
    ]  # fmt: skip
    lines = [
        f"{one.release_id} of case {one.case_id}, {one.made_at:%Y-%m-%d}: {one.title}"
        + ("" if one.recipient is None else f" ({one.tier}, for {one.recipient}, mark {one.mark})")
        + (f"; {one.taken_back:,} rows are taken back: send release corrections" if one.taken_back else "")
        for one in found
    ]
    emit({"releases": told}, as_json=as_json, text="\n".join(lines) or "there is none")


@release.command()
@click.argument("release_id")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A .csv, .jsonl or .parquet file.")
@store_option
def corrections(release_id: str, out: Path, where: str, as_json: bool) -> None:
    """Write the rows of RELEASE_ID that were taken back since, for whoever holds it."""
    with open_store(existing(where)) as store:
        releases = Releases(Casework(store, now))
        releases.take_corrections()
        table = releases.corrections(release_id)
    write_table(out, table)
    emit(
        {"corrections": table.num_rows, "path": str(out)},
        as_json=as_json,
        text=f"{out}: {table.num_rows:,} rows are taken back",
    )


@release.command()
@click.argument("case_id", type=NUMBER)
@click.option(
    "--dataset", "folder", type=click.Path(path_type=Path), required=True, help="With the accounts of the case."
)
@click.option("--policy-url", "reference_url", help="Where the policy stands.")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="A .json file: bodies of 100 statements at most."
)
@store_option
def statements(case_id: int, folder: Path, reference_url: str | None, out: Path, where: str, as_json: bool) -> None:
    """Write the European statements of reasons of case CASE_ID, each held to the database's rules."""
    with open_store(existing(where)) as store:
        found = Releases(Casework(store, now)).statements(case_id, Dataset.open(folder), reference_url=reference_url)
    batches = batches_of(found.sent)
    private_file(
        out, json.dumps({"batches": batches, "withdrawn": found.withdrawn}, ensure_ascii=False, indent=1) + "\n"
    )
    text = f"{out}: {len(found.sent):,} statements in {len(batches):,} bodies; {len(found.withdrawn):,} are taken back"
    emit(
        {"statements": len(found.sent), "withdrawn": list(found.withdrawn), "path": str(out)},
        as_json=as_json,
        text=text,
    )


@release.command()
@click.option("--since", type=Day(), required=True, help="First day of the period.")
@click.option("--until", type=Day(), required=True, help="The first day after it.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A folder.")
@click.option(
    "--xlsx/--no-xlsx", default=None,
    help="The harmonised report as a spreadsheet, too; by default if its optional library is there (samehand[xlsx]).",
)  # fmt: skip
@store_option
def counts(since: date, until: date, out: Path, xlsx: bool | None, where: str, as_json: bool) -> None:
    """Count what was done in a period, for the Union's harmonised report (2024/2835) and as the Santa Clara Principles ask."""
    with open_store(existing(where)) as store:
        found = count_period(Casework(store, now), *(datetime.combine(day, time.min, UTC) for day in (since, until)))
    parts = harmonised_parts(found)
    book = harmonised_book(parts, found.until) if xlsx or (xlsx is None and has_xlsx()) else None
    with replaced_folder(out) as folder:
        if book is not None:
            private_file(folder / "harmonised.xlsx", book)
        for number, (part, table) in enumerate(parts.items(), start=1):
            write_csv(folder / f"{number:02d}_{part}.csv", table)
        private_file(folder / "santa_clara.json", json.dumps(found.santa_clara, ensure_ascii=False, indent=1) + "\n")
    done = found.measures["measures"]
    text = f"{out}: {done:,} measures, {found.appeals['received']:,} appeals, {found.appeals['overturned']:,} of them right"
    if book is None and xlsx is None:
        text += "\nno harmonised.xlsx: pip install 'samehand[xlsx]' for it; the CSV files are the same"
    told = {"path": str(out), "xlsx": book is not None, **found.santa_clara, "measures": dict(found.measures)}
    emit(told, as_json=as_json, text=text)
