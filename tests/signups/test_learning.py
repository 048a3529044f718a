from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from scipy.special import expit, logit

from samehand.errors import InputError, MissingExtraError
from samehand.policy import DECISIONS, read_signup_policy
from samehand.records import schema_of
from samehand.signups import KnownBad, SignupStream, learning, load_stream, save_stream
from samehand.signups.facts import FACTS
from samehand.signups.learning import FEATURES, Examples, Learner, calibrated, proven, train
from tests.signups.streams import RING, START, decided, highest, in_order, people, scripted, stream_of

POLICY = read_signup_policy()
EAGER = replace(POLICY, learning=replace(POLICY.learning, least_labels=20, every_days=1))
CHALLENGE, LIMIT = DECISIONS.index("challenge"), DECISIONS.index("limit")


def _labels(rows: list[tuple[str, str, float]]) -> pa.Table:
    """Asset, label, day on which it is known."""
    return pa.table(
        {
            "platform": ["sim"] * len(rows),
            "asset_id": [asset for asset, _, _ in rows],
            "label": [label for _, label, _ in rows],
            "source": ["review"] * len(rows),
            "known_at": [START + timedelta(days=day) for _, _, day in rows],
        },
        schema=schema_of("labels"),
    )


def _world() -> pa.Table:
    return in_order(people(), scripted(60, 5.0, hand=4), scripted(60, 15.0, 2, 500), scripted(40, 18.0, 3, 900, hand=5))


def _reviewed() -> pa.Table:
    """The first two scripts, and a third of the people, two days after they signed up."""
    days = (pc.cast(people()["at"], pa.int64()).to_numpy() / 1e6 - START.timestamp()) / 86_400
    names = people()["asset_id"].to_pylist()
    genuine = [(names[k], "genuine", float(days[k]) + 2.0) for k in range(0, len(names), 3)]
    return _labels(
        [
            *genuine,
            *((f"planted-{k}", "operation", 8.0) for k in range(60)),
            *((f"planted-{k}", "operation", 16.0) for k in range(500, 560)),
        ]
    )


def _taught(**more: Any) -> SignupStream:
    stream = stream_of(EAGER, **more)
    stream.label(_reviewed())
    return stream


class _Says(Learner):
    """A learner whose model is sure of everybody, one way or the other."""

    p = 1.0

    def learn(self, *_: Any) -> None:
        pass

    def scored(self, standing: Any, rows: Any, first: int) -> Any:
        return np.full(len(rows), self.p)


def _said(p: float, **more: Any) -> SignupStream:
    stream = stream_of(**more)
    learner = _Says(POLICY.learning, RING.newest)
    learner.p = p
    stream.learner = learner
    return stream


def test_calibration_finds_the_odds_that_scores_were_drawn_with() -> None:
    rng = np.random.default_rng(3)
    bad = np.concatenate([rng.normal(2, 1, 40_000), rng.normal(0, 1, 40_000)])
    slope, intercept = calibrated(bad, np.arange(80_000) < 40_000, 0.01)

    # normal scores two apart: log odds 2 s - 2, and the prior's
    assert slope == pytest.approx(2.0, abs=0.1)
    assert intercept == pytest.approx(-2.0 + logit(0.01), abs=0.2)


def test_scores_that_say_the_opposite_say_nothing() -> None:
    score = np.concatenate([np.zeros(100), np.ones(100)])
    slope, intercept = calibrated(score, np.arange(200) < 100, 0.2)

    assert slope == 0.0
    assert expit(intercept) == pytest.approx(0.2, abs=0.01)


def test_nothing_is_proven_beyond_what_so_many_labels_bear_out() -> None:
    score, bad = np.arange(1_200.0), np.arange(1_200) >= 1_000

    at, odds = proven(score, bad, 0.01)
    _, of_more = proven(np.arange(12_000.0), np.arange(12_000) >= 10_000, 0.01)

    assert (np.diff(odds) >= 0).all()
    assert at[0] == 0.0
    # none of 1,000 wrong: at the most 3 in 1,000 are, with 95 % confidence
    assert odds[1_000] == pytest.approx(logit(0.01) + np.log(0.985 / 0.00299), abs=0.01)
    assert of_more[-1] > odds[-1] + 2.0


