"""What PyScript runs in the worker; all else is in the package."""

from js import fishRest
from polyscript import xworker  # under this very name, which PyScript looks up

from fishformer.browser.library import complete
from fishformer.browser.main import start

complete(lambda: fishRest().to_bytes())
start(xworker)
