"""Where an element stands in its file, for findings: XPaths, in time that grows no faster than the file."""

from __future__ import annotations

from collections import Counter

from lxml import etree

from workflows.engine.xml import local_name


class Paths:
    """Writes paths such as ``/bpmn:definitions/bpmn:process/bpmn:userTask[2]``; siblings are counted once."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self._steps: dict[etree._Element, dict[etree._Element, str]] = {}
        self._known: dict[etree._Element, str] = {root: f"/{_name(root)}"}

    def of(self, element: etree._Element) -> str:
        """Write the path of one element."""
        above: list[etree._Element] = []
        here = element
        while here not in self._known:
            above.append(here)
            parent = here.getparent()
            if parent is None:
                return ""
            here = parent
        for each in reversed(above):
            parent = each.getparent()
            assert parent is not None  # noqa: S101 - it was walked above
            self._known[each] = f"{self._known[parent]}/{self._step(parent, each)}"
        return self._known[element]

    def _step(self, parent: etree._Element, child: etree._Element) -> str:
        steps = self._steps.get(parent)
        if steps is None:
            steps = self._steps[parent] = _numbered(parent)
        return steps[child]


def _numbered(parent: etree._Element) -> dict[etree._Element, str]:
    total = Counter(str(child.tag) for child in parent)
    seen: Counter[str] = Counter()
    steps = {}
    for child in parent:
        seen[str(child.tag)] += 1
        number = f"[{seen[str(child.tag)]}]" if total[str(child.tag)] > 1 else ""
        steps[child] = _name(child) + number
    return steps


def _name(element: etree._Element) -> str:
    return f"{element.prefix}:{local_name(element)}" if element.prefix else local_name(element)
