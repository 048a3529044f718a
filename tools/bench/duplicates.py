"""Near-duplicate texts: found, false, seconds and memory, beside datasketch: writes docs/measured/duplicates.md."""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from statistics import median

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from samehand.evaluation import markdown_table, write_page
from samehand.evaluation.costs import run

SIZES = (100_000, 1_000_000)
PEER_SIZE = 20_000
REPEATS = 3
COPIES = 50
SEED = 77
PEER = "datasketch"


def _vocabulary(rng: np.random.Generator) -> list[str]:
    consonants, vowels = list("bcdfghklmnprstvz"), list("aeiou")
    return ["".join(str(rng.choice(consonants)) + str(rng.choice(vowels)) for _ in range(int(rng.integers(1, 4)))) for _ in range(30_000)]  # fmt: skip


def _common_first(rng: np.random.Generator, size: int, count: int) -> list[int]:
    numbers: list[int] = np.floor(size * rng.random(count) ** 2.5).astype(int).tolist()
    return numbers


def draw_texts(count: int, seed: int) -> pa.Table:
    """`text` and `template` (-1 for ordinary ones): half Latin words, half Han; a tenth are copies with 0 to 2 edits."""
    rng = np.random.default_rng(seed)
    words = _vocabulary(rng)

    def one(han: bool) -> list[str]:
        if han:
            return [chr(0x4E00 + i) for i in _common_first(rng, 4_000, int(rng.integers(16, 60)))]
        return [words[i] for i in _common_first(rng, len(words), int(rng.integers(8, 20)))]

    texts, template = [], []
    for number in range(count // 10 // COPIES):
        base = one(number % 2 == 1)
        for _ in range(COPIES):
            copy = list(base)
            for _ in range(int(rng.integers(0, 3))):
                place, new = int(rng.integers(0, len(copy))), one(number % 2 == 1)[0]
                copy[place : place + int(rng.integers(0, 2))] = [new] * int(rng.integers(0, 2))
            texts.append(
                ("" if number % 2 else " ").join(copy) + f" https://velor.example/{int(rng.integers(1 << 30))}"
            )
            template.append(number)
    while len(texts) < count:
        texts.append(("" if len(texts) % 2 else " ").join(one(len(texts) % 2 == 1)))
        template.append(-1)
    order = rng.permutation(count)
    return pa.table({"text": [texts[i] for i in order], "template": np.array(template)[order]})


def _samehand(texts: pa.Array) -> np.ndarray:
    from samehand.traces.duplicates import similar_texts
    from samehand.traces.voice import bare
    from samehand.traces.words import number_words

    return np.asarray(similar_texts(number_words(bare(texts))))


def _datasketch(texts: pa.Array) -> np.ndarray:
    """MinHashLSH over the same shingles at the same threshold, in the bulk form that its documentation recommends."""
    from datasketch import MinHash, MinHashLSH

    index, root = MinHashLSH(threshold=0.5, num_perm=64), np.arange(len(texts))
    sets = []
    for text in texts.to_pylist():
        words = text.split(" https://")[0]
        parts = list(words) if ord(words[0]) >= 0x4E00 else words.split()
        width = 3 if ord(words[0]) >= 0x4E00 else 2
        sets.append([" ".join(parts[i : i + width]).encode() for i in range(len(parts) - width + 1)])
    for number, sketch in enumerate(MinHash.generator(sets, num_perm=64)):
        near = [int(key) for key in index.query(sketch)]
        if near:
            root[number] = root[min(near)]
        index.insert(str(number), sketch)
    return root


def _child(engine: str, path: str, report: str) -> None:
    """One run in a process of its own: compile first, then count."""
    table = pq.read_table(path)
    work = _samehand if engine == "samehand" else _datasketch
    texts = table.column("text").combine_chunks()
    work(texts.slice(0, 500))
    begun, wall = time.process_time(), time.perf_counter()
    root = work(texts)
    cpu, wall = time.process_time() - begun, time.perf_counter() - wall
    template = table.column("template").to_numpy()
    size = np.bincount(root[root >= 0], minlength=len(root))
    inside = size[np.maximum(root, 0)] > 1
    planted = template >= 0
    largest: Counter[int] = Counter()
    for (number, _), count in Counter(zip(template[planted].tolist(), root[planted].tolist(), strict=True)).items():
        largest[number] = max(largest[number], count)
    result = {
        "cpu_s": cpu, "wall_s": wall, "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "recall": sum(largest.values()) / int(planted.sum()), "false": int((inside & ~planted).sum()),
        "precision": float(planted[inside].mean()), "clusters": len(np.unique(root[inside])),
    }  # fmt: skip
    Path(report).write_text(json.dumps(result), encoding="utf-8")


def _measured(engine: str, path: Path) -> dict[str, float]:
    results = []
    for _ in range(REPEATS):
        report = path.with_suffix(".json")
        run([sys.executable, __file__, engine, str(path), str(report)])
        results.append(json.loads(report.read_text(encoding="utf-8")))
    return {name: median(result[name] for result in results) for name in results[0]}


def main() -> None:
    """Measure and write the page."""
    rows: list[tuple[object, ...]] = []
    cost: dict[tuple[str, int], float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for size in (PEER_SIZE, *SIZES):
            path = Path(folder) / f"{size}.parquet"
            pq.write_table(draw_texts(size, SEED + size), path)
            for engine in ("samehand", PEER) if size == PEER_SIZE else ("samehand",):
                got = _measured(engine, path)
                cost[engine, size] = got["cpu_s"]
                rows.append(
                    (
                        f"{size:,}", engine, f"{got['cpu_s']:.1f}", f"{got['wall_s']:.1f}", f"{got['peak_mib']:,.0f}",
                        f"{got['recall']:.4f}", f"{got['precision']:.4f}", f"{got['false']:.0f}", f"{got['clusters']:.0f}",
                    )
                )  # fmt: skip
    tenfold = cost["samehand", SIZES[1]] / cost["samehand", SIZES[0]]
    parts = [
        "Short made-up texts, half of them Han; a tenth are copies of templates, 50 of each, with 0 to 2 words (characters) "
        "replaced, inserted or left out and a link of their own. *Recall*: copies in the largest cluster of their template. "
        "*Precision*: of the texts in a cluster, those that are copies; *false*: ordinary texts in any. Seconds are those of "
        f"the work, compiled beforehand; medians of {REPEATS} runs. Load: {os.getloadavg()[0]:.1f}.",
        markdown_table(
            ("texts", "engine", "CPU s", "wall s", "peak MiB", "recall", "precision", "false", "clusters"), rows
        ),
        f"Ten times the texts take {tenfold:.1f} times the CPU seconds (the aim: at most 13). Beside datasketch's "
        f"MinHashLSH (threshold .5, 64 permutations) on {PEER_SIZE:,} texts: "
        f"{cost[PEER, PEER_SIZE] / cost['samehand', PEER_SIZE]:.0f} times less CPU.",
    ]
    write_page(
        Path("docs/measured/duplicates.md"), "Near-duplicate texts", "make bench (tools/bench/duplicates.py)", parts
    )


if __name__ == "__main__":
    _child(*sys.argv[1:]) if len(sys.argv) > 1 else main()
