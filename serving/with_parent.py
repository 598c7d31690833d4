"""Run a Flask command that ends with the process that started it: `python -m serving.with_parent PID --app app jobs
run`.
"""

import os
import signal
import sys
import threading
import time

from flask.cli import main


def end_with(parent: int) -> None:
    """End this process, in good order, soon after its parent is gone, however that ended."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    end_with(int(sys.argv[1]))
    sys.argv = ["flask", *sys.argv[2:]]
    main()
