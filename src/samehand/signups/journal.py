"""A stream that a server feeds: whatever was answered outlives a crash, and is neither lost nor decided twice.

Each step that a stream takes is written down before its decisions are handed out; a step that was not whole on disk when the
process died was never answered, and its sender tries again. Steps are kept as the stream takes them, in hashes, never as
they came. From time to time the whole state is written, and the steps before it are dropped; decisions stay until
their receiver has said that it has them.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from samehand.errors import InputError, JobError, SamehandError, UsageError
from samehand.policy import SignupPolicy
from samehand.records import empty_table, replaced_folder, schema_of
from samehand.signups.coding import Arrivals, CodedRows
from samehand.signups.facts import FACTS
from samehand.signups.learning import check_labels
from samehand.signups.logins import Logins
from samehand.signups.recidivism import KeyRing, KnownBad
from samehand.signups.snapshot import load_stream, save_stream
from samehand.signups.stream import SignupStream

__all__ = ["Journal"]

HEAD, SEAL = struct.Struct("<4sIQ16s"), 8
"""Mark, lengths of the two parts and their digest; then so many bytes of a digest of these."""
MARK: Final = b"SHJ1"
STEPS_PER_STATE: Final = 20_000
"""Sign-ups after which the whole state is written anew."""


def _packed(*arrays: npt.NDArray[Any]) -> bytes:
    return b"".join(np.ascontiguousarray(one).astype(one.dtype.newbyteorder("<")).tobytes() for one in arrays)


def _unpacked(body: bytes, *kinds: tuple[str, tuple[int, ...]]) -> list[npt.NDArray[Any]]:
    arrays, low = [], 0
    for kind, shape in kinds:
        count = int(np.prod(shape))
        one = np.frombuffer(body, np.dtype(kind).newbyteorder("<"), count, low).reshape(shape)
        arrays.append(one.astype(kind))
        low += one.nbytes
    return arrays


def _of_arrivals(arrivals: Arrivals) -> tuple[dict[str, Any], bytes]:
    rows = arrivals.rows
    shared = _packed(rows[0].net_type, rows[0].at_us)
    return {"names": arrivals.names, "keys": len(rows)}, shared + b"".join(_packed(r.facts, r.strata) for r in rows)


def _arrivals(said: dict[str, Any], body: bytes) -> Arrivals:
    names = [(platform, asset) for platform, asset in said["names"]]
    n = len(names)
    each = (("u8", (n, len(FACTS))), ("u8", (n, 2)))
    net_type, at_us, *coded = _unpacked(body, ("i1", (n,)), ("i8", (n,)), *(each * said["keys"]))
    pairs = zip(coded[::2], coded[1::2], strict=True)
    return Arrivals(names, tuple(CodedRows(facts, strata, net_type, at_us) for facts, strata in pairs))


def _logins(said: dict[str, Any], body: bytes) -> Logins:
    n = (said["logins"],)
    return Logins(*_unpacked(body, ("i8", n), ("u8", n), ("u8", n)))


class Journal:
    """A stream and what it did, in a folder that one process at a time may open.

    Attributes:
        stream: to look at; whatever changes it has to go through the journal.
        number: of the last step; each call that changes the stream is one. After a crash it says which of them counted: one
            that was written down and not answered is among the open decisions, and is not to be sent again.
        trouble: why the last state could not be written, "" where it could; the steps go on, and it is tried again.

    """

    def __init__(
        self, folder: str | Path, policy: SignupPolicy, ring: KeyRing, *, known: KnownBad | None = None,
        suspends: bool = False, steps: int = STEPS_PER_STATE, durable: bool = False,
    ) -> None:  # fmt: skip
        """Open a journal, or begin one where the folder holds none.

        Args:
            folder: made where it is not there, readable by its owner only.
            policy, ring: have to be those under which it was begun.
            known, suspends: of a journal that is begun; one that is opened has its own.
            steps: sign-ups after which the whole state is written.
            durable: whether every step waits for the disk. It outlives the process without; the machine's power only with.

        Raises:
            UsageError: another process has it open.
            InputError: it was begun under another policy or other keys, or it is damaged.

        """
        self.folder, self.steps, self.durable = Path(folder), steps, durable
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise UsageError(f"{self.folder}: another process has this journal open; end it first") from error
        self._open: dict[int, pa.Table] = {}
        self._since, self._broken, self._log, self.trouble = 0, False, -1, ""
        try:
            for unfinished in self.folder.glob(".state-*"):
                shutil.rmtree(unfinished)
            begun = self._states()
            if begun:
                self.number = begun[-1]
                self.stream = load_stream(self._state(self.number) / "stream", policy, ring)
                self._open = self._handed_out(self.number)
            else:
                self.number, self.stream = 0, SignupStream(policy, ring, known=known, suspends=suspends)
                self._write_state()
            self._follow(self._begun_log())
            self._go_on()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let others open it; all that was answered is on disk already."""
        if self._log >= 0:
            os.close(self._log)
        if self._lock >= 0:
            os.close(self._lock)
        self._log = self._lock = -1

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- steps

    def feed(self, table: pa.Table) -> pa.Table:
        """As `SignupStream.feed`; the decisions are open until they are `taken`."""
        arrivals = Arrivals.of(table, self.stream.ring.keys)
        return self._step("feed", lambda: self.stream.take(arrivals), *_of_arrivals(arrivals), weight=len(arrivals))

    def finish(self) -> pa.Table:
        """As `SignupStream.finish`."""
        return self._step("finish", self.stream.finish, {})

    def label(self, table: pa.Table) -> None:
        """As `SignupStream.label`."""
        check_labels(table)
        known = table.column("known_at").cast(pa.timestamp("us", "UTC")).cast(pa.int64())
        names = ("platform", "asset_id", "label")
        rows = pa.table({**{name: table.column(name) for name in names}, "known_at": known}).to_pylist()
        self._step("label", lambda: self._label(rows), {"rows": rows})

    def log_in(self, table: pa.Table) -> None:
        """As `SignupStream.log_in`."""
        logins = Logins.of(table, self.stream.ring.newest)
        body = _packed(logins.at_us, logins.account, logins.device)
        self._step("log_in", lambda: self.stream.take_logins(logins), {"logins": len(logins)}, body)

    def lift(self, platform: str, asset_id: str, at_us: int, why: str) -> pa.Table:
        """As `SignupStream.lift`."""
        return self._called("lift", platform, asset_id, at_us, why)

    def roll_back(self, wave: int, at_us: int, why: str) -> pa.Table:
        """As `SignupStream.roll_back`."""
        return self._called("roll_back", wave, at_us, why)

    def vouch(self, newcomer: tuple[str, str], voucher: tuple[str, str], since_us: int, at_us: int) -> pa.Table:
        """As `SignupStream.vouch`."""
        return self._called("vouch", newcomer, voucher, since_us, at_us)

    def pardon(self, platform: str, asset_id: str) -> None:
        """As `SignupStream.pardon`."""
        self._called("pardon", platform, asset_id)

    def taken(self, number: int) -> None:
        """The decisions of all steps up to a number are in their receiver's hands, and need not be kept any more."""
        self._step("taken", lambda: self._drop(number), {"number": number})

    def open_decisions(self) -> list[tuple[int, pa.Table]]:
        """Decisions that nobody has `taken` yet, by the number of their step: after a crash these are to be acted on first."""
        return sorted(self._open.items(), key=lambda one: one[0])

    # --- how a step is taken and kept

    def _called(self, name: str, *words: Any) -> pa.Table:
        return self._step("call", lambda: self._call(name, words), {"name": name, "words": words})

    def _call(self, name: str, words: tuple[Any, ...]) -> pa.Table | None:
        found: pa.Table | None = getattr(self.stream, name)(
            *(tuple(one) if isinstance(one, list) else one for one in words)
        )
        return found

    def _label(self, rows: list[dict[str, Any]]) -> None:
        self.stream.label(pa.Table.from_pylist(rows, schema=_LABELS))

    def _drop(self, number: int) -> None:
        self._open = {step: table for step, table in self._open.items() if step > number}

    def _step(
        self, do: str, act: Callable[[], pa.Table | None], said: dict[str, Any], body: bytes = b"", weight: int = 1
    ) -> pa.Table:
        """Take a step, write it down, and only then answer; what is refused changes nothing and is not written.

        What is broken off in the middle may have changed something: then the journal has to be opened again.
        """
        if self._broken or self._log < 0:
            raise JobError(f"{self.folder}: the last step was broken off or not written down; open the journal again")
        words = json.dumps({"do": do, **said}, default=lambda one: one.item()).encode("utf-8")
        record = self._record(words, body)
        try:
            decisions = act()
        except SamehandError:
            raise
        except BaseException:
            self._broken = True
            raise
        self._append(record)
        answer = self._keep(decisions, weight)
        if self._since >= self.steps:
            self._try_state()
        return answer

    def _keep(self, decisions: pa.Table | None, weight: int) -> pa.Table:
        self.number += 1
        self._since += weight
        if decisions is None:
            return empty_table("decisions")
        if len(decisions):
            self._open[self.number] = decisions
        return decisions

    def _record(self, said: bytes, body: bytes) -> bytes:
        head = HEAD.pack(MARK, len(said), len(body), self._digest(said + body, 16))
        return head + self._digest(head, SEAL) + said + body

    def _digest(self, words: bytes, size: int) -> bytes:
        return hashlib.blake2b(words, digest_size=size, key=str(self.number).encode()).digest()

    def _append(self, record: bytes) -> None:
        """Write a step down, whole; where that is broken off nothing of it stays."""
        before, done = os.fstat(self._log).st_size, 0
        try:
            while done < len(record):
                done += os.write(self._log, record[done:])
            if self.durable:
                os.fsync(self._log)
        except BaseException as error:
            self._broken = True
            with suppress(OSError):
                os.ftruncate(self._log, before)
            if isinstance(error, OSError):
                raise JobError(
                    f"{self.folder}: the step could not be written down, and does not count: {error}"
                ) from error
            raise

    # --- state and steps on disk

    def _state(self, number: int) -> Path:
        return self.folder / f"state-{number}"

    def _states(self) -> list[int]:
        return sorted(int(one.name.removeprefix("state-")) for one in self.folder.glob("state-*"))

    def _handed_out(self, number: int) -> dict[int, pa.Table]:
        schema = schema_of("decisions")
        files = self._state(number).glob("open-*.parquet")
        return {int(one.stem.removeprefix("open-")): pq.read_table(one, schema=schema) for one in files}

    def _try_state(self) -> None:
        """Write the state; where that fails the steps stay, and it is tried again after as many more."""
        try:
            self._write_state()
        except OSError as error:
            self.trouble, self._since = str(error), 0

    def _write_state(self) -> None:
        """The whole state as of now, a new file for the steps after it, and the older ones away."""
        log = self._begun_log()
        try:
            with replaced_folder(self._state(self.number)) as staging:
                save_stream(self.stream, staging / "stream")
                for number, decisions in self._open.items():
                    pq.write_table(decisions, staging / f"open-{number}.parquet")
                if self.durable:
                    for one in (*staging.rglob("*"), staging):
                        _sync(one)
            if self.durable:
                _sync(self.folder)
        except BaseException:
            os.close(log)
            if self.number in self._states():  # it stands, and steps after it would go elsewhere
                self._broken = True
            else:
                self._steps(self.number).unlink()
            raise
        self._follow(log)
        self.trouble = ""
        for old in self._states()[:-1]:
            shutil.rmtree(self._state(old))
            self._steps(old).unlink(missing_ok=True)

    def _steps(self, number: int) -> Path:
        return self.folder / f"steps-{number}"

    def _begun_log(self) -> int:
        return os.open(self._steps(self.number), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)

    def _follow(self, log: int) -> None:
        """Write steps there from now on."""
        if self._log >= 0:
            os.close(self._log)
        self._log, self._since = log, 0

    def _go_on(self) -> None:
        """Take the steps after the last state again."""
        for said, body in self._whole_steps():
            if said["do"] == "feed":
                arrivals = _arrivals(said, body)
                self._keep(self.stream.take(arrivals), len(arrivals))
            else:
                self._keep(self._again(said, body), 1)

    def _again(self, said: dict[str, Any], body: bytes) -> pa.Table | None:
        """Take a step again that is no sign-up."""
        match said["do"]:
            case "finish":
                return self.stream.finish()
            case "log_in":
                self.stream.take_logins(_logins(said, body))
            case "label":
                self._label(said["rows"])
            case "call":
                return self._call(said["name"], tuple(said["words"]))
            case "taken":
                self._drop(said["number"])
            case other:
                raise InputError(f"{self.folder}: has a step {other!r} of a later samehand; open it with that one")
        return None

    def _whole_steps(self) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Steps of the file at hand; a last one that is not whole was never answered, and is cut off."""
        at, size, file = 0, os.fstat(self._log).st_size, self._steps(self.number)
        while at < size:
            head = os.pread(self._log, HEAD.size + SEAL, at)
            if len(head) < HEAD.size + SEAL:
                break
            mark, says, holds, digest = HEAD.unpack(head[: HEAD.size])
            end = at + len(head) + says + holds
            sealed = mark == MARK and self._digest(head[: HEAD.size], SEAL) == head[HEAD.size :]
            zeros = not sealed and not any(os.pread(self._log, size - at, at))  # what is left where power failed
            if zeros or (sealed and end > size):
                break
            record = os.pread(self._log, says + holds, at + len(head)) if sealed else b""
            if not sealed or (self._digest(record, 16) != digest and end < size):
                raise InputError(f"{file}: is damaged at byte {at}; go back to a copy of the folder")
            if self._digest(record, 16) != digest:
                break
            yield json.loads(record[:says]), record[says:]
            at = end
        os.ftruncate(self._log, at)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


_LABELS = pa.schema([(name, pa.string()) for name in ("platform", "asset_id", "label")] + [("known_at", pa.int64())])
