"""Ranges from which worlds are drawn: habits of the organic base, crowds."""

from __future__ import annotations

from typing import Any

import numpy as np

from samehand.simulation.parameters import Fans, Mirrors, Newsroom, Protest, Sessions, WorldParameters

__all__ = ["base", "crowds", "homophily", "log_uniform"]


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A number whose logarithm is uniform between those of the bounds."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def base(rng: np.random.Generator, **changed: Any) -> WorldParameters:
    """An organic world with habits drawn from ranges."""
    accounts = int(rng.integers(5_000, 8_001))
    activities = int(accounts * rng.uniform(6, 12))
    drawn: dict[str, Any] = {
        "accounts": accounts,
        "activities": activities,
        "days": float(rng.uniform(14, 30)),
        "repost_share": float(rng.uniform(0.4, 0.6)),
        "url_share": float(rng.uniform(0.15, 0.3)),
        "posts": int(activities * rng.uniform(0.04, 0.08)),
        "urls": int(activities * rng.uniform(0.03, 0.06)),
        "hashtags": int(rng.integers(200, 1_500)),
        "authors": max(20, int(accounts * rng.uniform(0.03, 0.1))),
        "pareto": float(rng.uniform(1.2, 1.8)),
        "zipf": float(rng.uniform(0.9, 1.15)),
        "delay_median_s": float(np.exp(rng.uniform(np.log(1_200), np.log(7_200)))),
        "delay_sigma": float(rng.uniform(1.5, 2.1)),
        "rhythm": float(rng.uniform(0.5, 1.5)),
        "pace_sigma": float(rng.uniform(0.2, 0.7)),
        "speed_sigma": float(rng.uniform(0.2, 0.7)),
        "hashtag_share": float(rng.uniform(0.1, 0.4)),
    }
    return WorldParameters(**{**drawn, **changed})


def homophily(rng: np.random.Generator) -> dict[str, Any]:
    """Fifteen to sixty communities, and how much their members keep to themselves."""
    return {"communities": int(rng.integers(15, 61)), "homophily": float(rng.uniform(0.75, 0.95))}


def crowds(rng: np.random.Generator, days: float, accounts: int) -> dict[str, Any]:
    """Groups that act together and are no operation."""
    return {
        "sessions": Sessions(share=float(rng.uniform(0.1, 0.3))),
        "fans": (Fans(size=int(rng.integers(30, 120)), posts=int(rng.integers(10, 40)), activities=5),),
        "newsrooms": (Newsroom(size=int(rng.integers(10, 31)), headlines=int(rng.integers(30, 90))),),
        "protests": (Protest(size=accounts // 4, day=float(rng.uniform(0.2, 0.8)) * days),),
        "mirrors": Mirrors(groups=int(rng.integers(3, 9)), posts=int(rng.integers(8, 30))),
    }
