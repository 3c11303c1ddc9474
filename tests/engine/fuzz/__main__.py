"""The long form: `python -m tests.engine.fuzz --pairs 50000 --seed 1`. Exit code 1 where the engines differ.

Every batch has random numbers of its own, so that what was stopped after a batch goes on with `--batch` of the next.
"""

import argparse
import random
import time
from pathlib import Path

from engine.bundle.load import load_bundle
from tests.engine.fuzz.agreement import engines
from tests.engine.fuzz.controls import run_controls
from tests.engine.fuzz.shipped import run_shipped

POLICIES = Path(__file__).parents[3] / "policies"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.engine.fuzz", description=__doc__)
    parser.add_argument("--pairs", type=int, default=50_000, help="pairs of a control and an input, in all")
    parser.add_argument("--seed", type=int, default=1, help="the same seed asks the same")
    parser.add_argument("--batch", type=int, default=0, help="the first batch that is asked")
    parser.add_argument("--only", choices=("random", "shipped"), help="one of the two halves")
    wanted = parser.parse_args()
    halves = [wanted.only] if wanted.only else ["shipped", "random"]
    differ = sum(_HALVES[half](wanted.seed, wanted.batch, wanted.pairs // len(halves)) for half in halves)
    return 1 if differ else 0


def _random(seed: int, batch: int, pairs: int) -> int:
    asked = differ = 0
    while asked < pairs:
        more, found = run_controls(random.Random(f"{seed}/{batch}"), candidates=250, inputs=120)
        asked, differ = asked + more, differ + len(found)
        for text, item in found:
            print(f"{text[text.index('package') :]}\n{item}\n", flush=True)
        _say("random controls", batch, asked, differ)
        batch += 1
    return differ


def _shipped(seed: int, batch: int, pairs: int) -> int:
    bundle = load_bundle(POLICIES)
    asked = differ = 0
    with engines(bundle.program()) as opened:
        while asked < pairs:
            more, found = run_shipped(bundle, opened, random.Random(f"{seed}/{batch}"), min(1000, pairs - asked))
            asked, differ = asked + more, differ + len(found)
            for item in found:
                print(f"{item}\n", flush=True)
            _say("shipped controls", batch, asked, differ)
            batch += 1
    return differ


def _say(what: str, batch: int, asked: int, differ: int) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}: batch {batch}, {asked} pairs, {differ} disagreements", flush=True)


_HALVES = {"random": _random, "shipped": _shipped}

if __name__ == "__main__":
    raise SystemExit(main())