def test_wrong_labels_on_top_prove_nothing() -> None:
    score, bad = np.arange(1_200.0), np.arange(1_200) >= 1_000
    bad[-20:] = False

    assert expit(proven(score, bad, 0.01)[1][-1]) < 0.5


def _examples(seed: int, bad: int, good: int, groups: int = 10) -> Examples:
    rng = np.random.default_rng(seed)
    one = Examples()
    features = rng.normal(0, 1, (bad + good, len(FEATURES)))
    features[:bad, 0] += 4.0
    group = np.concatenate([rng.integers(0, groups, bad), 100 + rng.integers(0, 30, good)])
    one.add(
        features, np.arange(bad + good) < bad, np.arange(bad + good).astype(np.uint64), group, np.arange(bad + good)
    )
    return one


def test_a_model_tells_those_apart_whom_its_labels_tell_apart() -> None:
    model = train(_examples(1, 400, 6_000), POLICY.learning, 1, 0, 0.01)
    fresh = _examples(2, 200, 2_000)

    assert model is not None
    p = model.probability(fresh.features)
    assert p[:200].mean() > 0.3 > 0.02 > p[200:].mean()
    assert (p <= expit(model.odds[-1])).all()


def test_the_same_labels_make_the_same_model() -> None:
    one, other = (train(_examples(1, 150, 1_000), POLICY.learning, 1, 0, 0.01) for _ in range(2))
    different = train(_examples(4, 150, 1_000), POLICY.learning, 1, 0, 0.01)

    assert one is not None
    assert other is not None
    assert different is not None
    fresh = _examples(2, 200, 200).features
    assert np.array_equal(one.probability(fresh), other.probability(fresh))
    assert one.version == other.version != different.version


@pytest.mark.parametrize("examples", [_examples(1, 99, 1_000), _examples(1, 1_000, 99), _examples(1, 300, 300, 1)])
def test_too_few_labels_or_those_of_one_group_make_no_model(examples: Examples) -> None:
    assert train(examples, POLICY.learning, 1, 0, 0.01) is None


def test_the_last_label_of_an_account_counts() -> None:
    examples = _examples(1, 150, 150)
    examples.add(
        examples.features[:60], np.zeros(60, np.bool_), examples.account[:60], examples.group[:60], np.arange(60)
    )

    assert examples.bad[examples.newest()].sum() == 90
    assert train(examples, POLICY.learning, 1, 0, 0.01) is None


def test_neither_place_nor_hour_is_learnt_from() -> None:
    learnt = {name.split()[-1] for name in FEATURES if " of " in name}

    assert learnt == {fact.name for fact in FACTS if fact.family not in ("place", "hour")}


def test_whoever_a_model_is_sure_of_is_observed_and_no_more() -> None:
    found = highest(decided(people(), _said(1.0)))

    assert set(found.values()) == {DECISIONS.index("observe")}


def test_a_model_lifts_by_one_rung_and_never_above_limit() -> None:
    strict = {
        **POLICY.ladder,
        **{name: replace(POLICY.ladder[name], members=99) for name in ("limit", "review", "suspend")},
    }
    policy = replace(POLICY, ladder=strict)
    alone = highest(decided(_world(), stream_of(policy)))
    lifted = highest(decided(_world(), _said(1.0, policy=policy, suspends=True)))
    planted = {asset for asset in alone if asset.startswith("planted")}

    for asset in alone:
        assert lifted[asset] <= max(alone[asset], min(alone[asset] + 1, LIMIT), 1)
    assert {alone[asset] for asset in planted} >= {0, CHALLENGE}
    assert sum(lifted[asset] == LIMIT for asset in planted) > 50


def test_a_model_that_finds_people_leaves_one_rung_less_of_what_a_wave_alone_asks_for() -> None:
    known = scripted(30, 2.0, seed=9, first=5_000).append_column(
        "removed_at", pa.array([START + timedelta(days=12)] * 30, schema_of("labels").field("known_at").type)
    )
    alone, calm = highest(decided(_world())), highest(decided(_world(), _said(0.0)))
    tied = highest(decided(_world(), _said(0.0, known=KnownBad.of(known, RING))))

    assert max(alone.values()) > LIMIT
    for asset, rung in alone.items():
        assert calm[asset] == (rung if rung <= CHALLENGE else rung - 1)
    assert max(tied.values()) > LIMIT


