"""The gate: may this ad run, under this policy, on this day; with the ground, the evidence and words for whoever is refused.

A policy's rules say what follows from the facts. Whatever they say, nobody is blocked on a name alone, on answers that fewer
than two independent sources bear that were read, or over a link that no source bears; nobody is exempt without a source.
What is not settled goes to a person. No match at all is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from string import Template
from typing import Final, Literal

from samehand.advertising.countries import country_code, country_in_words, country_name
from samehand.advertising.facts import SAFEGUARDS, Citation, Link
from samehand.advertising.registry import Registry, Standing
from samehand.advertising.resolution import Advertiser, Hit, Resolver
from samehand.policy import AdDecided, AdPack, AdRule

__all__ = ["AdDecision", "Gate", "Transition"]

Place = Literal["home", "abroad", "unknown"]
NO_MATCH: Final = "no-match"
OF_STAFF: Final = "staff_of"
GRAVITY: Final = {"block": 0, "review": 1, "allow": 2}
NEEDED_TO_BLOCK: Final = 2
NOT_SHOWN: Final = "$entity may be exempt, and no source that was read says so. A person looks at it."
BY_NAME: Final = "The advertiser's name is like that of $entity. A name alone decides nothing; a person looks at it."
BY_DOMAIN: Final = (
    "The ad leads to a domain that looks like one of $entity. That alone decides nothing; a person looks at it."
)
NO_MATTER: Final = (
    "Something of the advertiser is like $entity; if it were $entity, the ad would be accepted all the same."
)
BY_LINK: Final = (
    "$entity is tied to media of the state of $country by a link for which no source was read. A person looks at it."
)
MOST_NAMED: Final = 4
"""So many citations are in the words for an advertiser; all are beside them."""


@dataclass(frozen=True)
class Transition:
    """What a policy leaves to campaigns that ran before.

    Attributes:
        notified_on: when the outlet was told. running_since: when the campaign began.

    """

    notified_on: date
    running_since: date


@dataclass(frozen=True)
class AdDecision:
    """What the gate says of an ad.

    Attributes:
        decision, label: allow, review or block; allow may bear a label. ground: the rule, or what kept it from deciding.
        policy: the pack. entity_id, entity: whom the ad is for; None where nobody was found. code: of the day.
        matched_by: as `payer: name with country`. path: from the entity to whoever was assessed, as `de-ruptly owned_by ru-rt`.
        citations: that bear it, those that were read first. message: in words that an advertiser can be sent.
        until: the last day on which what is decided holds, if there is one.

    """

    decision: AdDecided
    label: str | None
    ground: str
    policy: str
    entity_id: str | None
    entity: str | None
    code: str | None
    matched_by: str | None
    path: tuple[str, ...]
    citations: tuple[Citation, ...]
    message: str
    until: date | None = None


@dataclass(frozen=True)
class _Facts:
    """What a policy's rules ask (`samehand.policy.AdFacts`)."""

    code: str | None
    answers: Mapping[str, str]
    scope: str
    kind: str
    role: str
    shown: Place
    countries: frozenset[str]
    safeguards: frozenset[str]


NOT_ASSESSED: Final = {"funding": "unclear", "governance": "unclear", "editorial": "unclear"}


