"""Stub to be replaced."""


def read(body, topic):
    raise NotImplementedError