def test_models_are_learnt_from_labels_and_speak_in_reasons() -> None:
    keen = replace(EAGER, learning=replace(EAGER.learning, abstain_above=0.5))
    stream = stream_of(keen)
    stream.label(_reviewed())
    table = decided(_world(), stream)

    said = [words for row in table["reasons"].to_pylist() for words in row if words.startswith("model M")]
    assert len(said) > 5
    assert all("genuine ones: 0." in words or "genuine ones: 1." in words for words in said)
    assert stream.learner is not None
    assert stream.learner.made
    assert stream.learner.made[0]["operation"] >= 20
    later = stream.learner.made[-1]
    assert later["genuine"] > 500
    assert stream.learner.late == 0
    assert stream.learner.model is not None
    assert stream.learner.model.version == later["version"]


def test_labels_teach_nothing_before_they_are_known() -> None:
    late = _reviewed().set_column(
        4, schema_of("labels").field("known_at"), pa.array([START + timedelta(days=40)] * len(_reviewed()))
    )
    stream = stream_of(EAGER)
    stream.label(late)

    assert decided(_world(), stream).equals(decided(_world(), stream_of(EAGER)))
    assert stream.learner is not None
    assert stream.learner.made == []


def _sure(stream: SignupStream) -> list[float]:
    learned = np.nan_to_num(stream.standing.learned[: stream.ledger.end], nan=-1.0)
    return [float(p) for p in learned]


@pytest.mark.parametrize("size", [1, 700])
def test_with_labels_one_by_one_decides_as_all_together(size: int) -> None:
    whole, parts = _taught(), _taught()
    table = _world()
    expected = decided(table, whole)
    found = [parts.feed(table.slice(low, size)) for low in range(0, len(table), size)]

    assert pa.concat_tables([*found, parts.finish()]).equals(expected)
    assert _sure(parts) == _sure(whole)


def test_a_state_keeps_labels_and_learns_its_model_anew(tmp_path: Path) -> None:
    whole, part = _taught(), _taught()
    table, half = _world(), 2_600
    expected = decided(table, whole)
    first = part.feed(table.slice(0, half))
    save_stream(part, tmp_path / "state")
    again = load_stream(tmp_path / "state", EAGER, RING)

    assert again.learner is not None
    assert part.learner is not None
    assert part.learner.model is not None
    assert again.learner.model is not None
    assert again.learner.model.version == part.learner.model.version
    assert pa.concat_tables([first, again.feed(table.slice(half)), again.finish()]).equals(expected)
    assert _sure(again) == _sure(whole)
    assert again.learner.made == whole.learner.made  # type: ignore[union-attr]


def test_labels_of_accounts_that_are_not_there_are_counted() -> None:
    stream = stream_of(EAGER)
    stream.label(_labels([("nobody", "operation", 3.0), ("planted-30", "operation", 17.0)]))
    decided(_world(), stream)

    assert stream.learner is not None
    assert stream.learner.late == 1
    assert len(stream.learner.examples) == 1


def test_labels_may_come_after_the_sign_ups() -> None:
    """Of sign-ups before the first label it is not known any more what they showed when they came; later labels teach."""
    early, late, table = stream_of(EAGER), stream_of(EAGER), _world()
    early.label(_labels([(table["asset_id"][10].as_py(), "genuine", 1.0)]))
    for stream in (early, late):
        stream.feed(table.slice(0, 2_000))
        stream.label(_labels([("planted-30", "operation", 3.0), (table["asset_id"][1_999].as_py(), "genuine", 16.0)]))
        stream.feed(table.slice(2_000, 600))
        stream.label(_labels([(table["asset_id"][2_599].as_py(), "genuine", 16.5)]))
        stream.feed(table.slice(2_600))

    assert early.learner is not None
    assert late.learner is not None
    assert (early.learner.late, late.learner.late) == (0, 2)
    assert sorted(early.learner.examples.bad.tolist()) == [False, False, False, True]
    np.testing.assert_array_equal(late.learner.examples.features, early.learner.examples.features[-1:])


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"'dubious' is no label \(1 rows bear it\); there are genuine, operation, spam: mend"
    ):
        stream_of().label(_labels([("a", "dubious", 1.0)]))


def test_without_the_optional_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "can_learn", lambda: False)

    with pytest.raises(MissingExtraError, match=r"samehand\[learn\]"):
        stream_of().label(_labels([("a", "genuine", 1.0)]))
