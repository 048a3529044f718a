from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.coordination import Bands, open_window, pairs_of_block, sorted_activities
from samehand.coordination.pruning import prune

STEPS_US = np.array([10, 60, 600], np.int64) * 1_000_000


@settings(deadline=None, max_examples=200)
@given(
    seed=st.integers(0, 10**6),
    accounts=st.integers(1, 30),
    objects=st.integers(1, 12),
    n=st.integers(0, 300),
    span_s=st.sampled_from((300, 3_000, 60_000)),
    floor=st.floats(0, 30),
    cap=st.sampled_from((3, 20, 4096)),
)
def test_what_is_left_out_is_in_no_pair_that_reaches_the_floor(
    seed: int, accounts: int, objects: int, n: int, span_s: int, floor: float, cap: int
) -> None:
    rng = np.random.default_rng(seed)
    post = np.where(rng.random(n) < 0.2, -1, rng.integers(0, max(n, 1), n))
    a = sorted_activities(
        rng.integers(0, accounts, n), rng.integers(0, objects, n), rng.integers(0, span_s, n) * 1_000_000, post,
        accounts=accounts, objects=objects,
    )  # fmt: skip
    weights = -np.sort(-rng.random((objects, 3)) * 6, axis=1).astype(np.float32)
    window = open_window(a, 600, Bands(cap=cap, neighbours=2))

    def found(a_: object, w_: object) -> list[list[float]]:
        pairs = pairs_of_block(a_, w_, 0, accounts, minimum=2, weights=weights, steps_us=STEPS_US, floor=floor)  # type: ignore[arg-type]
        return [column.tolist() for column in pairs]

    assert found(a, window) == found(*prune(a, window, weights, STEPS_US, floor))


def test_accounts_that_are_nowhere_near_anybody_are_left_out() -> None:
    account = np.repeat(np.arange(10), 20)
    obj = np.tile(np.arange(20), 10)
    at = np.where(account < 2, obj * 10_000, obj * 10_000 + account * 900) * 1_000_000
    a = sorted_activities(account, obj, at.astype(np.int64), np.full(200, -1), accounts=10, objects=20)
    weights = np.tile(np.array([4, 2, 1], np.float32), (20, 1))

    fewer, _ = prune(a, open_window(a, 600), weights, STEPS_US, 30.0)

    assert sorted(set(fewer.account.tolist())) == [0, 1]
    assert len(fewer) == 40
