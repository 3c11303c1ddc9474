"""The curves of a validation run, out of the signed note that the ledger keeps of them."""

from pydantic import ValidationError

from evidence.model.canonical import canonical_bytes
from evidence.model.errors import EvidenceError
from evidence.model.mistakes import explain
from evidence.model.notes import RunCharts, read_note
from evidence.model.record import parse_statement
from evidence.trust.envelopes import open_envelope
from evidence.validation.measured import Charts as Measured
from reports.charts.shapes import CalibrationBin, ChartPoints, RiskStep


def read_charts(envelope: bytes, *, where: str = "charts.json") -> tuple[RunCharts, ChartPoints]:
    """The note in an envelope that is not trusted, and its points. Raises EvidenceError or SignatureError."""
    note = read_note(parse_statement(open_envelope(envelope, where=where), where=where), where=where)
    if not isinstance(note, RunCharts):
        raise EvidenceError("not the curves of a run", where=where)
    try:
        found = Measured.model_validate_json(canonical_bytes(note.charts))
    except ValidationError as cause:
        raise EvidenceError(f"not chart data: {explain(cause)}", where=where) from None
    points = points_of(found, note.run)
    shares = [share for point in points.roc for share in point]
    shares += [share for item in points.calibration for share in (item.mean_score, item.rate, item.low, item.high)]
    shares += [share for item in points.risk_coverage for share in (item.coverage, item.risk, item.low, item.high)]
    if any(not 0 <= share <= 1 for share in shares):
        raise EvidenceError("a share is not between 0 and 1", where=where)
    return note, points


def points_of(found: Measured, run: str | None = None) -> ChartPoints:
    """The points of a run's chart data; `run` is its record."""
    return ChartPoints(
        run=run,
        roc=tuple((point.false_positive_rate, point.true_positive_rate) for point in found.roc),
        calibration=tuple(
            CalibrationBin(
                mean_score=item.mean_score,
                rate=item.observed.value,
                n=item.observed.n,
                low=item.observed.ci_low,
                high=item.observed.ci_high,
            )
            for item in found.reliability
        ),
        risk_coverage=tuple(
            RiskStep(
                coverage=item.coverage,
                risk=item.risk.value,
                low=item.risk.ci_low,
                high=item.risk.ci_high,
                n=item.risk.n,
            )
            for item in found.risk_coverage or ()
        ),
    )
