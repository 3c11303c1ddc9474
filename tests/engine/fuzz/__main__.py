"""The long form: `python -m tests.engine.fuzz --pairs 50000 --seed 1`. Exit code 1 where the engines differ."""

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
    parser.add_argument("--only", choices=("random", "shipped"), help="one of the two halves")
    wanted = parser.parse_args()
    halves = [wanted.only] if wanted.only else ["shipped", "random"]
    differ = sum(_HALVES[half](wanted.seed, wanted.pairs // len(halves)) for half in halves)
    return 1 if differ else 0


def _random(seed: int, pairs: int) -> int:
    asked = differ = number = 0
    while asked < pairs:
        more, found = run_controls(random.Random(f"{seed}/{number}"), candidates=250, inputs=120)
        number, asked, differ = number + 1, asked + more, differ + len(found)
        for text, item in found:
            print(f"{text[text.index('package') :]}\n{item}\n", flush=True)
        _say("random controls", asked, differ)
    return differ


def _shipped(seed: int, pairs: int) -> int:
    bundle = load_bundle(POLICIES)
    rng = random.Random(seed)
    asked = differ = 0
    with engines(bundle.program()) as opened:
        while asked < pairs:
            more, found = run_shipped(bundle, opened, rng, min(1000, pairs - asked))
            asked, differ = asked + more, differ + len(found)
            for item in found:
                print(f"{item}\n", flush=True)
            _say("shipped controls", asked, differ)
    return differ


def _say(what: str, asked: int, differ: int) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}: {asked} pairs, {differ} disagreements", flush=True)


_HALVES = {"random": _random, "shipped": _shipped}

if __name__ == "__main__":
    raise SystemExit(main())
