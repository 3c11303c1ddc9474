"""Runs the command of its arguments; prints a line of JSON (seconds, those of processors, most memory in bytes, exit
code), then its output.

Run as a script by `benchmarks.timing`, with nothing imported that it does not need, so that its own memory is small.
"""

import os
import sys
import tempfile
import time

if __name__ == "__main__":
    with tempfile.TemporaryFile() as output:
        begun = time.perf_counter()
        child = os.posix_spawn(
            sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, output.fileno(), 1)]
        )
        _, status, usage = os.wait4(child, 0)
        seconds = time.perf_counter() - begun
        memory = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        code = os.waitstatus_to_exitcode(status)
        processor = usage.ru_utime + usage.ru_stime
        head = f'"seconds": {seconds!r}, "processor": {processor!r}, "memory": {memory}, "code": {code}'
        sys.stdout.write(f"{{{head}}}\n")
        sys.stdout.flush()
        output.seek(0)
        sys.stdout.buffer.write(output.read())
