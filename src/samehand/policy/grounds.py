"""Grounds: the clauses of a policy pack, what findings each requires, and how strong an enforcement each allows."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal, Protocol, get_args

from samehand.errors import FormatError, NotFoundError

__all__ = [
    "ACTIONS", "Action", "Evidence", "Ground", "Pack", "PackChange", "Requirement", "compare_packs", "lint_pack", "parse_pack",
    "read_pack", "unmet",
]  # fmt: skip

Action = Literal["observe", "challenge", "limit", "suspend", "remove"]
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
"""From the mildest on; all but the last can be undone wherever a connector says so."""
STATES: Final = ("no", "insufficient", "unknown", "some", "strong")
SHIPPED: Final = "packs/platform-manipulation.toml"
MOST_GROUPS: Final = 9
CLAIMS: Final = ("L0", "L1", "L2", "L3", "L4", "L5")


class Evidence(Protocol):
    """What a case has to show, as grounds ask for it."""

    @property
    def verdicts(self) -> Mapping[str, str]:
        """Axis -> the strongest state of any of its networks."""
        ...

    @property
    def groups(self) -> Mapping[str, int]:
        """Axis -> independence groups whose findings are strong, in the network that has most."""
        ...

    @property
    def flagged(self) -> bool:
        """Whether a network of it is flagged."""
        ...

    @property
    def known_bad(self) -> bool:
        """Whether a finding ties it to accounts that were taken down."""
        ...

    @property
    def attribution(self) -> str:
        """The highest claim about its operator that a person signed for, L0 for none."""
        ...


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One thing that a ground requires; what is None is not asked for.

    Attributes:
        axis: `coordinated` or `inauthentic`. least: the state that a network has on it at least.
        groups: independence groups on that axis whose findings are strong.
        flagged: whether a network has to be flagged. known_bad: whether a tie to accounts taken down is needed.
        attribution: the claim about the operator that somebody signed for.

    """

    axis: str | None = None
    least: str | None = None
    groups: int | None = None
    flagged: bool | None = None
    known_bad: bool | None = None
    attribution: str | None = None

    def missing(self, evidence: Evidence) -> str:
        """What evidence lacks, in words; "" where it has it."""
        if self.axis is not None:
            state = evidence.verdicts.get(self.axis, "unknown")
            if self.least is not None and STATES.index(state) < STATES.index(self.least):
                return f"{self.axis} is {state}, and has to be {self.least}"
            if self.groups is not None and evidence.groups.get(self.axis, 0) < self.groups:
                has = evidence.groups.get(self.axis, 0)
                return f"{has} independent groups of findings are strongly {self.axis}, and {self.groups} are needed"
        if self.flagged and not evidence.flagged:
            return "no network of the case is flagged"
        if self.known_bad and not evidence.known_bad:
            return "nothing ties it to accounts that were taken down"
        if self.attribution is not None and CLAIMS.index(evidence.attribution) < CLAIMS.index(self.attribution):
            return f"the operator is named at {evidence.attribution}, and {self.attribution} is needed"
        return ""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A clause.

    Attributes:
        name: as decisions cite it. title, text: what the person concerned is told, in English.
        translations: language -> title and text in it.
        strongest: the strongest enforcement that it allows.
        human: whether a person has to decide; else the service may, up to `limit`.
        requires: all of these.

    """

    name: str
    title: str
    text: str
    strongest: Action
    human: bool
    requires: tuple[Requirement, ...]
    translations: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def worded(self, language: str) -> tuple[str, str]:
        """Title and text in a language; in English where it is not translated."""
        return self.translations.get(language, (self.title, self.text))


@dataclass(frozen=True, kw_only=True)
class Pack:
    """A version of a policy.

    Attributes:
        pack: which policy. version: which version; a decision cites both. valid_from, valid_until: days, the last included.
        grounds: by name. text: the file as it was read, which reviewers sign.

    """

    pack: str
    version: str
    valid_from: date
    valid_until: date | None
    grounds: Mapping[str, Ground]
    text: str = field(repr=False)

    def is_in_force(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)

    def ground(self, name: str) -> Ground:
        """A ground by name.

        Raises:
            NotFoundError: the pack has none such.

        """
        if name not in self.grounds:
            raise NotFoundError(f"{self.version} has no ground '{name}'; it has {', '.join(self.grounds)}")
        return self.grounds[name]


def unmet(pack: Pack, ground: str, action: Action, evidence: Evidence) -> tuple[str, ...]:
    """Why a ground does not bear an action on this evidence; nothing where it does.

    Raises:
        NotFoundError: the pack has no such ground.

    """
    clause = pack.ground(ground)
    wants = [one.missing(evidence) for one in clause.requires]
    if ACTIONS.index(action) > ACTIONS.index(clause.strongest):
        wants.append(f"it allows {clause.strongest} at most, not {action}")
    return tuple(words for words in wants if words)


# --- reading


def read_pack(path: Path | None = None) -> Pack:
    """Read a pack.

    Args:
        path: a TOML file; the shipped pack on platform manipulation if None.

    Raises:
        NotFoundError: there is no such file. FormatError: it is no pack; the message names table, key and what is expected.

    """
    if path is not None and not path.is_file():
        raise NotFoundError(f"{path}: there is no such policy file")
    try:
        text = path.read_text("utf-8") if path else (files("samehand.policy") / SHIPPED).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is no text in UTF-8") from error
    return parse_pack(text, str(path or SHIPPED))


def parse_pack(text: str, where: str) -> Pack:
    """The same from a pack's text; `where` names it in errors."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormatError(f"{where} is no TOML: {error}") from error
    _only(table, {"pack", "version", "valid_from", "valid_until", "grounds"}, where)
    pack, version = (_kept(table, name, str, where) for name in ("pack", "version"))
    valid_from = _kept(table, "valid_from", date, where)
    valid_until = _kept(table, "valid_until", date, where) if "valid_until" in table else None
    if valid_until is not None and valid_until < valid_from:
        raise FormatError(f"{where}: valid_until is before valid_from")
    grounds = _kept(table, "grounds", dict, where)
    read = {name: _ground(name, rules, f"{where}, grounds.{name}") for name, rules in grounds.items()}
    if not read:
        raise FormatError(f"{where}: a pack has one ground or more")
    return Pack(pack=pack, version=version, valid_from=valid_from, valid_until=valid_until, grounds=read, text=text)


