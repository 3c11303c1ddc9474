"""A process of ours ends with us, also where we are killed and cannot end it.

A shell holds the reading end of a pipe whose other end only this process has. It is told the process; where the pipe
ends while the shell is there, nobody is left here to end that process, and the shell does. Linux and macOS
have no other way in common: a signal at a parent's death is Linux's alone, and asks for code between fork and exec.
"""

import contextlib
import os
import subprocess

_SHELL = "/bin/sh"
_WATCH = 'read -r process || exit 0; read -r _ || kill -9 "$process"'


class Watcher:
    """Ends one process when this one is gone. Start it before that process, so that little time is left unwatched.

    Raises OSError where there is no shell.
    """

    def __init__(self) -> None:
        reading, self._writing = os.pipe()  # no child inherits either
        try:
            # In a session of its own, so that what stops all of a terminal's processes stops the watcher not first.
            self._shell = subprocess.Popen(
                [_SHELL, "-c", _WATCH],
                stdin=reading,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"PATH": os.defpath},
                start_new_session=True,
            )
        except BaseException:
            os.close(self._writing)
            raise
        finally:
            os.close(reading)

    def watch(self, process: int) -> None:
        """Have the process of this id ended when this one is gone."""
        self._tell(f"{process}\n")

    def close(self) -> None:
        """Let the process live or die by itself. To call before it is waited for: its id is another's afterwards."""
        self._shell.kill()  # before the pipe ends, and whether somebody stopped it or not
        self._shell.wait()
        os.close(self._writing)

    def _tell(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # somebody ended the shell
            os.write(self._writing, line.encode())
