"""A first plan for a model and its test data: what the files say is filled in, what a person decides is left blank.

A blank is refused when the plan is read, with its line, so that nobody commits what nobody decided.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evidence.model.errors import EvidenceError
from evidence.model.yaml import parse_yaml
from evidence.validation.catalogue import MEASURES
from evidence.validation.child.scan import TensorInfo
from evidence.validation.kinds import BINARY, LABELS, NUMBER, RANKING, SCORED, SEVERAL, VALUE, Kind
from evidence.validation.measured import Column, Look
from evidence.validation.plan.files import OF_ARRAYS

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*( [A-Za-z0-9_-]+)*")
_LABELS = ("label", "target", "y", "class", "outcome")
_POSITIVE: dict[tuple[str, ...], int] = {("no", "yes"): 1, ("false", "true"): 1, ("0", "1"): 1, ("0.0", "1.0"): 1}
"""Pairs of words of which everybody takes the one at this place for the positive class."""


@dataclass(frozen=True)
class Asked:
    """What whoever asks for the draft knows; paths are those that the plan will hold.

    `more_labels` are columns beside `label`, where a row may have any of several labels.
    """

    model_path: str
    data_path: str
    data_format: str
    label: str | None = None
    more_labels: tuple[str, ...] = ()
    split: str | None = None
    protected: tuple[str, ...] = ()
    query: str | None = None
    forecast: tuple[str, str, str] | None = None
    """Columns of series, origin and target, where rows are forecasts."""
    system: str | None = None
    version: str | None = None


def draft_plan(look: Look, asked: Asked) -> str:
    """The YAML text of the draft. Raises EvidenceError for a column that the table does not have."""
    columns = {column.name: column for column in look.columns}
    named = [name for name in (asked.label, asked.query) if name]
    for name in (*named, *asked.more_labels, *(asked.forecast or ()), *asked.protected):
        if name not in columns:
            hint = f"the table has: {', '.join(columns)[:500]}"
            raise EvidenceError(f"no column `{name}`", where=asked.data_path, hint=hint)
    label = columns.get(asked.label or "") or _guessed_label(look.columns)
    outside = {label.name if label else "", asked.query, *asked.more_labels, *(asked.forecast or ()), *asked.protected}
    offered = [column for column in look.columns if column.name not in outside]
    kind: Kind | None = "labels" if asked.more_labels else kind_of(look.scan.outputs, label, asked.query)
    lines = [
        "# Drafted by `quaestor plan init`. Every blank is for a person to decide; docs/plans.md explains each field.",
        _entry("system", asked.system, "as it stands in the inventory: quaestor system list"),
        f"model: {{path: {_word(asked.model_path)}, name: {_word(asked.system)}, version: {_word(asked.version)}}}",
        _entry("environment", None, "where this runs, such as staging"),
        *_data(asked, label, kind),
        *(_arrays(look) if asked.data_format in OF_ARRAYS else _features(look.scan.inputs, offered)),
        *_output(look, asked, label, kind),
        *_protected(asked, offered, kind),
        "# slices: [region]             # columns by which the primary metric is split",
        *_robustness(kind),
        "# reference: {path: …, format: csv, window: {start: …, end: …}}   # the baseline of drift",
        "# training: {path: …, format: csv}   # what it learnt from: leakage is looked for, its labels are audited",
        "# golden: {outputs: {path: …, format: csv}, column: score}   # reference outputs of these rows, to compare",
        *_beside(kind),
        "# quality: {tolerated: {missing-values: 0.05}}   # gaps, ranges, categories, copies of each table above",
        "# label_noise: {splits: [test, training]}   # how many labels are wrong; for classes",
        "# poisoning: {}                # screens `training` for planted rows; for classes",
        "# membership: {}               # whether the model gives away which rows it learnt from",
        "# hidden_slices: {}            # weak slices that nobody named are searched; limit hidden_slice_gap",
        "# drivers: {}                  # what drives it: directions: {income: up}, ablation_groups: {money: [income]}",
        *_individual(kind),
        *_artifact(look, [item.name for item in look.arrays] or [column.name for column in offered]),
        *_promises(asked, kind),
    ]
    text = "\n".join(lines) + "\n"
    parse_yaml(text)
    return text


def _guessed_label(columns: Sequence[Column]) -> Column | None:
    """The one column of two values that bears a label's name."""
    found = [column for column in columns if len(column.words) == 2 and column.name.lower() in _LABELS]
    return found[0] if len(found) == 1 else None


