"""One frozen model an evidence type; `PREDICATES` is the register of them."""

from evidence.model.predicates import (
    artifact,
    data,
    documents,
    governance,
    inventory,
    log,
    operation,
    retention,
    training,
    validation,
)
from evidence.model.predicates.base import Predicate

_MODULES = (
    artifact, data, documents, governance, inventory, log, operation, retention, training, validation,
)  # fmt: skip
PREDICATES: dict[str, type[Predicate]] = {
    model.TYPE: model
    for module in _MODULES
    for model in vars(module).values()
    if isinstance(model, type) and issubclass(model, Predicate) and model is not Predicate
}
"""Every evidence type by name."""
