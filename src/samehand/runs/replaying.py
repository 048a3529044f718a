"""`samehand signups replay`: a log of sign-ups fed to the stream in order of time, resumed where a crash left it."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from time import perf_counter, sleep
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from samehand import __version__
from samehand.errors import InputError, NotFoundError
from samehand.policy import DECISIONS, SignupPolicy, read_signup_policy
from samehand.records import Dataset, empty_table, private_file, sha256_of, write_run
from samehand.runs.known_bad import read_known_bad
from samehand.runs.signup_tables import wave_tables
from samehand.signups import (
    COLUMNS,
    LIFTED,
    CodedRows,
    Correction,
    KeyRing,
    KnownBad,
    SignupStream,
    can_learn,
    check_labels,
    code_rows,
    labels_of,
    load_stream,
    save_stream,
)
from samehand.store import micros

__all__ = ["Replay", "replay_signups"]

Said = Callable[[str], None]
DAY_US = 86_400_000_000
CHUNK = 50_000
"""Sign-ups that are decided about in one go."""
PER_STATE = 4
"""The state is kept when a quarter as many sign-ups were done since the last time as it holds."""
NEEDED = tuple(dict.fromkeys(("platform", "asset_id", "at", "net_type", *COLUMNS)))


@dataclass(frozen=True)
class Replay:
    """What a replay decided, in counts, and where it lies.

    decided: accounts by the highest rung they reached; waves: found; resumed: sign-ups that an earlier try had done.
    """

    path: Path
    signups: int
    decisions: int
    waves: int
    decided: dict[str, int]
    resumed: int
    notes: tuple[str, ...]


ORDER = [("at", "ascending"), ("platform", "ascending"), ("asset_id", "ascending")]


def _in_pieces(dataset: Dataset, name: str, columns: list[str]) -> Iterator[pa.Table]:
    """The rows of a table in order of time, ties by platform and account, in pieces of `CHUNK` rows.

    A table that lies in order of time is never in memory as a whole.
    """
    held, ordered = empty_table(name).select(columns), _is_ordered(dataset, name)
    for batch in dataset.batches(name, columns):
        held = pa.concat_tables([held, pa.Table.from_batches([batch])])
        while ordered and len(held) > CHUNK and (sure := _before_the_last_moment(held)) >= CHUNK:
            held = pa.concat_tables([held.slice(0, sure).sort_by(ORDER), held.slice(sure)])
            yield held.slice(0, CHUNK).combine_chunks()
            held = held.slice(CHUNK)
    held = held.sort_by(ORDER)
    for low in range(0, len(held), CHUNK):
        yield held.slice(low, CHUNK)


def _is_ordered(dataset: Dataset, name: str) -> bool:
    """Whether no row of the table is older than the one before it."""
    last = None
    for batch in dataset.batches(name, ["at"]):
        at = batch.column(0)
        if len(at) and last is not None and at[0].value < last:
            return False
        if len(at) > 1 and not pc.all(pc.greater_equal(at.slice(1), at.slice(0, len(at) - 1))).as_py():
            return False
        last = at[-1].value if len(at) else last
    return True


def _before_the_last_moment(table: pa.Table) -> int:
    """How many rows of a table in order of time are older than its last one: rows of its moment may follow."""
    at = table.column("at").cast(pa.int64()).to_numpy()
    return int(np.searchsorted(at, at[-1]))


def _end_with(parent: int) -> None:
    """End this process when its parent is gone, however that ended."""

    def watch() -> None:
        while os.getppid() == parent:
            sleep(1)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def _coded(
    pieces: Iterator[pa.Table], key: bytes, done: int, *, ahead: bool
) -> Iterator[tuple[pa.Table, CodedRows | None]]:
    """Pieces with their codes, each coded by another process while the one before it is decided about."""
    if not ahead:
        yield from ((rows, None) for rows in pieces)
        return
    with ProcessPoolExecutor(1, get_context("spawn"), _end_with, (os.getpid(),)) as other:
        waiting: deque[tuple[pa.Table, Future[CodedRows] | None]] = deque()
        for piece, rows in enumerate(pieces):
            waiting.append((rows, other.submit(code_rows, rows, key) if piece >= done else None))
            if len(waiting) > 1:
                first, coded = waiting.popleft()
                yield first, coded.result() if coded else None
        for last, coded in waiting:
            yield last, coded.result() if coded else None


@dataclass
class _Work:
    """The folder beside the run in which a replay keeps what is done: decisions by piece, state, and how far it is."""

    folder: Path
    facts: dict[str, Any]
    saved: int = 0

    @classmethod
    def at(cls, out: Path, facts: dict[str, Any]) -> _Work:
        folder = out.absolute().parent / f".{out.name}.replay"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(folder, facts)

    def done(self) -> int:
        """Pieces done by an earlier try at the same job; another job's remains are thrown away."""
        file = self.folder / "progress.json"
        if file.is_file():
            progress = json.loads(file.read_text(encoding="utf-8"))
            if progress["facts"] == self.facts:
                self.saved = int(progress["pieces"])
                return self.saved
        for old in self.folder.iterdir():
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        return 0

    def state(self) -> Path:
        """Where the last whole state lies."""
        progress = json.loads((self.folder / "progress.json").read_text(encoding="utf-8"))
        return self.folder / str(progress["state"])

    def part(self, piece: int) -> Path:
        return self.folder / f"decisions-{piece:06d}.parquet"

    def keep(self, piece: int, decisions: pa.Table, stream: SignupStream) -> None:
        """Write a piece's decisions and, where that costs little beside the work since the last one, the state after it.

        Only what a state stands for counts as done, and only the last line of this makes a state count.
        """
        pq.write_table(decisions, self.part(piece), compression="zstd")
        if PER_STATE * CHUNK * (piece + 1 - self.saved) < stream.ledger.end:
            return
        name = f"state-{piece + 1}"
        save_stream(stream, self.folder / name)
        private_file(
            self.folder / "progress.json", json.dumps({"facts": self.facts, "pieces": piece + 1, "state": name})
        )
        if self.saved:
            shutil.rmtree(self.folder / f"state-{self.saved}", ignore_errors=True)
        self.saved = piece + 1


