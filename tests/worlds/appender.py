"""A writer in a process of its own, for the tests that kill it, starve it of disk, or run several.

    python -m tests.worlds.appender <url> <blobs> <key.pem> <first> <count> <batch> [bytes of file size limit]

It appends records `first` up to `first + count`, `batch` at a time, and after each acknowledgement prints `ok <index>
<id>` for each record. An error ends it: `error <problem>`, exit code 2.
"""

import resource
import sys
from pathlib import Path

from evidence.model.errors import QuaestorError
from evidence.store.entry import NewStatement
from evidence.store.records import RecordStore
from evidence.trust.keys import SigningKey
from tests.worlds.stores import NOON, Bench


def main(url: str, blobs: str, key_file: str, first: str, count: str, batch: str, limit: str = "") -> int:
    key = SigningKey.load(Path(key_file))
    with RecordStore.open(url, Path(blobs)) as store:
        bench = Bench(url, Path(blobs), key, store)
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
        print("ready", flush=True)
        try:
            for start in range(int(first), int(first) + int(count), int(batch)):
                new = [
                    NewStatement(key.sign(bench.record(number).payload), "record", "imported", "ada", NOON)
                    for number in range(start, start + int(batch))
                ]
                for receipt in store.append_many(new, signer=key):
                    print("ok", receipt.index, receipt.id, flush=True)
        except QuaestorError as cause:
            print("error", cause.problem, flush=True)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
