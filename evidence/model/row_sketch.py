"""Whether two tables hold mostly the same rows, told from a few keys of each: no row is kept, no table read again.

A sketch is the `SIZE` least of the different keys of a table's rows. Of two sketches, the least `SIZE` of all their
keys are a random sample of the rows that stand in either table, and the share of these that stands in both estimates
the resemblance; the largest kept key tells how many different rows a table has. With 128 keys the standard error of a
resemblance is 0.044 at most.
Sources: A. Broder, On the resemblance and containment of documents (1997); Z. Bar-Yossef et al., Counting distinct
elements in a data stream (2002).
"""

from collections.abc import Sequence

SIZE = 128
SAME = 0.8
"""From this share of the smaller table on, two tables are one."""
_KEYS = 2.0**64


def same_rows(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether most of the smaller of two tables stands in the other too; `one` and `other` are the keys of sketches."""
    if not one or not other:
        return False
    either = sorted({*one, *other})[:SIZE]
    both = len({*one} & {*other} & {*either})
    shared = _rows(either) * both / len(either)
    return shared >= SAME * min(_rows(one), _rows(other))


def _rows(keys: Sequence[int]) -> float:
    """How many different rows a table has, by the keys of its sketch; exact where it has fewer than `SIZE`."""
    return float(len(keys)) if len(keys) < SIZE else (SIZE - 1) * _KEYS / max(keys)