def _key_ring(out: Path, key: str | Path | None) -> KeyRing:
    return KeyRing.open(key) if key else KeyRing.open(out.absolute().parent / "samehand.key")


def replay_signups(
    dataset: str | Path, out: str | Path, *, policy: SignupPolicy | None = None, known_bad: str | Path | None = None,
    key: str | Path | None = None, automatic_suspension: bool = False, learning: bool = True,
    corrections: Sequence[Correction] = (), ahead: bool = False, say: Said | None = None,
) -> Replay:  # fmt: skip
    """Replay the sign-ups of a dataset and write the run.

    Args:
        dataset: the dataset's folder.
        out: the run's folder; a run that stands there is replaced when the new one is whole.
        policy: the shipped one when None.
        known_bad: a CSV of accounts already taken down, see `read_known_bad`.
        key: the key file for what is kept as hashes; `samehand.key` beside the run when None, made where there is none.
        automatic_suspension: whether the machine may suspend by itself.
        learning: whether the dataset's labels teach, each from its `known_at` on.
        corrections: accounts that were acted on wrongly, in order of time: they are held against nobody, teach as genuine
            ones, and stand at `allow` from then on.
        ahead: whether a second process codes the next piece meanwhile; a script that asks for it needs the usual guard
            (`if __name__ == "__main__":`), as for every process that Python starts.
        say: is told what is being done.

    Raises:
        InputError: the dataset holds no sign-ups, or a label that means nothing.

    """
    policy, say, target = policy or read_signup_policy(), say or (lambda _: None), Path(out)
    opened = Dataset.open(dataset)
    if not opened.rows("signups"):
        raise InputError(f"{dataset} holds no sign-ups; import some with `samehand import table FILE --table signups`")
    labels = pa.concat_tables([opened.table("labels"), labels_of(corrections)])
    if learning and len(labels):
        check_labels(labels)
    begun = perf_counter()
    target.absolute().parent.mkdir(parents=True, exist_ok=True)
    ring = _key_ring(target, key)
    known = KnownBad.of(_uncorrected(read_known_bad(known_bad), corrections), ring) if known_bad else KnownBad.empty()
    facts = {
        "dataset": opened.hash, "policy": json.loads(json.dumps(asdict(policy))), "suspends": automatic_suspension,
        "known_bad": sha256_of(Path(known_bad)) if known_bad else None, "version": __version__, "keys": ring.marks,
        "corrections": [[one.platform, one.asset_id, one.at.isoformat()] for one in corrections],
    }  # fmt: skip
    taught = bool(learning and len(labels) and can_learn())
    facts["learns"] = taught
    work = _Work.at(target, facts)
    done = work.done()
    if done:
        say(f"going on after {done * CHUNK:,} sign-ups")
        stream = load_stream(work.state(), policy, ring)
    else:
        stream = SignupStream(policy, ring, known=known, suspends=automatic_suspension)
        if taught:
            stream.label(labels)
    logins, lifts = _Logins(opened), _Lifts(corrections)
    piece, missing = -1, set(COLUMNS)
    for piece, (rows, coded) in enumerate(
        _coded(_in_pieces(opened, "signups", list(NEEDED)), ring.newest, done, ahead=ahead)
    ):
        missing -= {name for name in missing if rows.column(name).null_count < len(rows)}
        for some in logins.until(rows.column("at")[-1].value):
            if piece >= done:
                stream.log_in(some)
        lifted = lifts.until(rows.column("at")[0].value, stream if piece >= done else None)
        if piece >= done:
            work.keep(piece, pa.concat_tables([*lifted, stream.feed(rows, coded)]), stream)
            say(f"{piece * CHUNK + len(rows):,} of {opened.rows('signups'):,} sign-ups, {len(stream.found)} waves")
    parts = [work.part(k) for k in range(piece + 1)]
    for some in logins.until(None):
        stream.log_in(some)
    decisions = pa.concat_tables(
        [*(pq.read_table(part) for part in parts), stream.finish(), *lifts.until(None, stream)]
    )
    notes = _notes(stream, [name for name in COLUMNS if name in missing])
    notes += (
        [f"{len(corrections):,} accounts were acted on wrongly before; nothing is held against them"]
        if corrections
        else []
    )
    notes += _of_learning(stream, len(labels), asked=learning)
    decided = _highest(decisions)
    with write_run(target) as writer:
        writer.write("decisions", decisions)
        for name, table in wave_tables(stream, decisions).items():
            writer.write(name, table)
        writer.info.update(
            {
                "dataset": {"path": str(opened.path), "hash": opened.hash, "rows": {"signups": opened.rows("signups")}},
                "parameters": {"policy": policy.version, "known_bad": facts["known_bad"],
                               "automatic_suspension": automatic_suspension},
                "policy": facts["policy"], "versions": {"samehand": __version__}, "decided": decided, "notes": notes,
                "models": stream.learner.made if stream.learner else [],
                "timings": {"all": round(perf_counter() - begun, 3)},
            }
        )  # fmt: skip
    shutil.rmtree(work.folder)
    return Replay(
        target, opened.rows("signups"), len(decisions), len(stream.found), decided, min(done * CHUNK, opened.rows("signups")),
        tuple(notes),
    )  # fmt: skip


