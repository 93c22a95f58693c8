"""Commands for the shell that work on the protocol: call an endpoint, read a push, send one."""
