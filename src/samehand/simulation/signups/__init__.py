"""Sign-ups with known truth: people, those who look like an operation and are none, rings, and an operation in waves.

In: a scenario's name and a seed, or SignupParameters. Out: a SignupWorld with the `signups` table and the truth about each
account. Nothing here knows how anybody would look for the operation.
"""

from samehand.simulation.signups.disk import write_signups
from samehand.simulation.signups.parameters import SignupParameters
from samehand.simulation.signups.scenarios import SIGNUP_SCENARIOS, signup_scenario
from samehand.simulation.signups.world import SignupWorld, draw_signups

__all__ = [
    "draw_signups",
    "signup_scenario",
    "SIGNUP_SCENARIOS",
    "write_signups",
    "SignupWorld",
    "SignupParameters",
]
