"""Files that mean harm, by name. ``python -m tests.engine.hostile_inputs`` reads and runs each within one process.

Prints a line of JSON for each: what became of it, and what it cost in processor time and memory.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from workflows.engine import Compilation, compile_files
from workflows.engine.conform import run_case
from workflows.engine.types import FileContent

_BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
MEMORY = 300 * 1024 * 1024
SECONDS = 5.0
NOW = datetime(2026, 1, 5, tzinfo=UTC)


def _file(body: str, roots: str = "") -> bytes:
    process = f'<process id="P" isExecutable="true">{body}</process>'
    return f'<definitions xmlns="{_BPMN}" id="D" targetNamespace="urn:x">{roots}{process}</definitions>'.encode()


def _line(*nodes: tuple[str, str, str]) -> str:
    """Draw (tag, id, inner) one after the other."""
    drawn = "".join(f'<{tag} id="{key}">{inner}</{tag}>' for tag, key, inner in nodes)
    pairs = zip(nodes, nodes[1:], strict=False)  # noqa: RUF007
    return drawn + "".join(
        f'<sequenceFlow id="f{n}" sourceRef="{a[1]}" targetRef="{b[1]}"/>' for n, (a, b) in enumerate(pairs)
    )


def _around(tag: str, inner: str) -> bytes:
    return _file(_line(("startEvent", "s", ""), (tag, "A", inner), ("endEvent", "e", "")))


def _chain(tag: str, length: int) -> bytes:
    middle = [(tag, f"n{number}", "") for number in range(length)]
    return _file(_line(("startEvent", "s", ""), *middle, ("endEvent", "e", "")))


def _timer(kind: str, text: str) -> bytes:
    return _around("intermediateCatchEvent", f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>")


def _condition(text: str) -> bytes:
    drawn = _line(("startEvent", "s", ""), ("exclusiveGateway", "g", ""), ("task", "A", ""))
    return _file(
        drawn.replace(
            '<sequenceFlow id="f1" sourceRef="g" targetRef="A"/>',
            '<sequenceFlow id="f1" sourceRef="g" targetRef="A"><conditionExpression><![CDATA['
            f"{text}]]></conditionExpression></sequenceFlow>",
        )
        + '<endEvent id="e"/><sequenceFlow id="f9" sourceRef="g" targetRef="e"/>'
    )


def _nested(depth: int) -> bytes:
    opening = "".join(f'<subProcess id="sp{number}"><startEvent id="is{number}"/>' for number in range(depth))
    return _file(opening + "</subProcess>" * depth)


def _instances(count: str) -> str:
    return f"<multiInstanceLoopCharacteristics><loopCardinality>{count}</loopCardinality></multiInstanceLoopCharacteristics>"  # noqa: E501


def _script(text: str) -> bytes:
    body = _line(
        ("startEvent", "s", ""), ("scriptTask", "A", f"<script><![CDATA[{text}]]></script>"), ("endEvent", "e", "")
    )
    return _file(body)


def _ladder(rungs: int) -> bytes:
    """Draw forks into forks: twice as many tokens with each."""
    nodes = '<startEvent id="s"/>' + "".join(f'<parallelGateway id="g{n}"/>' for n in range(rungs)) + '<task id="z"/>'
    names = ["s", *(f"g{n}" for n in range(rungs)), "z"]
    flows = "".join(
        f'<sequenceFlow id="a{n}" sourceRef="{a}" targetRef="{b}"/><sequenceFlow id="b{n}" sourceRef="{a}" targetRef="{b}"/>'  # noqa: E501
        for n, (a, b) in enumerate(zip(names, names[1:], strict=False))  # noqa: RUF007
    )
    return _file(nodes + flows)


def _extension(inner: str) -> bytes:
    camunda = 'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    return _around("serviceTask", f"<extensionElements {camunda}>{inner}</extensionElements>")


HOSTILE: dict[str, Callable[[], bytes]] = {
    "doctype": lambda: b'<!DOCTYPE d [<!ENTITY a "x">]><d>&a;</d>',
    "laughs": lambda: b'<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><d>&b;</d>',
    "100 MB": lambda: b"<a>" + b"x" * 100_000_000 + b"</a>",
    "9 MB of one text": lambda: _around("task", "<documentation>" + "x" * 9_000_000 + "</documentation>"),
    "9 MB of attributes": lambda: _file("<task id='A' " + " ".join(f'a{n}="{n}"' for n in range(600_000)) + "/>"),
    "9 MB of one attribute": lambda: _file(f'<task id="A" name="{"x" * 9_000_000}"/>'),
    "9 MB of one id": lambda: _file(f'<task id="{"x" * 9_000_000}"/>'),
    "many small elements": lambda: _file("<task/>" * 190_000),
    "many namespaces": lambda: _file("".join(f'<n:a xmlns:n="urn:{n}"/>' for n in range(100_000))),
    "one long namespace": lambda: _file(f'<n:a xmlns:n="urn:{"x" * 8_000_000}"/>'),
    "deep": lambda: b"<a>" * 200_000,
    "sub-processes within sub-processes": lambda: _nested(45),
    "9,000 tasks in a row": lambda: _chain("task", 4_900),
    "9,000 gateways in a row": lambda: _chain("exclusiveGateway", 4_900),
    "parallel gateways in a row": lambda: _chain("parallelGateway", 2_000),
    "inclusive gateways in a row": lambda: _chain("inclusiveGateway", 2_000),
    "forks into forks": lambda: _ladder(60),
    "a hundred million instances": lambda: _around("task", _instances("100000000")),
    "computed instances": lambda: _around("task", _instances("10 ** 9")),
    "a collection that is computed": lambda: _around("task", _instances("count(for x in 1..100000000 return x)")),
    "instances within instances": lambda: _file(
        '<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="a"/><subProcess id="a">'
        f'{_instances("400")}<subProcess id="b">{_instances("400")}<subProcess id="c">{_instances("400")}<task id="t"/>'
        "</subProcess></subProcess></subProcess>"
    ),
    "a process that calls itself": lambda: _file(
        '<startEvent id="s"/><callActivity id="A" calledElement="P"/><sequenceFlow id="f" sourceRef="s" targetRef="A"/>'
    ),
    "a loop without end": lambda: _file(
        '<startEvent id="s"/><exclusiveGateway id="g"/><serviceTask id="A"/><sequenceFlow id="f" sourceRef="s" targetRef="g"/>'  # noqa: E501
        '<sequenceFlow id="h" sourceRef="g" targetRef="A"/><sequenceFlow id="i" sourceRef="A" targetRef="g"/>'
    ),
    "a fork that feeds itself": lambda: _file(
        '<startEvent id="s"/><parallelGateway id="g"/><exclusiveGateway id="x"/>'
        '<sequenceFlow id="f" sourceRef="s" targetRef="x"/><sequenceFlow id="h" sourceRef="x" targetRef="g"/>'
        '<sequenceFlow id="i" sourceRef="g" targetRef="x"/><sequenceFlow id="j" sourceRef="g" targetRef="x"/>'
    ),
    "a standard loop without end": lambda: _around(
        "serviceTask",
        "<standardLoopCharacteristics><loopCondition>true</loopCondition></standardLoopCharacteristics>",
    ),
    "P999999999Y": lambda: _timer("timeDuration", "P999999999Y"),
    "R999999999/PT0S": lambda: _timer("timeCycle", "R999999999/PT0S"),
    "a duration of digits": lambda: _timer("timeDuration", "P" + "9" * 100_000 + "D"),
    "a cycle since the year 1": lambda: _timer("timeCycle", "R/0001-01-01T00:00:00Z/P1M"),
    "a cycle of microseconds since the year 1": lambda: _timer("timeCycle", "R/0001-01-01T00:00:00Z/PT0.000001S"),
    "a mixed cycle since the year 1": lambda: _timer("timeCycle", "R/0001-01-01T00:00:00Z/P1MT1S"),
    "cron of a day that never comes": lambda: _timer("timeCycle", "0 0 0 31 2 ?"),
    "cron every second": lambda: _timer("timeCycle", "* * * * * *"),
    "cron of commas": lambda: _timer("timeCycle", ",".join(["1-59"] * 20_000) + " * * * *"),
    "a power of a power": lambda: _condition("9 ** 9 ** 9 > 1"),
    "a power in JUEL": lambda: _condition("${" + "9" * 4_000 + " > 1}"),
    "a pattern that backtracks": lambda: _condition('matches("' + "a" * 3_000 + '!", "(a+)+$")'),
    "a list that doubles": lambda: _condition("count(" + "concatenate(" * 300 + "[1]" + ", [1])" * 300 + ") > 1"),
    "a range": lambda: _condition("count(for x in 1..1000000000 return x) > 1"),
    "loops in loops": lambda: _condition("some a in 1..9999, b in 1..9999, c in 1..9999 satisfies a + b + c = 0"),
    "brackets": lambda: _condition("(" * 2_000 + "1" + ")" * 2_000 + " = 1"),
    "minus signs": lambda: _condition("-" * 4_000 + "1 < 0"),
    "a text that doubles": lambda: _script("x = 'a'\n" + "x = x + x\n" * 64),
    "a list in a script that doubles": lambda: _script("x = [1]\n" + "x = concatenate(x, x)\n" * 64),
    "a number that grows": lambda: _script("x = 10\n" + "x = x * x\n" * 64),
    "a script of 100,000 lines": lambda: _script("x = 1\n" * 100_000),
    "the same id again and again": lambda: _file('<task id="A"/>' * 4_000),
    "truncated": lambda: _chain("task", 100)[:-300],
    "binary": lambda: bytes(range(256)) * 4_000,
    "zeros": lambda: b"\0" * 1_000_000,
    "the wrong encoding": lambda: _chain("task", 3).decode().encode("utf-16")[:-1],
    "an encoding that lies": lambda: b'<?xml version="1.0" encoding="UTF-16"?>' + _chain("task", 3),
    "UTF-7": lambda: b'<?xml version="1.0" encoding="UTF-7"?>' + _chain("task", 3),
    "surrogates": lambda: b"<a>&#xD800;&#xDFFF;</a>",
    "instructions": lambda: b"<?x " + b"y" * 1_000_000 + b"?>" + _chain("task", 3),
    "comments": lambda: b"<!--" + b"-x" * 1_000_000 + b"-->" + _chain("task", 3),
    "blanks before the root": lambda: b" \n" * 2_000_000 + _chain("task", 3),
    "CDATA of brackets": lambda: _around("task", "<documentation><![CDATA[" + "]" * 1_000_000 + "]]></documentation>"),
    "extensions deep inside": lambda: _extension("<camunda:map>" * 40 + "</camunda:map>" * 40),
    "a wide map": lambda: _extension(
        '<camunda:inputOutput><camunda:inputParameter name="m"><camunda:map>'
        + "".join(f'<camunda:entry key="k{n}">${{n}}</camunda:entry>' for n in range(5_000))
        + "</camunda:map></camunda:inputParameter></camunda:inputOutput>"
    ),
    "a hundred thousand listeners": lambda: _extension('<camunda:executionListener event="start" class="x"/>' * 10_000),
    "a setVariable that backtracks": lambda: _extension("").replace(
        b'<serviceTask id="A">',
        b'<serviceTask xmlns:c="http://camunda.org/schema/1.0/bpmn" id="A" c:expression="${execution.setVariable('
        b"'x', " + b" " * 50_000 + b'">',
    ),
    "a star of flows": lambda: _file(
        '<startEvent id="s"/><parallelGateway id="g"/><parallelGateway id="j"/><sequenceFlow id="f" sourceRef="s" targetRef="g"/>'  # noqa: E501
        + "".join(f'<sequenceFlow id="f{n}" sourceRef="g" targetRef="j"/>' for n in range(3_000))
    ),
    "everything to everything": lambda: _file(
        '<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="g0"/>'
        + "".join(f'<inclusiveGateway id="g{n}"/>' for n in range(50))
        + "".join(
            f'<sequenceFlow id="f{a}_{b}" sourceRef="g{a}" targetRef="g{b}"><conditionExpression>true</conditionExpression>'  # noqa: E501
            "</sequenceFlow>"
            for a in range(50)
            for b in range(50)
        )
    ),
    "boundary events on one task": lambda: _file(
        '<startEvent id="s"/><userTask id="A"/><sequenceFlow id="f" sourceRef="s" targetRef="A"/><endEvent id="e"/>'
        + "".join(
            f'<boundaryEvent id="b{n}" attachedToRef="A" cancelActivity="false"><timerEventDefinition><timeCycle>R/PT1S'
            f'</timeCycle></timerEventDefinition></boundaryEvent><sequenceFlow id="g{n}" sourceRef="b{n}" targetRef="e"/>'  # noqa: E501
            for n in range(500)
        )
    ),
    "a message that starts its sender": lambda: _file(
        '<startEvent id="s"><messageEventDefinition messageRef="M"/></startEvent><intermediateThrowEvent id="t">'
        '<messageEventDefinition messageRef="M"/></intermediateThrowEvent><sequenceFlow id="f" sourceRef="s" targetRef="t"/>',  # noqa: E501
        '<message id="M" name="m"/>',
    ),
    "names of a million letters": lambda: _condition("x" * 4_000 + " > 1"),
    "two thousand processes": lambda: _file("").replace(
        b"</definitions>",
        b"".join(b'<process id="p%d"><startEvent id="s%d"/></process>' % (n, n) for n in range(3_000))
        + b"</definitions>",
    ),
}


def outcomes() -> Iterator[dict[str, object]]:
    """Read and run every file, and tell what became of it."""
    for name, make in HOSTILE.items():
        content = make()
        before = time.process_time()
        compilation: Compilation = compile_files([FileContent("x.bpmn", content)])
        read = time.process_time() - before
        verdict = "refused"
        if compilation.is_accepted:
            case = {"id": name, "diagram": "x", "process": "P", "ends": None, "actions": [["msg", "m"], ["wait", 60]]}
            verdict = run_case(case, lambda _path, content=content: content).why[:200] or "ran"  # type: ignore[misc]
        yield {
            "name": name,
            "codes": sorted({finding.code for finding in compilation.errors}),
            "verdict": verdict,
            "read": round(read, 2),
            "seconds": round(time.process_time() - before, 2),
            "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }


if __name__ == "__main__":
    for outcome in outcomes():
        sys.stdout.write(json.dumps(outcome, ensure_ascii=False) + "\n")
        sys.stdout.flush()
