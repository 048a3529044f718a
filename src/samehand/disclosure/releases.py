"""Releases: made from a case, signed, and corrected when a decision was wrong.

A release is a folder that anybody may copy: what was done and to how many, tables in which nobody small is found again, an
estimate of how often it is wrong, objections with their answers, and sums by which a copy is held against it. Which hash is
whose is kept in the store alone, so that a correction can name the row; where that is erased, a release is corrected no more.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import ForeignKey, Index, Integer, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from samehand import __version__
from samehand.casework import (
    CORRECTION,
    Appeals,
    Authorised,
    Casework,
    Decisions,
    Entry,
    SigningKey,
    Statement,
    append,
    families_of,
    findings_of,
    is_founded,
)
from samehand.disclosure.archive import MANY_FOLLOWERS
from samehand.disclosure.attack import Attack
from samehand.disclosure.claims import claim_corrections, published_claim, take_claims_back
from samehand.disclosure.drafting import Disclosed, Draft, draft_release
from samehand.disclosure.noise import Ledger, Noised
from samehand.disclosure.pdf import NO_PDF, Pdf, has_pdf, report_pdf
from samehand.disclosure.preactivity import NO_NOISE
from samehand.disclosure.pseudonyms import ReleaseKeys
from samehand.disclosure.reasons import StatementOfReasons, reason_for
from samehand.disclosure.report import release_page
from samehand.disclosure.telling import Telling, error_estimate
from samehand.disclosure.vetted import HANDLING, Tier, Vetted, handling_of, new_mark
from samehand.errors import MissingExtraError, NotFoundError, UsageError
from samehand.records import Dataset, private_file, replaced_folder, write_csv
from samehand.store import Base, Big, Event, Moment, consume, put

__all__ = ["CORRECTED", "KnownRelease", "MadeRelease", "Releases", "Statements"]

ACTIONS: Final = ("suspend", "remove")
CORRECTED: Final = "taken back: whoever holds the release removes the row"
LEAST_MANY: Final = 1_000
"""Followers from which on an account may be shown as it was, whatever is asked."""
PUID: Final = 16
"""Letters of an account's commitment in the puid of its statement: it stays the same whoever else is told of."""
EPSILON_OF_ONE: Final = Fraction(1, 2)
SUMS: Final = "SHA256SUMS"
STIX: Final = "stix.json"
NO_LICENCE: Final = "none: not to be published"


class ReleaseRow(Base):
    """A release: of which case, when, the hash of its `release.json`, and if it is not public who has it, and its mark.

    `numbers` is what it told of people: by name the count, as what it was told, what that cost, and how near it is.
    """

    __tablename__ = "releases"

    release_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    case_id: Mapped[int] = mapped_column(Integer, index=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    tier: Mapped[str] = mapped_column(String(10))
    recipient: Mapped[str | None] = mapped_column(Text)
    mark: Mapped[str | None] = mapped_column(String(16))
    numbers: Mapped[str] = mapped_column(Text)


class ReleaseAccountRow(Base):
    """Under which id an account stands in a release; kept here alone. `corrected_at`: when it was taken back."""

    __tablename__ = "release_accounts"
    __table_args__ = (Index("ix_release_accounts_asset", "platform", "asset_id"),)

    row_id: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=True)
    release_id: Mapped[str] = mapped_column(ForeignKey("releases.release_id"), index=True)
    platform: Mapped[str] = mapped_column(String(40))
    asset_id: Mapped[str] = mapped_column(Text)
    shown_as: Mapped[str] = mapped_column(Text)
    corrected_at: Mapped[datetime | None] = mapped_column(Moment)


@dataclass(frozen=True)
class KnownRelease:
    """A release that the store knows.

    Attributes:
        release_id, case_id, made_at, title, tier: which. recipient, mark: of one that is not public. taken_back: how many
            of its accounts were, of which whoever holds it has to be told.

    """

    release_id: str
    case_id: int
    made_at: datetime
    title: str
    tier: str
    recipient: str | None
    mark: str | None
    taken_back: int


@dataclass(frozen=True)
class MadeRelease:
    """A release that was made.

    Attributes:
        release_id, path, accounts: its id, its folder, how many accounts it is about. attack: how the attack on it went.
        tier: public, or vetted with its mark. pdf: whether it has the report as PDF. missing: letters that no font of it has.

    """

    release_id: str
    path: Path
    accounts: int
    attack: Attack
    tier: Tier
    pdf: bool
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Statements:
    """Statements of reasons that stand, and the puids of those whose decision was taken back for the account."""

    sent: tuple[StatementOfReasons, ...]
    withdrawn: tuple[str, ...]


