"""Many controls proved: each processor takes a share of them, in a process of its own."""

from collections.abc import Collection, Iterator
from functools import partial
from time import monotonic
from typing import NamedTuple

from engine.backends.base import Program, RegoEngine
from engine.backends.choose import open_engine
from engine.bundle.load import Bundle
from engine.proofs.policytest import ACCESS, Report, run_policy_tests
from evidence.process.shares import helpers
from integrations.app.settings import cache_folder

ALONE = 20
"""Controls up to which one process proves them all: others take some seconds to start."""


class Timed(NamedTuple):
    """A report, and the seconds that it took."""

    report: Report
    seconds: float


def prove(bundle: Bundle, engine: str, only: Collection[str]) -> Iterator[Timed]:
    """A report for who may act, each library with tests and each control, in their order; `only` names controls (or
    `access`), `engine` the Rego engine. Raises PolicyError for an unknown control, and where no engine can be opened.
    """
    with helpers(len(only or bundle.controls), alone=ALONE) as others:
        if others.number == 1:
            yield from _share(bundle, engine, only, (0, 1))
            return
        _open(
            engine, bundle.program(frozenset(only) - {ACCESS})
        ).close()  # what is compiled for it is kept, and the others find it
        asked = [others.ask(_proved, bundle, engine, only, (index, others.number)) for index in range(others.number)]
        found = [timed for share in asked for timed in share()]
    yield from sorted(found, key=lambda timed: (timed.report.name in bundle.controls, timed.report.name))


def _proved(bundle: Bundle, engine: str, only: Collection[str], share: tuple[int, int]) -> list[Timed]:
    return list(_share(bundle, engine, only, share))


def _share(bundle: Bundle, engine: str, only: Collection[str], share: tuple[int, int]) -> Iterator[Timed]:
    began = monotonic()
    for report in run_policy_tests(bundle, partial(_open, engine), only, share):
        yield Timed(report, monotonic() - began)
        began = monotonic()


def _open(engine: str, program: Program) -> RegoEngine:
    return open_engine(engine, program, cache_dir=cache_folder())