def _uncorrected(known_bad: pa.Table, corrections: Sequence[Correction]) -> pa.Table:
    """Accounts taken down, without those of which that was wrong."""
    wrong = {(one.platform, one.asset_id) for one in corrections}
    names = zip(known_bad.column("platform").to_pylist(), known_bad.column("asset_id").to_pylist(), strict=True)
    return known_bad.filter(pa.array([name not in wrong for name in names], pa.bool_())) if wrong else known_bad


class _Lifts:
    """The corrections, taken as time goes on."""

    def __init__(self, corrections: Sequence[Correction]) -> None:
        self._waiting = deque(corrections)

    def until(self, at_us: int | None, stream: SignupStream | None) -> list[pa.Table]:
        """Lift those of whom it was said up to a moment, all when None; without a stream they are passed over.

        Returns:
            Rows of `decisions`.

        """
        lifted = []
        while self._waiting and (at_us is None or micros(self._waiting[0].at) <= at_us):
            one = self._waiting.popleft()
            with suppress(NotFoundError):  # it has not signed up here, or has left memory
                if stream is not None:
                    lifted.append(stream.lift(one.platform, one.asset_id, micros(one.at), LIFTED))
        return lifted


class _Logins:
    """The logins of a dataset, handed out as time goes on: those up to a moment, in pieces."""

    def __init__(self, dataset: Dataset) -> None:
        columns = ["platform", "asset_id", "at", "device_id"]
        self._pieces = _in_pieces(dataset, "logins", columns) if dataset.rows("logins") else iter(())
        self._held: pa.Table | None = None

    def until(self, at_us: int | None) -> Iterator[pa.Table]:
        """Those up to a moment, all that are left when None."""
        while (piece := next(self._pieces, None) if self._held is None else self._held) is not None:
            self._held = None
            at = piece.column("at").cast(pa.int64()).to_numpy()
            high = len(at) if at_us is None else int(np.searchsorted(at, at_us, side="right"))
            if high:
                yield piece.slice(0, high)
            if high < len(at):
                self._held = piece.slice(high)
                return


