"""Law in small pieces for tests: diagrams of one step, and the room to deploy them in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.city_scene import City, open_city
from tests.databases import Databases
from workflows.access import Actor, system_actor
from workflows.definitions import activate_definition, deploy_files
from workflows.engine.types import FileContent, Profile
from workflows.tables import Definition

LAW = Path(__file__).resolve().parents[2] / "bpmn"
SYSTEM = system_actor("test")
FORM = {"type": "default", "id": "f", "components": [{"type": "textfield", "key": "answer", "label": "答复"}]}
RULES = """
rules:
  - {key: five, title: 五个工作日, start: 环节开始, amount: 5, unit: 工作日, confidence: 编者补}
"""


def diagram(
    key: str = "small",
    *,
    task: str = 'zc:owner="post:经办@unit" zc:form="f" zc:deadline="five" zc:clause="编者补"',
    body: str = "",
    documentation: str = "一个环节",
) -> bytes:
    """A process with one task, after which it ends; ``body`` replaces the task and its flows."""
    inner = (
        body
        or f"""
        <userTask id="Do" name="办理" {task}/>
        <sequenceFlow id="f1" sourceRef="Start" targetRef="Do"/>
        <sequenceFlow id="f2" sourceRef="Do" targetRef="End"/>"""
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
    <definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zc="urn:zecheng:bpmn"
        xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d_{key}" targetNamespace="urn:test">
      <process id="{key}" name="小流程" isExecutable="true" zc:clause="编者补">
        <documentation>{documentation}</documentation>
        <startEvent id="Start"/>{inner}
        <endEvent id="End"/>
      </process>
    </definitions>""".encode()


def small(key: str = "small", **more: str) -> list[FileContent]:
    """The files of a process that is fit for duty."""
    return [
        FileContent(f"{key}.bpmn", diagram(key, **more)),
        FileContent("f.json", json.dumps(FORM).encode()),
        FileContent("rules.yaml", RULES.encode()),
    ]


def deploy(city: City, files: list[FileContent], *, actor: Actor = SYSTEM) -> list[Definition]:
    return [definition for definition, _ in city.run(deploy_files, files, actor=actor)]


def activate(
    city: City, definition: Definition, *, actor: Actor = SYSTEM, profile: Profile = Profile.DUTY
) -> Definition:
    return city.run(activate_definition, definition.key, definition.version, actor=actor, profile=profile)


@contextmanager
def standing_law(databases: Databases, folder: Path) -> Iterator[City]:
    """The city under the shipped law, for a whole file of tests that only read or are refused."""
    with open_city(databases, "sqlite", folder, under_law=True) as city:
        yield city
