"""Policies of who may buy ads: rules in the order in which they are asked, each with what it asks, decides and says.

A pack is data: what a platform wrote on a day, in rules. A family (`x-current`) names packs of one platform, of which the one
in force on a day counts. Which facts bear a rule is for the gate: it never blocks on a name alone, or on fewer than
two sources.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final, Literal, Protocol, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from samehand.errors import FormatError, InputError, NotFoundError
from samehand.policy.shapes import shaped, toml_table

__all__ = [
    "AD_DECISIONS", "ROLES_IN_ADS", "AdDecided", "AdFacts", "AdPack", "AdRule", "ad_pack_names", "parse_ad_pack",
    "read_ad_pack",
]  # fmt: skip

AdDecided = Literal["allow", "review", "block"]
AD_DECISIONS: Final[tuple[AdDecided, ...]] = get_args(AdDecided)
AdRole = Literal["itself", "staff", "agency", "promoter"]
ROLES_IN_ADS: Final[tuple[AdRole, ...]] = get_args(AdRole)
Shown = Literal["home", "abroad", "unknown"]


class AdFacts(Protocol):
    """What a rule asks of an ad and of whom it is for."""

    @property
    def code(self) -> str | None:
        """The code of the State Media Matrix; None where the answers fix none."""
        ...

    @property
    def answers(self) -> Mapping[str, str]:
        """funding, governance, editorial -> yes, no, unclear or disputed."""
        ...

    @property
    def scope(self) -> str:
        """What the outlet publishes."""
        ...

    @property
    def kind(self) -> str:
        """What the entity is."""
        ...

    @property
    def role(self) -> str:
        """What the advertiser is to it."""
        ...

    @property
    def shown(self) -> str:
        """Where the ad is shown, as seen from the outlet's country."""
        ...

    @property
    def countries(self) -> frozenset[str]:
        """Where the ad is shown; empty where it is not known."""
        ...

    @property
    def safeguards(self) -> frozenset[str]:
        """Safeguards of independence that are shown."""
        ...


@dataclass(frozen=True, kw_only=True)
class AdRule:
    """A rule; what it does not ask is None.

    Attributes:
        name: the ground that a decision cites. text: what the advertiser is told; `$entity` and `$country` are filled in.
        decision, label: what follows. exemption: whether it lets somebody off, which needs a source.
        codes, kinds, scopes, roles, shown: any of these. funding, governance, editorial: any of these answers.
        countries: the ad is shown in one of these. safeguards: all of these are shown.

    """

    name: str
    text: str
    decision: AdDecided
    label: str | None = None
    exemption: bool = False
    codes: frozenset[str] | None = None
    kinds: frozenset[str] | None = None
    scopes: frozenset[str] | None = None
    roles: frozenset[str] | None = None
    shown: frozenset[str] | None = None
    funding: frozenset[str] | None = None
    governance: frozenset[str] | None = None
    editorial: frozenset[str] | None = None
    countries: frozenset[str] | None = None
    safeguards: frozenset[str] | None = None

    def meets(self, facts: AdFacts) -> bool:
        """Whether all that it asks holds."""
        asked = (
            (self.codes, facts.code or "none"), (self.kinds, facts.kind), (self.scopes, facts.scope), (self.roles, facts.role),
            (self.shown, facts.shown), (self.funding, facts.answers["funding"]),
            (self.governance, facts.answers["governance"]), (self.editorial, facts.answers["editorial"]),
        )  # fmt: skip
        return (
            all(wanted is None or found in wanted for wanted, found in asked)
            and (self.countries is None or bool(self.countries & facts.countries))
            and (self.safeguards is None or self.safeguards <= facts.safeguards)
        )