class Releases:
    """The releases of a store.

    Args:
        work: casework of the store: its clock, its roster, its log.

    """

    def __init__(self, work: Casework) -> None:
        self._work = work

    def make(
        self, case_id: int, dataset: Dataset, told: Telling, out: Path, key: SigningKey, *, k: int = 5,
        epsilon: Fraction = Fraction(1), keys: ReleaseKeys | None = None, ledger: Ledger | None = None,
        many: int = MANY_FOLLOWERS, claim: bool = True, vetted: Vetted | None = None, pdf: bool | None = None,
        fonts: Path | None = None,
    ) -> MadeRelease:  # fmt: skip
        """Make a release of what was done in a case, attack it, and write it; a public one where nobody small is found again.

        Args:
            case_id: the case; its decisions to suspend or remove that were carried out. dataset: with the accounts and posts.
            told: what a person says. out: a folder, which takes the place of one that was there. key: whose signature it bears.
            k: so many are alike. epsilon: for all numbers of people. keys, ledger: made anew if None; given for a replay only.
            many: followers from which on an account is shown as it was. claim: whether it has the case's claim that stands.
            vetted: for whom it is, and who signs it, too; None if it is public.
            pdf: whether it has the report as PDF; None if the optional library is there. fonts: a folder of more fonts for it.

        Raises:
            MissingExtraError: a PDF is asked for without its library. NotFoundError: there is no such case.
                UsageError: nothing was carried out in it, or a key's holder may not, or it takes another person.
                InputError: somebody would be found again; nothing is written.

        """
        if pdf and not has_pdf():
            raise MissingExtraError(NO_PDF)
        if many < LEAST_MANY:
            raise UsageError(
                f"whom {LEAST_MANY:,} follow or more may be shown as they were, not whom {many:,} do (--many)"
            )
        if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / "release.json").is_file())):
            raise UsageError(f"{out} is there, and is no release; choose another folder")
        self._may_sign(case_id, key, vetted)
        release_id, tier = str(uuid.uuid4()), Tier() if vetted is None else Tier(vetted.recipient, new_mark())
        about = self._about(case_id)
        draft = draft_release(
            about, dataset, keys or ReleaseKeys.make(), release_id=release_id, organisation=told.organisation,
            at=self._work.now(), k=k, many=many, vetted=vetted is not None,
        )  # fmt: skip
        ledger = ledger or self._ledger(case_id, epsilon)
        body = self._body(release_id, case_id, about, told, draft, ledger, tier)
        body["privacy"]["shown_as_they_were_from"] = many
        given: Callable[[Session], None] = lambda _: None  # noqa: E731
        if claim:
            body["actor_claim"], given = published_claim(self._work, case_id, release_id, key.name)
        page, made = release_page(body, told), None
        if pdf or (pdf is None and has_pdf()):
            made = report_pdf(page, name=_foot(body), at=datetime.fromisoformat(body["published_at"]), fonts=fonts)
        signers = [key] if vetted is None else [key, vetted.second]
        row = ReleaseRow(
            release_id=release_id, case_id=case_id, made_at=self._work.now(), made_by=key.name, title=told.title, digest="",
            tier=tier.name, recipient=tier.recipient, mark=tier.mark, numbers=_kept(ledger),
        )  # fmt: skip

        def enter(digest: str) -> None:
            row.digest = digest
            self._enter(row, [one.name for one in signers], draft.as_shown, given)

        self._write(out, body, draft, page, made, told, signers, enter)
        accounts, missing = len(about.networks), () if made is None else made.missing
        return MadeRelease(release_id, out, accounts, draft.tried, tier, made is not None, missing)

    def _may_sign(self, case_id: int, key: SigningKey, vetted: Vetted | None) -> None:
        with self._work.store.reading() as session:
            self._work.row(session, case_id)
            if vetted is not None or is_founded(session):
                roster = self._work.roster(session)
                roster.holder(key, "act")
                if vetted is not None:
                    roster.holder(vetted.second, "approve")
        if vetted is not None and (vetted.second.name == key.name or vetted.second.public == key.public):
            raise UsageError(f"{key.name} makes the release; another person who may approve has to sign it, too")

    def _about(self, case_id: int) -> Disclosed:
        with self._work.store.reading() as session:
            findings, families = findings_of(session, case_id), families_of(session, case_id)
        return Disclosed(self._carried_out(case_id), findings, families)

    def _carried_out(self, case_id: int) -> list[Authorised]:
        return [one for one in Decisions(self._work).carried_out(case_id, ACTIONS) if one.decision.state == "done"]

    def _ledger(self, case_id: int, epsilon: Fraction) -> Ledger:
        """The budget of a case, with what its earlier releases told and spent."""
        with self._work.store.reading() as session:
            chosen = select(ReleaseRow.numbers).where(ReleaseRow.case_id == case_id).order_by(ReleaseRow.made_at)
            kept = [json.loads(one) for one in session.scalars(chosen)]
        before, gone = dict[str, tuple[int, Noised]](), Fraction(0)
        for numbers in kept:
            for name, one in numbers.items():
                before[name] = (one["count"], Noised(one["value"], Fraction(one["epsilon"]), one["within"]))
                gone += Fraction(one["spent"])
        return Ledger(epsilon, before=before, gone=gone)

    def _body(
        self, release_id: str, case_id: int, about: Disclosed, told: Telling, draft: Draft, ledger: Ledger, tier: Tier
    ) -> dict[str, Any]:  # fmt: skip
        """What `release.json` says, but for its files."""
        estimate, archive, tried, signups = error_estimate(told.audited), draft.archive, draft.tried, draft.signups
        audience = {
            name: {"value": noised.value, "within": noised.within}
            for name, count in sorted(told.audience.items())
            for noised in (ledger.tell(name, count, min(EPSILON_OF_ONE, ledger.budget / max(len(told.audience), 1))),)
        }  # fmt: skip
        return {
            "release_id": release_id, "version": 1, "made_with": f"samehand {__version__}", "title": told.title,
            "organisation": told.organisation, "licence": NO_LICENCE if tier.recipient else told.licence,
            "recipient": tier.recipient, "mark": tier.mark, "handling": handling_of(tier),
            "published_at": self._work.now().isoformat(),
            "case": case_id, "saw": told.saw, "know": told.know, "unknown": told.unknown, "appeal": told.appeal,
            "narratives": told.narratives, "targets": told.targets, "actor_claim": None,
            "decisions": [
                {
                    "decision": one.decision.decision_id, "action": one.decision.action, "policy": one.decision.policy,
                    "grounds": list(one.decision.grounds), "accounts": one.decision.radius.accounts,
                    "two_persons": one.decision.two, "proposed_at": one.decision.proposed_at.isoformat(),
                }
                for one in about.done
            ],
            "counts": {
                "accounts": len(about.networks), "shown": archive.users.num_rows, "small": archive.small,
                "signed_up_known": dict(signups.known),
            },
            "audience": audience, "appeals": Appeals(self._work).counted(case_id), "objections": len(told.objections),
            "error_estimate": None if estimate is None else asdict(estimate),
            "privacy": {
                "tier": tier.name, "k": archive.k, "suppressed_rows": archive.left.suppressed,
                "shown_as_they_were": draft.in_clear,
                "preactivity": {
                    "told_by": signups.span, "cells_left_out": signups.cells, "accounts_in_these": signups.accounts,
                },
                "blunted": dict(archive.left.steps),
                "rare_counts_left_out": dict(archive.left.rare), "texts_left_out": archive.left.texts,
                "epsilon": ledger.statement(), "epsilon_budget": float(ledger.budget),
                "no_noise": {"accounts, decisions, signed_up_known": NO_NOISE},
                "attack": {
                    "found_again": tried.share, "low": tried.low, "high": tried.high, "joined_on_ids": tried.joined,
                    "only_one_fits": tried.alone, "knowing_who_was_acted_on": tried.knowing_who,
                },
            },
        }  # fmt: skip

    def _write(
        self, out: Path, body: dict[str, Any], draft: Draft, page: str, pdf: Pdf | None, told: Telling,
        signers: Sequence[SigningKey], enter: Callable[[str], None],
    ) -> None:  # fmt: skip
        """Write the folder; it takes its place when the store knows of it, and an earlier one stays until then."""
        tables = {**draft.tables, "objections": _objections(told), "corrections": _corrections(())}
        texts = {STIX: json.dumps(draft.bundle, ensure_ascii=False, indent=1) + "\n", "report.html": page}
        if body["handling"]:
            texts[HANDLING] = body["handling"] + "\n"
        with replaced_folder(out) as folder:
            for name, table in tables.items():
                write_csv(folder / f"{name}.csv", table)
                pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
            for name, text in texts.items():
                private_file(folder / name, text)
            if pdf is not None:
                private_file(folder / "report.pdf", pdf.data)
            private_file(
                folder / "datapackage.json", json.dumps(_package(body, tables), ensure_ascii=False, indent=1) + "\n"
            )
            body["files"] = [
                {"name": path.name, "rows": tables[path.stem].num_rows if path.stem in tables else None, "sha256": _sha(path)}
                for path in sorted(folder.iterdir())
            ]  # fmt: skip
            text = json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
            digest = hashlib.sha256(text.encode()).hexdigest()
            signed = Statement("release", self._work.store.store_id, {"release": body["release_id"], "sha256": digest})
            private_file(folder / "release.json", text)
            first, *others = [{"signature": one.sign(signed), "public_key": one.public} for one in signers]
            private_file(folder / "signature.json", json.dumps({
                "statement": signed.body, "store": signed.store_id, **first, **({"second": others[0]} if others else {}),
            }, indent=1) + "\n")  # fmt: skip
            sums = [f"{_sha(path)}  {path.name}" for path in sorted(folder.iterdir())]
            private_file(folder / SUMS, "\n".join(sums) + "\n")
            enter(digest)  # what no store knows of would never be corrected

    def _enter(
        self,
        row: ReleaseRow,
        signers: Sequence[str],
        shown: Mapping[tuple[str, str], str],
        given: Callable[[Session], None],
    ) -> None:
        entered: dict[str, Any] = {"release": row.release_id, "sha256": row.digest}
        if row.recipient is not None:
            entered |= {"tier": row.tier, "mark": row.mark, "signed": list(signers)}
        with self._work.store.writing() as session:
            session.add(row)
            session.flush()
            put(session, ReleaseAccountRow, [
                {"release_id": row.release_id, "platform": platform, "asset_id": asset, "shown_as": value, "corrected_at": None}
                for (platform, asset), value in sorted(shown.items())
            ])  # fmt: skip
            given(session)
            append(session, row.made_at, [Entry("released", signers[0], entered, row.case_id)])

    # --- statements of reasons

    def statements(self, case_id: int, dataset: Dataset, *, reference_url: str | None = None) -> Statements:
        """The European statements of reasons of what was done in a case, and of which of them nothing is left.

        Args:
            case_id: the case. dataset: that says when accounts were made, and in which language. reference_url: of the policy.

        Raises:
            NotFoundError: there is no such case. InputError: a statement breaks a rule of the database.

        """
        with self._work.store.reading() as session:
            origin = self._work.row(session, case_id).origin
        known = {(row["platform"], row["asset_id"]): row for row in dataset.table("assets").to_pylist()}
        sent, withdrawn = [], []
        for done in Decisions(self._work).carried_out(case_id, ACTIONS):
            decision = done.decision
            for member in sorted(done.members, key=lambda one: one.commitment):
                puid = f"c{case_id}-d{decision.decision_id}-{member.commitment[:PUID]}"
                if member.cleared:
                    withdrawn.append(puid)
                    continue
                row = known.get((member.platform, member.asset_id or ""), {})
                made = row.get("created_at") or decision.proposed_at
                sent.append(reason_for(
                    decision.action, row.get("kind") or "account", puid=puid,
                    ground=f"{decision.policy}: {decision.grounds[0]}",
                    why=f"Decided on the grounds {', '.join(decision.grounds)}.", made=made.date(),
                    facts=f"One of {decision.radius.accounts} accounts that acted together and were found inauthentic.",
                    decided=decision.proposed_at.date(), tipped=origin == "tip", automated=origin != "hand",
                    reference_url=reference_url, languages=(row["language"],) if row.get("language") else (),
                ))  # fmt: skip
        return Statements(tuple(sent), tuple(withdrawn))

    # --- corrections

    def take_corrections(self) -> int:
        """Mark, in every release, accounts of which a decision was taken back since, and claims that ended; how many."""
        marked = 0

        def take(session: Session, event: Event) -> None:
            nonlocal marked
            for platform, asset in event.body["accounts"]:
                rows = session.scalars(
                    select(ReleaseAccountRow).join(ReleaseRow, ReleaseRow.release_id == ReleaseAccountRow.release_id).where(
                        ReleaseAccountRow.platform == platform, ReleaseAccountRow.asset_id == asset,
                        ReleaseAccountRow.corrected_at.is_(None), ReleaseRow.made_at <= event.at,
                    )
                ).all()  # fmt: skip
                for row in rows:
                    row.corrected_at = event.at
                    marked += 1

        with self._work.store.writing() as session:
            while consume(session, "disclosure", CORRECTION, lambda event: take(session, event)):
                pass
            marked += take_claims_back(self._work, session)
        return marked

    def all(self) -> list[KnownRelease]:
        """Every release, the newest first."""
        corrected = (
            select(ReleaseAccountRow.release_id, func.count().label("rows")).where(ReleaseAccountRow.corrected_at.is_not(None))
            .group_by(ReleaseAccountRow.release_id).subquery()
        )  # fmt: skip
        chosen = (
            select(ReleaseRow, corrected.c.rows).outerjoin(corrected, corrected.c.release_id == ReleaseRow.release_id)
            .order_by(ReleaseRow.made_at.desc(), ReleaseRow.release_id)
        )  # fmt: skip
        with self._work.store.reading() as session:
            return [
                KnownRelease(
                    row.release_id, row.case_id, row.made_at, row.title, row.tier, row.recipient, row.mark, rows or 0
                )
                for row, rows in session.execute(chosen)
            ]

    def corrections(self, release_id: str) -> pa.Table:
        """What of a release is taken back: as whom a row stands there (null for its claim), since when, and what to do.

        Of an account the day alone: somebody who saw when it came back would know its hash by the minute.

        Raises:
            NotFoundError: there is no such release.

        """
        with self._work.store.reading() as session:
            if session.get(ReleaseRow, release_id) is None:
                raise NotFoundError(f"there is no release {release_id}")
            rows = session.execute(
                select(ReleaseAccountRow.shown_as, ReleaseAccountRow.corrected_at)
                .where(ReleaseAccountRow.release_id == release_id, ReleaseAccountRow.corrected_at.is_not(None))
            ).all()  # fmt: skip
            claims = claim_corrections(session, release_id)
        days = sorted((at.replace(hour=0, minute=0, second=0, microsecond=0), shown_as) for shown_as, at in rows if at)
        return _corrections([*((shown_as, day, CORRECTED) for day, shown_as in days), *claims])


