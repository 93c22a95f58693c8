"""The command line of a generated package."""


def run(package: str) -> int:
    return 0