def kind_of(outputs: Sequence[TensorInfo], label: Column | None, query: str | None = None) -> Kind | None:
    """What the model's output means, by its shape and by the values of the label; None where these do not tell.

    Two values are two classes. More than a handful, all numbers, are a value where the model gives one number a row,
    and otherwise classes. Items of a `query` are ranked, which no file says by itself.
    """
    if query is not None:
        return "ranking"
    scores = [item for item in outputs if item.dtype.startswith("float")]
    zipped = any(item.dtype == "sequence" for item in outputs)
    classes = any(not item.dtype.startswith("float") and item.dtype != "sequence" for item in outputs)
    wide = zipped or any(item.shape and len(item.shape) == 2 and item.shape[1] != 1 for item in scores)
    if label is None:
        return None
    if len(label.words) == 2:
        return "probability" if scores or zipped else "label"
    if wide or classes:
        return "classes" if scores or zipped else "class"
    return "value" if scores and label.numbers else None


def _data(asked: Asked, label: Column | None, kind: Kind | None) -> Iterator[str]:
    yield "data:"
    yield f"  path: {_word(asked.data_path)}"
    yield f"  format: {asked.data_format}"
    if asked.more_labels:
        listed = ", ".join(_word(name) for name in (asked.label, *asked.more_labels))
        yield f"  label: [{listed}]   # decide: are all there, in the order of the model's scores?"
    else:
        yield _entry("  label", label.name if label else None, "the column with the true outcome; say it with --label")
    if kind in (None, *BINARY, *LABELS):
        yield from _two_classes(label)
    if asked.query:
        yield f"  query: {_word(asked.query)}"
    if asked.forecast:
        yield from _forecast(asked.forecast)
    yield _entry("  split", asked.split, "validation, test, holdout or golden; each run on it is recorded")
    yield _entry("  population", None, "whom the rows stand for, in words")
    yield _entry("  as_of", None, "the day that the data stand for, such as 2026-01-31")
    yield "  # missing: exclude            # a row with a gap is left out and counted; else it is an error"
    yield "  # period: {column: …, by: month}   # when a row happened; gates ask for the metric in several periods"


def _forecast(columns: tuple[str, str, str]) -> Iterator[str]:
    yield "  forecast:"
    for name, column in zip(("series", "origin", "target"), columns, strict=True):
        yield f"    {name}: {_word(column)}"
    yield _line("    step", "", "day, week, month, quarter or year: what the horizon is counted in")
    yield _line("    horizon", "", "how many steps the furthest forecast looks ahead")
    yield _line("    season", "", "how many steps make a season, such as 12 months; 1 where there is none")
    yield _line("    cases", "", "what is independent: series (of each other), or origin (stretches of time)")
    yield "    history: {path: , format: csv}   # decide: the series before the first origin, with the label"


def _two_classes(label: Column | None) -> Iterator[str]:
    words = label.words if label else ()
    place = _POSITIVE.get(tuple(word.lower() for word in words))
    known = f"one of {', '.join(_shown(word) for word in words)}" if words else "a value of the label column"
    typed = [_number(word) if label and label.numbers else _word(word) for word in words]
    positive, negative = (typed[place], typed[1 - place]) if place is not None else ("", "")
    yield _line("  positive", positive, f"the class that the model looks for: {known}")
    yield _line("  negative", negative, "the other")


