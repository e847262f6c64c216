"""A render has no engine that could call back: the hooks must cost nothing there and change nothing."""

from __future__ import annotations

import pulumi
import pytest

from lakeplane.render import render
from lakeplane.waiting.hooks import retry_transient_errors


def _register() -> None:
    thing = pulumi.CustomResource("random:index:Thing", "one", {"length": 3})
    pulumi.CustomResource("random:index:Thing", "two", {}, pulumi.ResourceOptions(parent=thing))


def _register_with_hooks() -> None:
    retry_transient_errors()
    _register()


def test_a_render_ignores_error_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("a hook opens a socket for the engine to call back")

    monkeypatch.setattr(pulumi, "ErrorHook", refuse)
    with_hooks = render(_register_with_hooks, project="p", stack="s")
    assert with_hooks == render(_register, project="p", stack="s")
    assert len(with_hooks.resources) == 3
