"""What a visitor takes home, and what comes back: runs to files, files to runs.

Everything here is bytes and plain data; who saves and opens them is not its concern.
"""
