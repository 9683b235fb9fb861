"""What PyScript runs in the worker; all else is in the package."""

from js import fishRest, fishSoon
from polyscript import xworker  # under this very name, which PyScript looks up

from fishformer.browser.library import complete
from fishformer.browser.main import start

start(xworker, complete(lambda name: fishRest(name).to_bytes()), fishSoon)
