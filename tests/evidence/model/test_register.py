"""The register of evidence types names every model that the folder defines, and no other."""

import importlib
import pkgutil
import subprocess
import sys

import evidence.model.predicates as folder
from evidence.model.predicates import PREDICATES
from evidence.model.predicates.base import Predicate


def test_every_model_is_registered_under_its_type() -> None:
    modules = [
        importlib.import_module(f"{folder.__name__}.{item.name}") for item in pkgutil.iter_modules(folder.__path__)
    ]
    defined = {
        model.TYPE: model
        for module in modules
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, Predicate) and model is not Predicate
    }
    assert dict(PREDICATES) == defined
    assert len(PREDICATES) == len(defined)


def test_asking_for_a_name_imports_nothing_and_for_a_model_its_module() -> None:
    code = (
        "import sys\nfrom evidence.model.predicates import PREDICATES\n"
        "assert 'approval' in PREDICATES and 'no-such-type' not in PREDICATES\n"
        "loaded = lambda: {name.rpartition('.')[2] for name in sys.modules if name.startswith('evidence.model.pred')}\n"
        "assert not loaded() & {'governance', 'training'}, loaded()\n"
        "PREDICATES['training-run']\n"
        "assert 'training' in loaded() and 'governance' not in loaded(), loaded()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