def _of_learning(stream: SignupStream, labels: int, *, asked: bool) -> list[str]:
    if not labels or not asked:
        return [f"the {labels:,} labels taught nothing, as was asked"] if labels else []
    if stream.learner is None:
        return [f"the {labels:,} labels taught nothing: that needs the optional package, pip install 'samehand[learn]'"]
    learner, rules = stream.learner, stream.policy.learning
    late = f"; {learner.late:,} became known of accounts that were not in memory" if learner.late else ""
    if not learner.made:
        return [
            f"the {labels:,} labels made no model{late}: it takes {rules.least_labels} of operations, of more than one cluster "
            f"or day, and {rules.least_labels} genuine ones"
        ]
    last = learner.made[-1]
    return [
        f"{len(learner.made)} models were learnt from labels, each from those known by then; the last, {last['version']}, from "
        f"{last['operation']:,} accounts of operations and {last['genuine']:,} genuine ones{late}"
    ]


def _highest(decisions: pa.Table) -> dict[str, int]:
    """How many accounts got no further than each decision."""
    rung = pc.index_in(decisions.column("decision"), pa.array(DECISIONS))
    key = pa.table({"platform": decisions.column("platform"), "asset_id": decisions.column("asset_id"), "rung": rung})
    highest = key.group_by(["platform", "asset_id"]).aggregate([("rung", "max")])
    counted = Counter(highest.column("rung_max").to_pylist())
    return {name: counted[place] for place, name in enumerate(DECISIONS)}


def _notes(stream: SignupStream, missing: list[str]) -> list[str]:
    notes, rules = [], stream.policy.time
    days, least = (stream.last_us - stream.started_us) / DAY_US, rules.window_days + rules.least_baseline_days
    if days < least:
        notes.append(
            f"the sign-ups span {days:.1f} days; before {least:g} days nobody is limited without a tie to accounts already "
            "taken down, for it is not known yet what is usual"
        )
    if missing:
        notes.append(f"not supplied: {', '.join(missing)}; what they would show is unknown, and counts neither way")
    return notes