class Gate:
    """Decides about ads of one day under one policy.

    Args:
        registry: of media. pack: the policy. on: the day whose facts count. held: as the registry held them on this day.
        resolver: of that registry, where there is one already.

    Raises:
        UsageError: nothing was held on that day.

    """

    def __init__(
        self, registry: Registry, pack: AdPack, on: date, held: date, *, resolver: Resolver | None = None
    ) -> None:
        registry.asked(held)
        self.registry, self.pack, self.on, self.held = registry, pack, on, held
        self._resolver = resolver or Resolver(registry)
        self._standing = lru_cache(maxsize=None)(lambda entity_id: registry.standing(entity_id, on, held))

    def prepare(self) -> None:
        """Look up where every entity stands, which is done else when it is first asked."""
        for entity in self.registry:
            self._standing(entity.entity_id)

    def decide(self, who: Advertiser, transition: Transition | None = None) -> AdDecision:
        """What follows for an advertiser: of all entities that it may be, the gravest; an identifier's before a name's.

        Args:
            who: as the platform knows them. transition: of a campaign that ran before the policy, if it did.

        """
        hits = self._resolver.hits(who, self.on, self.held)
        if not hits:
            return self._unknown()
        decided = [self._decide(hit, who, transition) for hit in hits]
        return min(decided, key=lambda one: (GRAVITY[one.decision], one.label is None))

    def _unknown(self) -> AdDecision:
        said = "Nobody that the registry of state media holds was found behind this ad."
        return AdDecision("allow", None, NO_MATCH, self.pack.pack, None, None, None, None, (), (), said)

    def _decide(self, hit: Hit, who: Advertiser, transition: Transition | None) -> AdDecision:
        standing = self._standing(hit.entity.entity_id)
        rule = self.pack.rule(self._facts(hit, standing, who))
        decision, label, ground, said = self._guarded(rule, hit, standing)
        until = None
        if decision == "block" and transition is not None:
            until = transition.notified_on + timedelta(days=self.pack.off_board_days - 1)
            if transition.running_since < transition.notified_on <= self.on <= until:
                decision, ground = "allow", "transition"
                said += f" Campaigns that ran before {transition.notified_on} may go on until {until}; no new one may begin."
            else:
                until = None
        filled = self._filled(said, standing)
        return AdDecision(
            decision, self._filled(label, standing, label=True) if label else None, ground, self.pack.pack,
            hit.entity.entity_id,
            hit.entity.name, standing.code, f"{hit.field}: {hit.by}", _path(standing), _citations(standing, hit),
            self._message(filled, decision, hit, standing), until,
        )  # fmt: skip

    def _facts(self, hit: Hit, standing: Standing, who: Advertiser) -> _Facts:
        assessment = standing.assessment
        home = (standing.assessed or hit.entity).of_state
        said = [country_code(one) for one in who.target_countries if one.strip()]
        countries = frozenset(one for one in said if one is not None)
        place: Place = "abroad" if countries - {home} else "home" if countries and None not in said else "unknown"
        staff = any(link.kind == OF_STAFF for link in standing.path) and hit.role == "itself"
        return _Facts(
            code=standing.code,
            answers=NOT_ASSESSED if assessment is None else {name: one.value for name, one in assessment.answers.items()},
            scope=hit.entity.scope, kind=hit.entity.kind, role="staff" if staff else hit.role, shown=place, countries=countries,
            safeguards=frozenset() if assessment is None else frozenset(s for s in SAFEGUARDS if assessment.safe(s)),
        )  # fmt: skip

    def _guarded(self, rule: AdRule, hit: Hit, standing: Standing) -> tuple[AdDecided, str | None, str, str]:
        """What a rule decides, unless the evidence does not bear it."""
        if hit.grade == "name" and rule.decision == "review":
            return "review", None, *_by_name(hit)
        if rule.decision == "block" or rule.label:
            lacking = _lacking(rule, hit, standing)
            if lacking is not None:
                return "review", None, lacking[0], lacking[1]
        if rule.exemption and not _exemption_is_borne(rule, hit, standing):
            return "review", None, "exemption-not-shown", NOT_SHOWN
        return rule.decision, rule.label, rule.name, rule.text if hit.grade == "identifier" else NO_MATTER

    def _filled(self, text: str, standing: Standing, *, label: bool = False) -> str:
        state = (standing.assessed or standing.entity).of_state
        country = country_name(state) if label else country_in_words(state)
        return Template(text).safe_substitute(entity=standing.entity.name, country=country)

    def _message(self, said: str, decision: AdDecided, hit: Hit, standing: Standing) -> str:
        lines = [said]
        if standing.path:
            lines.append(f"{_in_words(standing)}.")
        where = "" if hit.field in (hit.by, "landing_url") else f" ({hit.field.replace('_', ' ')})"
        lines.append(f"It was found by {BY_WORDS[hit.by]}{where}. Policy: {self.pack.title}; facts of {self.on}.")
        read = [one for one in _citations(standing, hit) if one.read][:MOST_NAMED]
        if read and decision != "allow":
            lines.append(f"It rests on: {'; '.join(map(_named, read))}.")
        if decision != "allow":
            lines.append("Whoever thinks that this is wrong may contest it with evidence; another person decides.")
        return " ".join(lines)


