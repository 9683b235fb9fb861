"""The only part that knows it runs in a browser: messages, painter, pacing."""