def _only(table: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := sorted(set(table) - known):
        raise FormatError(f"{where}: nothing is called {', '.join(unknown)} here; there are {', '.join(sorted(known))}")


def _kept(table: Mapping[str, Any], name: str, kind: type, where: str) -> Any:
    value = table.get(name)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)) or value == "":
        said = {str: "a text", bool: "true or false", int: "a whole number", dict: "a table", list: "a list"}
        raise FormatError(
            f"{where}: {name} has to be {said.get(kind, 'a date')}" + ("" if value is not None else "; it is missing")
        )
    return value


def _chosen(table: Mapping[str, Any], name: str, among: Sequence[str], where: str) -> Any:
    value = _kept(table, name, str, where)
    if value not in among:
        raise FormatError(f"{where}: {name} is one of {', '.join(among)}, not {value}")
    return value


def _ground(name: str, rules: Any, where: str) -> Ground:
    if not isinstance(rules, dict):
        raise FormatError(f"{where} has to be a table")
    _only(rules, {"title", "text", "translations", "strongest", "human", "requires"}, where)
    requires = _kept(rules, "requires", list, where)
    return Ground(
        name=name, title=_kept(rules, "title", str, where), text=_kept(rules, "text", str, where),
        strongest=_chosen(rules, "strongest", ACTIONS, where), human=_kept(rules, "human", bool, where),
        requires=tuple(_requirement(one, f"{where}, requirement {k}") for k, one in enumerate(requires, start=1)),
        translations=_translations(rules.get("translations", {}), f"{where}, translations"),
    )  # fmt: skip


def _translations(table: Any, where: str) -> dict[str, tuple[str, str]]:
    if not isinstance(table, dict):
        raise FormatError(f"{where} has to be a table of languages")
    for language, words in table.items():
        if not isinstance(words, dict):
            raise FormatError(f"{where}.{language} has to be a table of title and text")
        _only(words, {"title", "text"}, f"{where}.{language}")
    return {
        language: (_kept(words, "title", str, f"{where}.{language}"), _kept(words, "text", str, f"{where}.{language}"))
        for language, words in table.items()
    }


