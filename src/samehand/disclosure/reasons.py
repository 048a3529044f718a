"""Statements of reasons as the European transparency database takes them (Regulation (EU) 2022/2065, art. 17 and 24(5)).

The rules are those that the Commission published for its API, version 2 of 1 July 2025. A batch of which one statement is
unsound is refused as a whole there; so each is held to the rules here first. No free text names anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from samehand.errors import InputError

__all__ = ["StatementOfReasons", "batches_of", "reason_for", "sound_statement"]

MOST_IN_ONE: Final = 100
FIRST_CONTENT, FIRST_USE, LAST = date(2000, 1, 1), date(2020, 1, 1), date(2038, 1, 1)
Short = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Long = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
Facts = Annotated[str, StringConstraints(min_length=1, max_length=5_000)]
Puid = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[a-zA-Z0-9-_]+$")]
Visibility = Literal[
    "DECISION_VISIBILITY_CONTENT_REMOVED", "DECISION_VISIBILITY_CONTENT_DISABLED", "DECISION_VISIBILITY_CONTENT_DEMOTED",
    "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED", "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED",
    "DECISION_VISIBILITY_CONTENT_LABELLED", "DECISION_VISIBILITY_OTHER",
]  # fmt: skip
Monetary = Literal["DECISION_MONETARY_SUSPENSION", "DECISION_MONETARY_TERMINATION", "DECISION_MONETARY_OTHER"]
Provision = Literal[
    "DECISION_PROVISION_PARTIAL_SUSPENSION", "DECISION_PROVISION_TOTAL_SUSPENSION", "DECISION_PROVISION_PARTIAL_TERMINATION",
    "DECISION_PROVISION_TOTAL_TERMINATION",
]  # fmt: skip
Account = Literal["DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED"]
Ground = Literal["DECISION_GROUND_ILLEGAL_CONTENT", "DECISION_GROUND_INCOMPATIBLE_CONTENT"]
ContentType = Literal[
    "CONTENT_TYPE_APP", "CONTENT_TYPE_AUDIO", "CONTENT_TYPE_IMAGE", "CONTENT_TYPE_PRODUCT", "CONTENT_TYPE_SYNTHETIC_MEDIA",
    "CONTENT_TYPE_TEXT", "CONTENT_TYPE_VIDEO", "CONTENT_TYPE_OTHER",
]  # fmt: skip
Category = Literal[
    "STATEMENT_CATEGORY_ANIMAL_WELFARE", "STATEMENT_CATEGORY_CONSUMER_INFORMATION", "STATEMENT_CATEGORY_CYBER_VIOLENCE",
    "STATEMENT_CATEGORY_CYBER_VIOLENCE_AGAINST_WOMEN", "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS",
    "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH", "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS",
    "STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS", "STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE",
    "STATEMENT_CATEGORY_OTHER_VIOLATION_TC", "STATEMENT_CATEGORY_PROTECTION_OF_MINORS",
    "STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY", "STATEMENT_CATEGORY_SCAMS_AND_FRAUD", "STATEMENT_CATEGORY_SELF_HARM",
    "STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS", "STATEMENT_CATEGORY_VIOLENCE",
]  # fmt: skip
Source = Literal["SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER", "SOURCE_TYPE_OTHER_NOTIFICATION", "SOURCE_VOLUNTARY"]
Automation = Literal["AUTOMATED_DECISION_FULLY", "AUTOMATED_DECISION_PARTIALLY", "AUTOMATED_DECISION_NOT_AUTOMATED"]
YesNo = Literal["Yes", "No"]
Territory = Literal[
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU",
    "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
]  # fmt: skip
LANGUAGES: Final = frozenset(
    """
    AA AB AE AF AK AM AN AR AS AV AY AZ BA BE BG BI BM BN BO BR BS CA CE CH CO CR CS CU CV CY DA DE DV DZ EE EL EN EO
    ES ET EU FA FF FI FJ FO FR FY GA GD GL GN GU GV HA HE HI HO HR HT HU HY HZ IA ID IE IG II IK IO IS IT IU JA JV KA
    KG KI KJ KK KL KM KN KO KR KS KU KV KW KY LA LB LG LI LN LO LT LU LV MG MH MI MK ML MN MR MS MT MY NA NB ND NE NG
    NL NN NO NR NV NY OC OJ OM OR OS PA PI PL PS PT QU RM RN RO RU RW SA SC SD SE SG SI SK SL SM SN SO SQ SR SS ST SU
    SV SW TA TE TG TH TI TK TL TN TO TR TS TT TW TY UG UK UR UZ VE VI VO WA WO XH YI YO ZA ZH ZU
    """.split()  # noqa: SIM905 (words in quotes are no easier to read)
)
"""Of ISO 639-1; the database takes no others."""
PERSONAL: Final = re.compile(
    r"[\w.+-]+@[\w-]+\.\w+|(?<!\w)@\w{2,}|\+?\d[\d \-]{8,}\d|https?://|\b\d{1,3}(?:\.\d{1,3}){3}\b"
)
"""What an address, a handle, a telephone number or a link looks like: none of it belongs into a statement."""
FREE: Final = (
    "decision_facts", "incompatible_content_ground", "incompatible_content_explanation", "illegal_content_legal_ground",
    "illegal_content_explanation", "source_identity",
)  # fmt: skip


def _language(said: str) -> str:
    if said not in LANGUAGES:
        raise ValueError("is no language of ISO 639-1, in two capitals")
    return said


def _link(said: str) -> str:
    parts = urlsplit(said)
    if parts.scheme not in ("http", "https") or "." not in (parts.hostname or "") or any(one.isspace() for one in said):
        raise ValueError("is no link; write the whole of it, as https://example.org/policy")
    return said


class StatementOfReasons(BaseModel):
    """One statement, with the fields of the published schema; what does not apply is None and is left out when it is sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    decision_visibility: Annotated[list[Visibility], Field(min_length=1)] | None = None
    decision_visibility_other: Short | None = None
    decision_monetary: Monetary | None = None
    decision_monetary_other: Short | None = None
    decision_provision: Provision | None = None
    decision_account: Account | None = None
    account_type: Literal["ACCOUNT_TYPE_BUSINESS", "ACCOUNT_TYPE_PRIVATE"] | None = None
    decision_ground: Ground
    decision_ground_reference_url: Annotated[Short, AfterValidator(_link)] | None = None
    illegal_content_legal_ground: Short | None = None
    illegal_content_explanation: Long | None = None
    incompatible_content_ground: Short | None = None
    incompatible_content_explanation: Long | None = None
    incompatible_content_illegal: YesNo | None = None
    content_type: Annotated[list[ContentType], Field(min_length=1)]
    content_type_other: Short | None = None
    category: Category
    category_addition: list[Category] | None = None
    category_specification: list[Annotated[str, StringConstraints(pattern=r"^KEYWORD_[A-Z_]+$")]] | None = None
    content_date: Annotated[date, Field(ge=FIRST_CONTENT, le=LAST)]
    application_date: Annotated[date, Field(ge=FIRST_USE, le=LAST)]
    end_date_visibility_restriction: Annotated[date, Field(le=LAST)] | None = None
    end_date_monetary_restriction: Annotated[date, Field(le=LAST)] | None = None
    end_date_service_restriction: Annotated[date, Field(le=LAST)] | None = None
    end_date_account_restriction: Annotated[date, Field(le=LAST)] | None = None
    territorial_scope: list[Territory] | None = None
    content_language: Annotated[str, AfterValidator(_language)] | None = None
    decision_facts: Facts
    source_type: Source
    source_identity: Short | None = None
    automated_detection: YesNo
    automated_decision: Automation
    puid: Puid

    @model_validator(mode="after")
    def _together(self) -> Self:
        """What the rules ask of fields together."""
        wrong = [said for holds, said in self._rules() if not holds]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def _rules(self) -> Iterable[tuple[bool, str]]:
        decisions = (self.decision_visibility, self.decision_monetary, self.decision_provision, self.decision_account)
        yield any(one is not None for one in decisions), "one of the four kinds of decision is needed"
        other = self.decision_visibility is not None and "DECISION_VISIBILITY_OTHER" in self.decision_visibility
        yield (
            other == (self.decision_visibility_other is not None),
            "decision_visibility_other goes with DECISION_VISIBILITY_OTHER",
        )
        money = self.decision_monetary == "DECISION_MONETARY_OTHER"
        yield (
            money == (self.decision_monetary_other is not None),
            "decision_monetary_other goes with DECISION_MONETARY_OTHER",
        )
        illegal = self.decision_ground == "DECISION_GROUND_ILLEGAL_CONTENT"
        law = (self.illegal_content_legal_ground, self.illegal_content_explanation)
        rule = (self.incompatible_content_ground, self.incompatible_content_explanation)
        yield (
            all(one is not None for one in law) if illegal else not any(law),
            "the legal ground goes with illegal content",
        )
        yield (
            all(one is not None for one in rule) if not illegal else not any(rule),
            "the rule goes with incompatible content",
        )
        yield (
            not (illegal and self.incompatible_content_illegal),
            "incompatible_content_illegal goes with incompatible content",
        )
        odd = "CONTENT_TYPE_OTHER" in self.content_type
        yield odd == (self.content_type_other is not None), "content_type_other goes with CONTENT_TYPE_OTHER"
        yield (
            not (self.source_type == "SOURCE_VOLUNTARY" and self.source_identity),
            "nobody gave notice where it was voluntary",
        )
        yield self.category not in (self.category_addition or ()), "an additional category is another one"
        for name in FREE:
            text = getattr(self, name) or ""
            yield (
                not PERSONAL.search(text),
                f"{name} bears an address, a handle, a number or a link; no personal data goes out",
            )

    def sent(self) -> dict[str, Any]:
        """As the API takes it."""
        return self.model_dump(mode="json", exclude_none=True)


