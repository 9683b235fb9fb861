"""What PyScript runs in the worker; all else is in the package."""

from polyscript import xworker  # under this very name, which PyScript looks up

from fishformer.browser.main import start

start(xworker)