def _features(inputs: Sequence[TensorInfo], offered: Sequence[Column]) -> Iterator[str]:
    yield "features:"
    if len(inputs) == 1 and inputs[0].dtype != "string" and not _one_value_a_row(inputs[0]):
        wanted = inputs[0].shape[1] if inputs[0].shape and len(inputs[0].shape) == 2 else None
        yield "  layout: tensor"
        yield f"  input: {_word(inputs[0].name)}"
        size = "any number of" if wanted is None else wanted
        yield f"  # The input takes {size} columns in the order of training; {len(offered)} are listed; keep the right"
        yield "  columns:"
        for column in offered:
            yield from _feature(column, mapped=True)
        return
    yield "  layout: columns"
    yield "  columns:"
    by_name = {column.name: column for column in offered}
    for item in inputs:
        known = by_name.get(item.name)
        if known is None:
            yield f"    - {{name: , input: {_word(item.name)}}}   # decide: the column that feeds this input"
        elif item.dtype == "string":
            yield f"    - {{name: {_word(item.name)}, text: true}}"
        else:
            yield from _feature(known, mapped=True)


def _one_value_a_row(info: TensorInfo) -> bool:
    return info.shape is not None and (len(info.shape) == 1 or info.shape[1:] == (1,))


def _feature(column: Column, *, mapped: bool) -> Iterator[str]:
    name = _word(column.name)
    if column.numbers:
        seen = f"{_number(str(column.low))} to {_number(str(column.high))}"
        yield f"    - {{name: {name}, range: {{low: , high: }}}}   # decide: the declared domain; in the data {seen}"
    elif mapped and column.words:
        pairs = ", ".join(f"{_word(word)}: " for word in column.words)
        yield f"    - {{name: {name}, values: {{{pairs}}}}}   # decide: the number of each word in training"
    else:
        yield f"    - {{name: {name}}}   # decide: more words than a draft lists; leave it out or give `values`"


def _arrays(look: Look) -> Iterator[str]:
    """Each input with the array that has its name, or its number of axes where one alone has."""
    yield "features:"
    yield "  layout: arrays"
    yield "  arrays:"
    for item in look.scan.inputs:
        alike = [array for array in look.arrays if item.shape and len(array.entry) + 1 == len(item.shape)]
        named = [array for array in look.arrays if array.name == item.name] or (alike if len(alike) == 1 else [])
        if not named:
            yield f"    - {{name: , input: {_word(item.name)}}}   # decide: the array that feeds this input"
            continue
        array = named[0]
        size = " x ".join(str(part) for part in array.entry)
        seen = "" if array.low is None or array.high is None else f", {array.low:g} to {array.high:g} in the data"
        yield f"    - name: {_word(array.name)}"
        yield f"      input: {_word(item.name)}"
        yield f"      range: {{low: , high: }}   # decide: the declared domain; {array.dtype}, {size} a row{seen}"
        yield "      # scale: 0.0039215686        # what each number is multiplied by before the model gets it"
        yield "      # mean: [0.485, 0.456, 0.406]   # and then, by channel: less the mean, divided by std"
        yield "      # std: [0.229, 0.224, 0.225]"


LOGITS = {"Gemm", "MatMul", "Add", "Linear", "Conv"}
"""Operators that end in logits where a score is meant: probabilities come out of a Softmax, a Sigmoid or a tree."""


