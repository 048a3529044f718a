"""One call a job: the chain of the rooms above, and the public Python API.

In: folders and parameters. Out: run folders, and what they hold in a few counts.
"""

from samehand.runs.authorship import Explained
from samehand.runs.compare import Comparison, compare_runs
from samehand.runs.detect import Detection, detect
from samehand.runs.expanding import Expansion, Tip, expand, look_up
from samehand.runs.explain import Explanation, explain_account, explain_pair
from samehand.runs.known_bad import read_known_bad
from samehand.runs.loading import LoadedTrace, World, load_world
from samehand.runs.parameters import DEFAULT_WINDOWS, DetectParameters, parse_windows
from samehand.runs.paraphrases import Encoder, Paraphrases, find_paraphrases, universal_encoder
from samehand.runs.reaching import SKETCH_ABOVE, Audience, measure_audience, read_targets
from samehand.runs.replaying import Replay, replay_signups
from samehand.runs.search import Found, TraceOfRun, search_world
from samehand.runs.seed_files import Answer, Seed, read_answers, read_seeds
from samehand.runs.signup_explanations import explain_signup

__all__ = [
    "DEFAULT_WINDOWS",
    "SKETCH_ABOVE",
    "Comparison",
    "DetectParameters",
    "Detection",
    "Encoder",
    "Answer",
    "Audience",
    "Expansion",
    "Explained",
    "Explanation",
    "Found",
    "LoadedTrace",
    "Paraphrases",
    "Replay",
    "Seed",
    "Tip",
    "TraceOfRun",
    "World",
    "compare_runs",
    "detect",
    "expand",
    "explain_account",
    "explain_pair",
    "explain_signup",
    "find_paraphrases",
    "load_world",
    "look_up",
    "measure_audience",
    "parse_windows",
    "read_answers",
    "read_known_bad",
    "read_seeds",
    "read_targets",
    "replay_signups",
    "search_world",
    "universal_encoder",
]