def _kept(ledger: Ledger) -> str:
    """What a release told of people, as the store keeps it."""
    return json.dumps({
        name: {"count": ledger.told[name][0], "value": ledger.told[name][1].value, "within": ledger.told[name][1].within,
               "epsilon": str(ledger.told[name][1].epsilon), "spent": str(spent)}
        for name, spent in ledger.spent.items()
    })  # fmt: skip


def _foot(body: Mapping[str, Any]) -> str:
    """What stands under each page of the report."""
    name = f"Release {body['release_id']}"
    return f"{name}, for {body['recipient']}, not to be published, mark {body['mark']}" if body["recipient"] else name


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _objections(told: Telling) -> pa.Table:
    names = ("who", "says", "found", "changed")
    return pa.Table.from_pylist(
        [one.model_dump() for one in told.objections], pa.schema([(name, pa.string()) for name in names])
    )


def _corrections(rows: Sequence[tuple[str | None, datetime | None, str]]) -> pa.Table:
    schema = pa.schema([("userid", pa.string()), ("corrected_at", pa.timestamp("us", tz="UTC")), ("what", pa.string())])
    return pa.Table.from_pylist([{"userid": one, "corrected_at": at, "what": what} for one, at, what in rows], schema)


def _package(body: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> dict[str, Any]:
    """A Frictionless data package of the CSV tables (datapackage.org, version 1)."""
    kinds = {"string": "string", "int64": "integer"}
    return {
        "profile": "tabular-data-package", "name": f"release-{body['release_id']}", "id": body["release_id"],
        "title": body["title"], "created": body["published_at"], "licenses": [{"name": body["licence"]}],
        "resources": [
            {
                "profile": "tabular-data-resource", "name": name.replace("_", "-"), "path": f"{name}.csv", "encoding": "utf-8",
                "schema": {
                    "fields": [{"name": one.name, "type": kinds.get(str(one.type), "string")} for one in table.schema]
                },
            }
            for name, table in sorted(tables.items())
        ],
    }  # fmt: skip