BY_WORDS: Final[Mapping[str, str]] = {
    "domain": "the domain that the ad leads to", "handle": "its handle or page", "registration": "its number in a register",
    "name with country": "its legal name and country", "name": "its name", "transliteration": "its name in other letters",
    "spelling": "a name spelt alike", "within": "a name within its name", "acronym": "an acronym",
    "look-alike domain": "a domain that looks like one of its own",
}  # fmt: skip
LINK_WORDS: Final[Mapping[str, str]] = {
    "owned_by": "is owned by", "controlled_by": "is controlled by", "brand_of": "is a brand of",
    "successor_of": "is the successor of", "agency_for": "is an agency for", "staff_of": "works for",
}  # fmt: skip


def _named(one: Citation) -> str:
    return one.source + (f", {one.published}" if one.published else "")


def _by_name(hit: Hit) -> tuple[str, str]:
    """Ground and words where all that is known is that something is alike."""
    return ("look-alike-domain", BY_DOMAIN) if hit.by == "look-alike domain" else ("name-alone", BY_NAME)


def _lacking(rule: AdRule, hit: Hit, standing: Standing) -> tuple[str, str] | None:
    """Why a rule that blocks or labels does not bear it here: ground, and words."""
    if hit.grade == "name":
        return _by_name(hit)
    if not standing.cited:
        return "link-not-shown", BY_LINK
    needed = NEEDED_TO_BLOCK if rule.decision == "block" else 1
    if standing.sources < needed:
        return "too-few-sources", (
            f"What is known of $entity rests on {standing.sources} independent sources that were read; it takes {needed}. "
            "A person looks at it."
        )  # fmt: skip
    return None


def _exemption_is_borne(rule: AdRule, hit: Hit, standing: Standing) -> bool:
    if rule.scopes is not None:
        return any(one.read for one in hit.entity.scope_citations)
    return standing.sources >= 1


def _path(standing: Standing) -> tuple[str, ...]:
    steps, at = [], standing.entity.entity_id
    for link in standing.path:
        steps.append(f"{at} {link.kind} {link.target}")
        at = link.target
    return tuple(steps)


def _in_words(standing: Standing) -> str:
    names = [standing.entity.name, *(link.target for link in standing.path)]
    assert standing.assessed is not None
    names[-1] = standing.assessed.name
    return ", which ".join(
        f"{names[0]} {LINK_WORDS[link.kind]} {names[k + 1]}" if not k else f"{LINK_WORDS[link.kind]} {names[k + 1]}"
        for k, link in enumerate(standing.path)
    )


def _citations(standing: Standing, hit: Hit) -> tuple[Citation, ...]:
    """What bears a decision: of the links on the way, the answers, and of an outlet without news that it is one."""
    links: tuple[Link, ...] = standing.path
    found = [citation for link in links for citation in link.citations]
    if standing.assessment is not None:
        found += [one for answer in standing.assessment.answers.values() for one in answer.citations]
        found += [one for answer in standing.assessment.safeguards.values() for one in answer.citations]
    found += hit.entity.scope_citations
    unique = {(one.source, one.title, one.states): one for one in found}
    return tuple(sorted(unique.values(), key=lambda one: not one.read))
