"""The neutral model: what a BPMN file says, as frozen plain data, before anybody has judged it.

Nothing of lxml gets past it. Names are those of BPMN 2.0.2. Whatever the reader does not understand is kept
(``foreign``, ``parts``), so that a check can name it: nothing of a file is dropped without a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflows.engine.data import Item, Ports

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZC = "urn:zecheng:bpmn"
EXTERNAL = "external"  # the operation of service tasks that a worker outside does
VARIABLE = "zc:variable"  # the language of a text that is the name of a variable, whatever it looks like


@dataclass(frozen=True, slots=True)
class Foreign:
    """An attribute or an extension element of another namespace, at an element or one of its parts.

    ``place`` is the tag of the part that it stands at, empty at the element itself.
    """

    namespace: str
    name: str
    value: str
    is_attribute: bool
    place: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    inside: tuple[Foreign, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """What the translation of a dialect has to say about an element: the code of a finding and what fills it."""

    code: str
    names: tuple[str, ...]
    vendor: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """An expression as it stands in the file, with the language that it names (mostly none)."""

    body: str
    language: str = ""


Tree = Text | list["Tree"] | dict[str, "Tree"]


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """One trigger or result of an event. ``ref`` is the local id of the message, error, escalation or signal."""

    kind: str  # message timer error escalation terminate signal conditional link compensate cancel
    ref: str = ""
    timer_kind: str = ""  # timeDuration timeDate timeCycle deadline
    timer: Text | None = None
    timers: int = 0  # how many time children were given: more than one is illegal
    deadline: str = ""
    condition: Text | None = None
    name: str = ""  # of a link
    activity: str = ""  # what a compensation event names
    waits: bool = True  # whether a compensation event waits for what it sets going
    known: bool = True  # False: an eventDefinitionRef that points to nothing
    code_variable: str = ""  # takes the code of the error or escalation that is caught
    message_variable: str = ""  # takes the words that came with it
    cron: str = ""  # how a cron text counts weekdays: quartz or spring; empty when the file does not tell


# how the behavior of a multi-instance activity (Table 10.30) names when its events are thrown
BEHAVIORS = {"All": "", "None": "each", "One": "first", "Complex": "condition"}


@dataclass(frozen=True, slots=True)
class Told:
    """An event that a multi-instance activity throws: with ``each`` instance, the ``first``, or on a condition."""

    when: str
    event: EventDefinition
    condition: Text | None = None


@dataclass(frozen=True, slots=True)
class Loop:
    """Loop characteristics: ``standard`` or ``multi``."""

    kind: str
    sequential: bool = False
    cardinality: Text | None = None
    completion: Text | None = None
    collection: Text | None = None
    item: str = ""
    output: str = ""
    output_item: Text | None = None
    input_ref: str = ""  # loopDataInputRef and loopDataOutputRef, before they are resolved
    output_ref: str = ""
    own_item: str = ""  # the outputDataItem: a variable of each instance
    condition: Text | None = None  # of a standard loop
    test_before: bool = False
    maximum: str = ""
    behavior: str = "All"
    told: tuple[Told, ...] = ()  # of any behavior; ``thrown`` are those of the one that it has
    parts: tuple[str, ...] = ()  # standard children that we give no meaning: loopDataInputRef, inputDataItem ...
    attributes: Mapping[str, str] = field(default_factory=dict)
    first: int = 1  # what loopCounter begins with: dialects count from 0

    @property
    def thrown(self) -> tuple[Told, ...]:
        """List the events of its behavior."""
        wanted = BEHAVIORS.get(self.behavior, "")
        return tuple(told for told in self.told if told.when == wanted)


@dataclass(frozen=True, slots=True)
class Transfer:
    """A value that passes a border: ``zc:in``, ``zc:out``, ``zc:input``, or what a dialect says of the same.

    Exactly one of source and expression, except that ``*`` as target passes everything. ``local`` fills a variable
    of the activity itself before it begins, ``after`` hands one out when it completes, ``initial`` fills what is not
    there yet.
    """

    direction: str  # in out input local after
    target: str
    source: str = ""
    expression: Text | None = None
    tree: Tree | None = None  # a list or a map of texts, as dialects write them

    def texts(self) -> Iterator[Text]:
        """List the expressions."""
        if self.expression is not None:
            yield self.expression
        pending: list[Tree] = [self.tree] if self.tree is not None else []
        for each in pending:  # grows while we walk
            if isinstance(each, Text):
                yield each
            else:
                pending.extend(each.values() if isinstance(each, dict) else each)


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node. ``scope`` is the id of the sub-process around it, empty at the top of the process."""

    id: str
    tag: str
    name: str = ""
    scope: str = ""
    anchor: str = ""  # the id to name in a finding when the node has none
    path: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    zc: Mapping[str, str] = field(default_factory=dict)
    events: tuple[EventDefinition, ...] = ()
    loop: Loop | None = None
    transfers: tuple[Transfer, ...] = ()
    documentation: str = ""
    parts: tuple[str, ...] = ()  # local names of the standard children beside the ones read above
    properties: tuple[str, ...] = ()
    foreign: tuple[Foreign, ...] = ()
    own: tuple[tuple[str, str], ...] = ()  # our extensions at its parts: (loop | event | element, name)
    texts: Mapping[str, Text] = field(default_factory=dict)  # script, completionCondition, activationCondition
    data: Ports | None = None
    given: bool = True  # False: the file gives it no id, and one was made up
    people: Mapping[str, str] = field(default_factory=dict)  # who, when and with which form, as a dialect says it
    computed: Text | None = None  # a service task that only computes a value
    settings: Mapping[str, str] = field(default_factory=dict)  # what a dialect says of the run and zc: has no word for
    remarks: tuple[Remark, ...] = ()

    @property
    def child_unit(self) -> Text | None:
        """The expression of ``zc:unit``: the unit that the child cases of a call or an isolated body belong to."""
        text = self.zc.get("unit", "").strip()
        return Text(text) if text else None

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Read an xsd:boolean; what is no boolean counts as the default (a check reports it)."""
        text = self.attributes.get(name, "").strip()
        return text in ("true", "1") if text in ("true", "1", "false", "0") else default

    @property
    def may_begin(self) -> bool:
        """Tell whether a token may begin here when no flow leads to it (§13.2): some nodes wait for other things."""
        is_link = any(event.kind == "link" for event in self.events) and self.tag == "intermediateCatchEvent"
        beside = self.flag("triggeredByEvent") or self.flag("isForCompensation")
        return not (is_link or beside or self.tag == "boundaryEvent")


@dataclass(frozen=True, slots=True)
class Arrow:
    """A sequence flow. ``id`` is made up when ``given`` is False."""

    id: str
    source: str
    target: str
    given: bool = True
    name: str = ""
    scope: str = ""
    path: str = ""
    condition: Text | None = None
    clause: str = ""
    documentation: str = ""
    foreign: tuple[Foreign, ...] = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Sketch:
    """One process of a file."""

    id: str
    anchor: str
    file: str
    name: str = ""
    path: str = ""
    executable: str = ""  # "" absent, "true", "false", or what stands there
    nodes: tuple[Node, ...] = ()
    arrows: tuple[Arrow, ...] = ()
    initial: tuple[tuple[str, str, str], ...] = ()  # (variable, text, type) that data objects of a dialect begin with
    items: Mapping[str, Item] = field(default_factory=dict)  # data objects, properties, stores by id
    associations: tuple[tuple[str, str], ...] = ()  # (source, target)
    lanes: Mapping[str, str] = field(default_factory=dict)  # node id -> name of the innermost lane
    attributes: Mapping[str, str] = field(default_factory=dict)
    zc: Mapping[str, str] = field(default_factory=dict)
    documentation: str = ""
    parts: tuple[tuple[str, str], ...] = ()  # (local name, id) of children that are neither nodes nor decoration
    properties: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()  # names of the data inputs of the process
    given: bool = True  # False: the file gives it no id, and one was made up
    line: int = 0
    foreign: tuple[Foreign, ...] = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Root:
    """A root element that events refer to: message, error, escalation, signal."""

    tag: str
    id: str
    name: str = ""
    code: str = ""
    path: str = ""
    foreign: tuple[Foreign, ...] = ()
    remarks: tuple[Remark, ...] = ()
    correlation: Text | None = None  # of a message: what tells the waiting cases apart, as a dialect says it


@dataclass(frozen=True, slots=True)
class Correlations:
    """The keys of a file (§8.4.2): what they read from messages, and what the cases of a process compare that with."""

    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # key id -> ids of its properties
    retrievals: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)  # property -> message -> expression
    bindings: Mapping[str, Mapping[str, Mapping[str, Text]]] = field(default_factory=dict)  # process -> key -> property


@dataclass(frozen=True, slots=True)
class MessageFlow:
    """A message flow of a collaboration: from a node or a pool to another (§9.4)."""

    id: str
    source: str
    target: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One file."""

    file: str
    id: str = ""
    sketches: tuple[Sketch, ...] = ()
    roots: Mapping[str, Root] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)  # id -> tag of every other root element
    duplicates: tuple[tuple[str, str], ...] = ()  # (id, tag of the second element that has it)
    namespaces: tuple[str, ...] = ()
    message_flows: tuple[MessageFlow, ...] = ()
    tasks: Mapping[str, Node] = field(default_factory=dict)  # the global tasks
    correlations: Correlations = field(default_factory=Correlations)
    shared: tuple[tuple[str, str], ...] = ()  # (id, tag) of ids that two processes of the file have
