"""The command in this process, which is quicker."""

import subprocess

import pytest

from fishformer.__main__ import main


@pytest.fixture
def here(tmp_path, monkeypatch, capsys):
    """Run a command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run_here(*arguments):
        try:
            status = main(list(arguments))
        except SystemExit as error:
            status = error.code
        said = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, status, said.out, said.err)

    return run_here
