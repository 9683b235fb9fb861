"""What PyScript runs in the worker; all else is in the package."""

from fishformer.browser.main import start

start()
