"""What a person says for a release: its title, what is not known, how to appeal, who objects, and what an audit found."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from samehand.errors import FormatError, NotFoundError

__all__ = ["Audited", "Objection", "Telling", "error_estimate", "read_telling"]

Line = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=True)]
Count = Annotated[int, Field(ge=0, le=10_000_000_000)]
Z: Final = 1.96


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Objection(_Shape):
    """Who contests a release, what they say, what was found, and what changed; an answer is in figures where it can be."""

    who: Line
    says: Text
    found: Text
    changed: Line


class Audited(_Shape):
    """What persons found who looked at a random sample of the accounts without knowing the verdict."""

    sampled: Count
    inauthentic: Count
    authentic: Count
    unclear: Count


class Telling(_Shape):
    """What a person says for a release.

    Attributes:
        title, organisation, licence: of the release. saw, know, unknown: what was seen, how it is known, what is not.
        appeal: how whoever was acted on contests it. narratives, targets: what it was about and at whom it was aimed, written
            by a person and no evidence of anything. objections: a row each. audited: of a sample; None where nobody looked.
        audience: counts of distinct people by name (followers_ge1, members_ge1, ...), before noise.

    """

    title: Line
    organisation: Line
    licence: Line = "CC-BY-4.0"
    saw: Text
    know: Text
    unknown: Text
    appeal: Text
    narratives: list[Line] = []
    targets: list[Line] = []
    objections: list[Objection] = []
    audited: Audited | None = None
    audience: dict[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,40}$")], Count] = {}


def read_telling(path: Path) -> Telling:
    """What a TOML file says for a release.

    Raises:
        NotFoundError: there is no such file. FormatError: it says what it should not, or lacks something; the message names it.

    """
    if not path.is_file():
        raise NotFoundError(f"{path}: there is no such file")
    try:
        said: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        told = Telling(**said)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormatError(f"{path} is no TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise FormatError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    audited = told.audited
    if audited is not None and audited.sampled != audited.inauthentic + audited.authentic + audited.unclear:
        raise FormatError(f"{path}: audited: {audited.sampled} were sampled, and another number was judged")
    return told


@dataclass(frozen=True)
class Estimate:
    """The share of accounts acted on wrongly, of those judged in a sample, with the interval of 95 of 100 (Wilson)."""

    judged: int
    wrong: int
    share: float
    low: float
    high: float


def error_estimate(audited: Audited | None) -> Estimate | None:
    """What an audit says of all; None where nobody looked, or nothing could be judged."""
    judged = 0 if audited is None else audited.inauthentic + audited.authentic
    if audited is None or not judged:
        return None
    p = audited.authentic / judged
    middle, half = p + Z * Z / (2 * judged), Z * sqrt(p * (1 - p) / judged + Z * Z / (4 * judged * judged))
    scale = 1 + Z * Z / judged
    return Estimate(judged, audited.authentic, p, max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale))