def _output(look: Look, asked: Asked, label: Column | None, kind: Kind | None) -> Iterator[str]:
    outputs = look.scan.outputs
    scores = [item for item in outputs if item.dtype.startswith("float") or item.dtype == "sequence"]
    chosen = (scores or list(outputs))[:1]
    yield "output:"
    listed = ", ".join(_shown(item.name) for item in outputs)
    yield _entry("  name", chosen[0].name if chosen else None, f"the model gives {listed}")
    if kind is None:
        listed = "probability or label (two classes), classes or class (several), labels (any of several), value"
        yield _line("  kind", "", f"{listed}, ranking (--query)")
        return
    yield f"  kind: {kind}"
    if kind in SCORED and chosen and look.scan.makers.get(chosen[0].name) in LOGITS:
        link = "softmax" if kind == "classes" or _wide(chosen[0]) else "logistic"
        yield f"  link: {link}                 # the output looks like logits: what makes them probabilities"
    if kind in BINARY:
        yield from _binary(chosen[0], kind)
    elif kind in SEVERAL:
        yield from _several(outputs, asked, label)
    elif kind in LABELS:
        yield "  threshold: 0.5                # a label is given from here up; or thresholds: [0.5, …], one a label"
        if asked.protected:
            yield _line("  favourable", "", "the label that a person wants, or `not` and the one that nobody wants")
    elif kind in RANKING:
        yield _line("  cutoff", "", "how many of the first items count, such as 10")
        yield _line("  relevant", "", "the grade from which an item is relevant, such as 1")
        yield _line("  gain", "", "linear (a grade is worth itself) or exponential (2 to its power, less 1)")
        return
    else:
        yield "  # interval: {low: , high: , level: 0.9}   # where the model gives the ends of an interval around it"
        yield "  # favourable: higher           # where a person wants one: higher or lower"
    yield "  # abstain: {value: -1}         # where the model can refer a case to a person: what it then gives"


def _wide(output: TensorInfo) -> bool:
    return output.shape is not None and len(output.shape) == 2 and output.shape[1] != 1


def _binary(output: TensorInfo, kind: Kind) -> Iterator[str]:
    if output.dtype == "sequence":
        yield _line("  positive", "", "the class that is the positive one, as the model names it")
    elif kind == "probability":
        yield f"  index: {1 if _wide(output) else 0}                      # which column is the positive class"
    if kind == "probability":
        yield "  threshold: 0.5                # predicted positive from here up"
    else:
        yield "  # no score: roc_auc, log_loss, brier and calibration cannot be measured"
        yield _line("  positive", "", "the predicted class that is the positive one")
    yield _line("  favourable", "", "positive or negative: which of the two a person wants to get")


def _several(outputs: Sequence[TensorInfo], asked: Asked, label: Column | None) -> Iterator[str]:
    """The classes as the label column has them, and the model's own names where they must be others."""
    words = list(label.words) if label else []
    numbers = label is not None and label.numbers
    if numbers:
        words.sort(key=float)
    listed = ", ".join(_number(word) if numbers else _word(word) for word in words)
    yield f"  classes: [{listed}]   # decide: are all there, in the model's order?"
    named = [item for item in outputs if not item.dtype.startswith("float")]
    if any(item.dtype == "sequence" or (item.dtype != "string") != numbers for item in named):
        yield "  ids: []   # decide: what the model calls each class, in the same order, such as [0, 1, 2];"
        yield "  #           delete the line where it calls them as `classes` does"
    if asked.protected:
        yield _line("  favourable", "", "which of the classes a person wants to get")


def _robustness(kind: Kind | None) -> Iterator[str]:
    """The section of attacks; how far a value may move nobody can tell from a file."""
    more = ", tolerance: 5" if kind in NUMBER else ""
    yield f"# robustness: {{budgets: {{noise: 0.02, fgsm: 0.02, search: 0.02}}{more}}}   # attacks; needs every `range`"
    if more:
        yield f"#   tolerance: how far an answer may move under attack, in the unit of the {_unit(kind)}"


def _unit(kind: Kind | None) -> str:
    return "score" if kind in RANKING else "target"


def _beside(kind: Kind | None) -> Iterator[str]:
    """The tests beside the pass over the data, for models of the kind."""
    yield "# baselines: {}                  # better than guessing? with incumbent: {path: …}: than what runs today?"
    if kind is None or kind in SCORED:
        yield "# recalibration: {}              # calibration slope and intercept, over all and by protected group"
    yield "# out_of_time: {training_window: {start: …, end: …}}   # tested later than trained; needs `data.period`"
    if kind is None or kind in SCORED | VALUE:
        yield "# uncertainty: {}                # prediction sets by protected group; what the surest answers get wrong"


def _individual(kind: Kind | None) -> Iterator[str]:
    more = "tolerance: 5, " if kind in VALUE else ""
    yield f"# individual: {{{more}proxies: []}}   # decisions when a protected input or a proxy of it is another"


