"""The sketch of a table's rows (`evidence.model.row_sketch`), kept while they stream by."""

import numpy as np

from evidence.model.row_sketch import SIZE
from evidence.validation.measures.copies import Keys


class Sketch:
    """The least keys of the rows so far: `keys` are rising, each once, `SIZE` at most."""

    def __init__(self) -> None:
        self.keys: Keys = np.zeros(0, dtype=np.uint64)

    def update(self, keys: Keys) -> None:
        """Offers the keys of a batch of rows (rows,)."""
        if len(self.keys) == SIZE:
            keys = keys[keys < self.keys[-1]]
        self.keys = np.unique(np.concatenate([self.keys, keys]))[:SIZE]