def sound_statement(said: dict[str, Any], what: str) -> StatementOfReasons:
    """A statement held to the rules.

    Raises:
        InputError: it breaks one; the message names `what` and the field.

    """
    try:
        return StatementOfReasons(**said)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the statement"
        raise InputError(f"{what}: {field}: {first['msg'].removeprefix('Value error, ')}") from error


OF_ACCOUNTS: Final = ("account", "page", "group", "channel")
"""Assets that bear a name and are suspended as a whole: told as accounts, as the counts of a period tell them."""
ACCOUNTS: Final = {"suspend": "DECISION_ACCOUNT_SUSPENDED", "remove": "DECISION_ACCOUNT_TERMINATED"}


def reason_for(
    action: str, kind: str, *, puid: str, ground: str, why: str, facts: str, made: date, decided: date, tipped: bool,
    automated: bool, reference_url: str | None = None, languages: Sequence[str] = (),
) -> StatementOfReasons:  # fmt: skip
    """The statement of one decision about one asset, as this project reads the rules for networks of inauthentic accounts.

    Args:
        action: what was done: limit, suspend or remove. kind: account, page, group, post or ad.
        puid: unique within the platform, of letters, digits, `-` and `_`; says nothing of whom it is about.
        ground, why: the clause of the policy, and why it applies. facts: what was found, in words that name nobody.
        made: the content's day; of an account that never posted the day on which it signed up. decided: when it was decided.
        tipped: whether it began with a notice from outside. automated: whether a machine found it; persons decide.
        reference_url: of the policy. languages: of what was published; the first is told.

    Raises:
        InputError: it breaks a rule.

    """
    said: dict[str, Any] = {
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT", "incompatible_content_ground": ground,
        "incompatible_content_explanation": why, "content_type": ["CONTENT_TYPE_OTHER"], "content_type_other": kind,
        "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD", "decision_facts": facts, "content_date": made,
        "category_addition": ["STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS"],
        "category_specification": ["KEYWORD_INAUTHENTIC_ACCOUNTS"], "application_date": decided, "puid": puid,
        "source_type": "SOURCE_TYPE_OTHER_NOTIFICATION" if tipped else "SOURCE_VOLUNTARY",
        "automated_detection": "Yes" if automated else "No", "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    }  # fmt: skip
    if reference_url is not None:
        said["decision_ground_reference_url"] = reference_url
    if languages and (language := re.split(r"[-_]", languages[0])[0].upper()) in LANGUAGES:
        said["content_language"] = language
    if kind == "ad":
        said["decision_provision"] = "DECISION_PROVISION_PARTIAL_SUSPENSION"
    elif kind in OF_ACCOUNTS and action in ACCOUNTS:
        said["decision_account"] = ACCOUNTS[action]
    elif action == "limit":
        said["decision_visibility"] = ["DECISION_VISIBILITY_CONTENT_DEMOTED"]
    else:
        said["decision_visibility"] = ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    return sound_statement(said, f"statement {puid}")


def batches_of(statements: Sequence[StatementOfReasons]) -> list[dict[str, Any]]:
    """Bodies for `POST statements`, 100 in one at most.

    Raises:
        InputError: two bear one puid.

    """
    ids = [one.puid for one in statements]
    if len(set(ids)) != len(ids):
        raise InputError("two statements bear one puid; the second would be refused")
    return [
        {"statements": [one.sent() for one in statements[low : low + MOST_IN_ONE]]}
        for low in range(0, len(statements), MOST_IN_ONE)
    ]