def _protected(asked: Asked, offered: Sequence[Column], kind: Kind | None) -> Iterator[str]:
    if not asked.protected:
        few = [column.name for column in offered if 2 <= len(column.words) <= 20 and not column.numbers]
        yield "# protected_attributes: {attributes: [sex]}   # decide: whom fairness is audited for (--protected)"
        if few:
            yield f"#   columns with few words: {', '.join(_shown(name) for name in few[:20])}"
        return
    yield "protected_attributes:"
    yield f"  attributes: [{', '.join(_word(name) for name in asked.protected)}]"
    measures = "parity_difference, odds_difference, impact_ratio"
    if kind in NUMBER:
        known = (name for name, row in MEASURES.items() if row.family == "fairness" and kind in row.kinds)
        measures = ", ".join(known)
    yield _line("binding_measures", "", f"a list of {measures}: what binds here")


def _artifact(look: Look, inputs: Sequence[str]) -> Iterator[str]:
    yield "artifact:                       # becomes the artifact-manifest: what no file says of the model"
    yield _line("  pinned_dependencies", "", "true or false")
    yield "  inputs:"
    for name in inputs:
        yield f"    {_word(name)}: {{classification: }}   # decide: public, internal, confidential, …"
    yield "  outputs:"
    for item in look.scan.outputs:
        yield f"    {_word(item.name)}: {{classification: }}"
    yield '  feature_schema_version: "1"'
    yield _line("  licence", "", "of the model, by SPDX id")
    yield _line("  data_use_limits", "", "a list; [] where there is none")
    for name in ("encrypted_at_rest", "encrypted_in_transit"):
        yield _line(f"  {name}", "", "true or false")
    yield _line("  key_management", "", "customer-managed, provider-managed or none")
    yield _line("  weights_sensitive", "", "true or false")


_PRIMARY: dict[Kind | None, str] = {
    "probability": "roc_auc",
    "label": "balanced_accuracy",
    "classes": "f1_macro",
    "class": "f1_macro",
    "labels": "f1_macro",
    "value": "mae",
    "ranking": "ndcg",
}


def _promises(asked: Asked, kind: Kind | None) -> Iterator[str]:
    metric = _PRIMARY.get(kind)
    yield "plan:                           # committed and signed before the test: quaestor validate PLAN --commit"
    yield _line("  committed_at", "", "when, such as 2026-01-31T09:00:00Z")
    if metric is None:
        yield _line("  primary_metric", "", "what the model is judged by")
        yield "  required_tests: []"
        yield "  thresholds: {}"
    else:
        row = MEASURES[metric]
        yield f"  primary_metric: {metric}"
        yield f"  required_tests: [{metric}]"
        yield "  thresholds:"
        unit = "" if row.unit == "share" else f"; {row.unit}"
        yield (
            f'    {metric}: {{op: "{row.side}", value: , confidence: 0.95}}'
            f"   # decide: the interval's worse end must reach it{unit}"
        )
    yield f"  protected_attributes: [{', '.join(_word(name) for name in asked.protected)}]"
    yield "  threat_models: []             # such as {id: fgsm, limit: 0.15}, with `robustness` above"


def _entry(name: str, value: str | None, says: str) -> str:
    return _line(name, _word(value), says)


def _line(name: str, value: str, says: str) -> str:
    """A field; one that is blank says what to decide."""
    return f"{name}: {value}".rstrip() if value else f"{name}:   # decide: {says}"


def _word(text: str | None) -> str:
    """Text as a YAML value that is read as this very text."""
    if text is None:
        return ""
    plain = _PLAIN.fullmatch(text) and text.lower() not in ("null", "true", "false")
    return text if plain else json.dumps(text, ensure_ascii=not text.isprintable())


def _number(text: str) -> str:
    """A number as short as it can be: a whole one without a point."""
    value = float(text)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _shown(text: str) -> str:
    """A word in a comment: one line, no longer than a line bears."""
    return f"`{json.dumps(text[:60])[1:-1]}`"
