"""The command `isales-rules`."""