def _requirement(rules: Any, where: str) -> Requirement:
    if not isinstance(rules, dict) or not rules:
        raise FormatError(f'{where} has to be a table like {{ axis = "inauthentic", least = "some" }}')
    _only(rules, {"axis", "least", "groups", "flagged", "known_bad", "attribution"}, where)
    if ("axis" in rules) != bool({"least", "groups"} & set(rules)):
        raise FormatError(f"{where}: an axis goes with `least` or `groups`, and these with an axis")
    if "groups" in rules and not 1 <= _kept(rules, "groups", int, where) <= MOST_GROUPS:
        raise FormatError(f"{where}: groups is from 1 to {MOST_GROUPS}; there are no more independent ones")
    return Requirement(
        axis=_chosen(rules, "axis", ("coordinated", "inauthentic"), where) if "axis" in rules else None,
        least=_chosen(rules, "least", STATES, where) if "least" in rules else None,
        groups=_kept(rules, "groups", int, where) if "groups" in rules else None,
        flagged=_kept(rules, "flagged", bool, where) if "flagged" in rules else None,
        known_bad=_kept(rules, "known_bad", bool, where) if "known_bad" in rules else None,
        attribution=_chosen(rules, "attribution", CLAIMS, where) if "attribution" in rules else None,
    )


# --- what a pack may not be, and what differs between two


@dataclass(frozen=True)
class _Evidence:
    """Evidence of a kind that a pack is tried on."""

    verdicts: Mapping[str, str]
    groups: Mapping[str, int]
    flagged: bool
    known_bad: bool = False
    attribution: str = "L0"


COORDINATION_ALONE: Final = _Evidence(
    {"coordinated": "strong", "inauthentic": "unknown"}, {"coordinated": 9}, flagged=True
)


def lint_pack(pack: Pack) -> tuple[str, ...]:
    """What a pack may not be, in words; nothing where it is sound.

    Coordination alone, however strong, may bear nothing beyond `limit`; nothing beyond `limit` is without a person; a
    removal, which nothing undoes, needs a named operator or two independent groups of findings.
    """
    wrong = []
    for ground in pack.grounds.values():
        beyond = ACTIONS.index(ground.strongest) > ACTIONS.index("limit")
        met = not any(one.missing(COORDINATION_ALONE) for one in ground.requires)
        if met and (beyond or not ground.requires):
            wrong.append(f"{ground.name}: coordination alone meets it, and it allows {ground.strongest}")
        if beyond and not ground.human:
            wrong.append(f"{ground.name}: it allows {ground.strongest} without a person")
        twice = any(one.axis == "inauthentic" and (one.groups or 0) >= 2 for one in ground.requires)
        if ground.strongest == "remove" and not twice and not any(one.attribution for one in ground.requires):
            wrong.append(f"{ground.name}: a removal needs two independent groups of findings, or a named operator")
        if not ground.requires:
            wrong.append(f"{ground.name}: it requires nothing")
    return tuple(wrong)


@dataclass(frozen=True)
class PackChange:
    """What differs in one ground: its name, and what was and is; None where it is not there."""

    ground: str
    what: str
    before: str | None
    after: str | None


def compare_packs(before: Pack, after: Pack) -> tuple[PackChange, ...]:
    """What differs between two versions of a pack, ground by ground."""
    changes = []
    for name in [*before.grounds, *(name for name in after.grounds if name not in before.grounds)]:
        old, new = before.grounds.get(name), after.grounds.get(name)
        if old is None or new is None:
            changes.append(PackChange(name, "ground", old.title if old else None, new.title if new else None))
            continue
        for what in ("title", "text", "strongest", "human"):
            if getattr(old, what) != getattr(new, what):
                changes.append(PackChange(name, what, str(getattr(old, what)), str(getattr(new, what))))
        for language in dict.fromkeys([*old.translations, *new.translations]):
            was, now = (" ".join(one.translations.get(language, ())) or None for one in (old, new))
            if was != now:
                changes.append(PackChange(name, f"translation into {language}", was, now))
        gone = [one for one in old.requires if one not in new.requires]
        come = [one for one in new.requires if one not in old.requires]
        changes += [PackChange(name, "requires", _worded(one), None) for one in gone]
        changes += [PackChange(name, "requires", None, _worded(one)) for one in come]
    return tuple(changes)


def _worded(one: Requirement) -> str:
    said = ((name, getattr(one, name)) for name in ("axis", "least", "groups", "flagged", "known_bad", "attribution"))
    return ", ".join(f"{name} {value}" for name, value in said if value is not None)
