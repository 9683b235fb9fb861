"""The command as a person runs it: a process of its own."""

import os
import subprocess
import sys

QUICK = ["--d_model", "8", "--heads", "2", "--d_ff", "8", "--batch", "8"]


def process_of(*arguments, cwd):
    """The command, under way: both of its streams are piped."""
    return subprocess.Popen(
        [sys.executable, "-m", "fishformer", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def run(*arguments, cwd):
    """The command, when it has ended."""
    with process_of(*arguments, cwd=cwd) as process:
        try:
            said = process.communicate(timeout=120)
        finally:
            process.kill()
    return subprocess.CompletedProcess(arguments, process.returncode, *said)