@dataclass(frozen=True, kw_only=True)
class AdPack:
    """A version of a platform's policy.

    Attributes:
        pack: its name, which is its version. title: what it is. valid_from, valid_until: days of the text, the last included.
        sources: where the text is. off_board_days: how long campaigns that ran before a notice may go on; 0 for not at all.
        rules: in the order in which they are asked; the first that holds decides, and the last asks nothing.

    """

    pack: str
    title: str
    valid_from: date
    valid_until: date | None
    sources: tuple[str, ...]
    off_board_days: int
    rules: tuple[AdRule, ...]

    def rule(self, facts: AdFacts) -> AdRule:
        """The rule that decides."""
        return next(rule for rule in self.rules if rule.meets(facts))


Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _When(_Part):
    codes: list[Literal["SC", "CaPu", "CaPr", "ISFM", "ISF", "ISM", "IP", "none"]] | None = None
    kinds: list[Literal["outlet", "company", "agency", "body"]] | None = None
    scopes: list[Literal["news", "mixed", "entertainment", "sports", "travel"]] | None = None
    roles: list[AdRole] | None = None
    shown: list[Shown] | None = None
    funding: list[Literal["yes", "no", "unclear", "disputed"]] | None = None
    governance: list[Literal["yes", "no", "unclear", "disputed"]] | None = None
    editorial: list[Literal["yes", "no", "unclear", "disputed"]] | None = None
    countries: list[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]] | None = None
    safeguards: (
        list[
            Literal[
                "statute",
                "independent_appointment",
                "dismissal_protection",
                "funding_rule",
                "editorial_code",
                "ombuds",
                "external_assessment",
            ]
        ]
        | None
    ) = None


class _Rule(_Part):
    name: Word
    text: Text
    decision: AdDecided
    label: Text | None = None
    exemption: bool = False
    when: _When = Field(default_factory=_When)


class _Pack(_Part):
    pack: Word
    title: Text
    valid_from: date
    valid_until: date | None = None
    sources: Annotated[list[Text], Field(min_length=1)]
    off_board_days: Annotated[int, Field(ge=0, le=366)] = 0
    rules: Annotated[list[_Rule], Field(min_length=1)]


class _Family(_Part):
    family: Word
    title: Text
    packs: Annotated[list[Word], Field(min_length=1)]


FOLDER: Final = "packs/ads"


def ad_pack_names() -> tuple[str, ...]:
    """The packs and families that are shipped."""
    names = (one.name for one in (files("samehand.policy") / FOLDER).iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def read_ad_pack(which: str, on: date) -> AdPack:
    """A policy: a shipped one by name, or a file.

    Args:
        which: a shipped pack, which applies on whatever day is asked; a family, of which the text in force on the day counts;
            or the path of a TOML file.
        on: the day.

    Raises:
        NotFoundError: there is none such. FormatError: the file is not sound. InputError: a family has no text of that day.

    """
    shipped = files("samehand.policy") / FOLDER / f"{which}.toml"
    if which in ad_pack_names():
        text, where = shipped.read_text("utf-8"), which
    elif Path(which).is_file():
        text, where = _text(Path(which)), which
    else:
        raise NotFoundError(
            f"there is no policy of ads '{which}'; shipped are {', '.join(ad_pack_names())}, or name a file"
        )
    table = toml_table(text, where)
    if "family" not in table:
        return parse_ad_pack(text, where)
    family = shaped(_Family, table, where)
    packs = [read_ad_pack(name, on) for name in family.packs]
    inside = [one for one in packs if one.valid_from <= on and (one.valid_until is None or on <= one.valid_until)]
    if not inside:
        first = min(one.valid_from for one in packs)
        raise InputError(f"{which} has no text that was in force on {on}; the first is of {first}")
    return max(inside, key=lambda one: one.valid_from)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is no text in UTF-8") from error


def parse_ad_pack(text: str, where: str) -> AdPack:
    """A pack from its text; `where` names it in errors.

    Raises:
        FormatError: it is no TOML, a key is missing or unknown, two rules bear a name, or the last asks for something, so
            that nothing might decide.

    """
    held = shaped(_Pack, toml_table(text, where), where)
    if held.valid_until is not None and held.valid_until < held.valid_from:
        raise FormatError(f"{where}: valid_until is before valid_from")
    names = [one.name for one in held.rules]
    if len(set(names)) < len(names):
        raise FormatError(f"{where}: two rules are called {next(name for name in names if names.count(name) > 1)}")
    if any(value is not None for value in held.rules[-1].when.model_dump().values()):
        raise FormatError(
            f"{where}: the last rule, {names[-1]}, asks for something; let it ask nothing, so that one always holds"
        )
    return AdPack(
        pack=held.pack, title=held.title, valid_from=held.valid_from, valid_until=held.valid_until,
        sources=tuple(held.sources), off_board_days=held.off_board_days, rules=tuple(_rule(one) for one in held.rules),
    )  # fmt: skip


def _rule(one: _Rule) -> AdRule:
    asked: dict[str, Sequence[str] | None] = one.when.model_dump()
    wanted = {name: None if values is None else frozenset(values) for name, values in asked.items()}
    return AdRule(
        name=one.name, text=one.text, decision=one.decision, label=one.label, exemption=one.exemption, **wanted
    )  # fmt: skip
