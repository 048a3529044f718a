"""Who was reached: distinct accounts that followed, joined, saw or engaged, always a union and never a sum.

In: tables of relations, engagements, ads and events, and the targets. Out: counts as rows, each with its method and error.
"""

from samehand.audience.counting import ANY, MEASURES, Reach, Target, count_audience
from samehand.audience.exact import ExactCounter
from samehand.audience.sketches import SketchCounter, relative_error
from samehand.audience.spending import count_events, count_spending

__all__ = [
    "count_audience",
    "count_spending",
    "count_events",
    "Target",
    "Reach",
    "MEASURES",
    "ANY",
    "ExactCounter",
    "SketchCounter",
    "relative_error",
]
