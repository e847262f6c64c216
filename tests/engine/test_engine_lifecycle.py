"""The real engine on a project of a few lines."""

from __future__ import annotations

import json

import pytest

from lakeplane.errors import EngineError, StateDamagedError

from .conftest import STACK, Tiny

pytestmark = pytest.mark.engine


def test_engine_creates_then_changes_nothing_then_destroys(tiny: Tiny) -> None:
    engine = tiny.engine()
    said: list[str] = []
    assert engine.preview(STACK).changes == {"create": 2}
    first = engine.up(STACK, said.append)
    assert first.changes == {"create": 2}
    assert first.resources == 2
    assert engine.outputs(STACK) == {"answer": 42}, "secret outputs are left out"
    assert any("one" in line for line in said)
    assert not any("never-shown" in line for line in said)
    assert "never-shown" not in tiny.state.read_text()

    again = tiny.engine()
    assert again.up(STACK).changes == {"same": 2}
    assert again.outputs(STACK) == {"answer": 42}

    last = tiny.engine()
    assert last.destroy(STACK).changes == {"delete": 2}
    last.remove(STACK)
    assert not tiny.state.exists()
    assert last.export(STACK)["deployment"] == {}
    assert last.destroy(STACK).changes == {}, "a stack that is gone has nothing to delete"


def test_engine_tells_a_programs_error_without_its_traceback(tiny: Tiny) -> None:
    tiny.write_program("def reckon():\n    raise ValueError('the sky is not blue')\n\n\nreckon()\n")
    with pytest.raises(EngineError) as failure:
        tiny.engine().up(STACK)
    (finding,) = failure.value.findings
    assert finding.code == "ENG005"
    assert "the sky is not blue" in finding.detail
    assert "Traceback" not in str(failure.value)
    assert "__main__.py" not in str(failure.value)


@pytest.mark.parametrize(
    "damage",
    [
        b'{"version": 3, "checkpoint": {"latest',
        *(pytest.param(each, marks=pytest.mark.slow) for each in (b"", b"\0" * 512)),
    ],
)
def test_engine_names_a_damaged_state(tiny: Tiny, damage: bytes) -> None:
    tiny.engine().up(STACK)
    tiny.state.write_bytes(damage)
    with pytest.raises(StateDamagedError) as failure:
        tiny.engine().up(STACK)
    assert failure.value.findings[0].code == "ENG002"
    assert tiny.state.read_bytes() == damage, "what is damaged is left as it is, for repair"


def test_an_export_is_what_the_engines_own_command_writes(tiny: Tiny) -> None:
    engine = tiny.engine()
    assert engine.export(STACK) == {"version": 3, "deployment": {}}, "a stack that never was"
    engine.up(STACK)
    # As the command writes it: what is secret stays encrypted.
    written = json.loads(engine._open(STACK)._run_pulumi_cmd_sync(["stack", "export"]).stdout)
    assert engine.export(STACK) == written
    assert len(written["deployment"]["resources"]) == 2
    assert "never-shown" not in str(engine.export(STACK))
    tiny.state.write_text('{"version": 3}')
    with pytest.raises(EngineError):
        engine.export(STACK)
