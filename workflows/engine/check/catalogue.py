"""Every finding: its stable code, how bad it is, what it says and what to do about it.

The application translates by code and params; the English here is for programs, logs and developers. ``{element}``
is the element's name or id. Codes are a contract: never renamed.
"""

from __future__ import annotations

from collections.abc import Mapping

from workflows.engine.types import Severity

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

_REDRAW = "Draw it with the elements that run here, or wait for the version that supports it."
_ILLEGAL = "BPMN 2.0.2 does not allow this; correct the diagram."

# Constructs of the standard that a later version will run: one code each, so that the report names the construct.
NOT_SUPPORTED: Mapping[str, str] = {
    "choreography-not-supported": "A choreography activity",
    "implicit-throw-event-not-supported": "An implicit throw event",
    "multi-instance-behavior-not-supported": "Multi-instance behaviour events",
    "parallel-event-gateway-not-supported": "A parallel event-based gateway",
    "data-association-not-supported": "A data association that fills a part of its target",
    "correlation-not-supported": "Correlation of messages by keys",
    "called-element-expression-not-supported": "A called element computed by an expression",
    "element-not-supported": "This element",
    "part-not-supported": "This part of the element",
}

MESSAGES: Mapping[str, tuple[Severity, str, str]] = {
    **{code: (ERROR, f"{what} is not run yet ({{element}}).", _REDRAW) for code, what in NOT_SUPPORTED.items()},
    # the file
    "process-missing": (ERROR, "The file has no process.", "Draw at least one process."),
    "no-executable-process": (ERROR, "No process is marked as executable.", 'Set isExecutable="true" on the process.'),
    "process-not-executable": (INFO, "Process {element} is not executable and is left out.", ""),
    "process-left-empty": (INFO, "Process {element} has no flow nodes and is left out.", ""),
    "process-empty": (ERROR, "Process {element} has no flow nodes.", "Draw what the process does."),
    "too-many-elements": (ERROR, "The file has {count} elements; {limit} are allowed.", "Split the process."),
    "nested-too-deep": (ERROR, "{element} is nested deeper than {limit} levels.", "Use call activities."),
    "scope-path-too-long": (
        ERROR,
        "The ids of the sub-processes around {element} are too long together ({limit} characters).",
        "Shorten them.",
    ),
    "process-id-made-up": (
        WARNING,
        "Process {element} in line {line} has no id and is called {key} here, after its file.",
        "Give it an id: another file of this name would be a new version of it.",
    ),
    "id-invalid": (ERROR, "The id {element} holds a blank or a sign, or more than {limit} characters.", "Shorten it."),
    "id-in-two-processes": (WARNING, "The id {element} is used in two processes of the file.", "Use another."),
    "duplicate-id": (ERROR, "The id {element} is used more than once.", "Give every element an id of its own."),
    "process-duplicate": (ERROR, "Process {element} is defined in two files.", "Keep one of them."),
    "unknown-namespace": (WARNING, "Extensions of {namespace} are kept but have no effect.", ""),
    "vendor-extension-ignored": (INFO, "{names} of {namespace} at {element} has no effect here.", ""),
    "vendor-extension-not-supported": (
        ERROR,
        "{names} of {namespace} at {element} would change what happens and is not understood here.",
        "Remove it, or say the same with zc: attributes.",
    ),
    "vendor-metadata-kept": (
        INFO,
        "{names} of {namespace} at {element} says who, when or with what; where tokens go does not depend on it.",
        "",
    ),
    "vendor-extension-unheard": (
        WARNING,
        "{names} of {namespace} at {element} is no word of that tool's engine that is known here; it has no effect.",
        "",
    ),
    "vendor-code-not-run": (
        WARNING,
        "{names} of {namespace} at {element} is code of another system: a worker must do it (external task {detail}).",
        "Let a worker fetch this topic, or name an operation (zc:operation).",
    ),
    "vendor-listener-not-run": (
        WARNING,
        "{names} of {namespace} at {element} is not run here: {detail}.",
        "Draw what it does as an activity, if the process depends on it.",
    ),
    "reference-read-as-name": (
        WARNING,
        "{element} refers to {names}, which is no element of the file; it is read as the code or the name itself.",
        "Define the message, signal, error or escalation.",
    ),
    "message-unnamed": (
        WARNING,
        "{element} names no message: nobody outside can send to it, and what it sends nobody receives.",
        "Set messageRef.",
    ),
    "own-extension-unknown": (WARNING, "zc:{name} at {element} has no meaning and no effect.", "Check its spelling."),
    "attribute-invalid": (ERROR, "{name} of {element} is {value!r}, which is not {expected}.", "Correct the value."),
    # flows
    "flow-end-unknown": (ERROR, "Sequence flow {element} refers to {reference!r}, which is no flow node.", _ILLEGAL),
    "flow-crosses-scope": (ERROR, "Sequence flow {element} crosses the border of a sub-process.", _ILLEGAL),
    "flow-into-start-event": (ERROR, "Sequence flow {element} leads into a start event.", _ILLEGAL),
    "flow-out-of-end-event": (ERROR, "Sequence flow {element} leaves an end event.", _ILLEGAL),
    "flow-into-boundary-event": (ERROR, "Sequence flow {element} leads into a boundary event.", _ILLEGAL),
    "condition-not-allowed": (ERROR, "Flow {element} has a condition where none may stand.", _ILLEGAL),
    "condition-on-default-flow": (WARNING, "The condition of default flow {element} is not looked at.", ""),
    "gateway-condition-missing": (
        ERROR,
        "Flow {element} leaves gateway {gateway} without a condition and is not its default.",
        "Give it a condition, or make it the default flow.",
    ),
    "gateway-condition-assumed": (
        WARNING,
        "Flow {element} leaves gateway {gateway} without condition: taken if no other is, of an inclusive one always.",
        "Give it a condition, or make it the default flow.",
    ),
    "activation-condition-missing": (
        ERROR,
        "The complex gateway {element} does not say when it goes on.",
        "Set activationCondition.",
    ),
    "instantiating-gateway-with-flow": (
        ERROR,
        "The gateway {element} starts the process but has an incoming flow or lies in a sub-process.",
        _ILLEGAL,
    ),
    "event-gateway-target-with-border": (
        ERROR,
        "{element} follows an event-based gateway and must have no boundary event.",
        _ILLEGAL,
    ),
    "default-flow-invalid": (ERROR, "The default flow {reference!r} of {element} is none of its flows.", _ILLEGAL),
    # start and end
    "start-event-missing": (
        WARNING,
        "{element} has an end event but no start event: it begins where no flow leads in.",
        "Draw a start event.",
    ),
    "several-none-start-events": (ERROR, "{element} has several start events without trigger.", "Keep one of them."),
    "start-to-be-chosen": (
        WARNING,
        "{element} has several start events without trigger: the first counts unless a start names another.",
        "",
    ),
    "start-event-not-none": (ERROR, "The start event {element} of a sub-process must have no trigger.", _ILLEGAL),
    "start-timer-duration": (
        WARNING,
        "The timer start event {element} has a duration: it counts from when the version is put in force.",
        "A date or a cycle says it better.",
    ),
    "start-event-without-flow": (ERROR, "Start event {element} has no outgoing flow.", _ILLEGAL),
    "nothing-to-start": (ERROR, "{element} has no node at which it could begin.", _ILLEGAL),
    "start-condition-by-clock": (
        INFO,
        "The condition of start event {element} is looked at while the process is in force, without data of a case.",
        "",
    ),
    "variable-written-nowhere": (
        WARNING,
        "{element} waits for {names}, which nothing in the file writes: it must come from outside.",
        "Check the spelling. A time is written as ISO 8601 (P5D), a date or FEEL.",
    ),
    # event sub-processes
    "event-subprocess-start": (ERROR, "Event sub-process {element} needs one start event with a trigger.", _ILLEGAL),
    "event-subprocess-with-flow": (ERROR, "A flow leads to or from event sub-process {element}.", _ILLEGAL),
    "event-subprocess-with-loop": (ERROR, "Event sub-process {element} has a loop.", "Put the loop inside it."),
    "error-start-must-interrupt": (ERROR, "The error start event {element} must interrupt.", _ILLEGAL),
    "handler-ambiguous": (ERROR, "{element} catches the same as another event sub-process of its level.", _ILLEGAL),
    # compensation and transactions
    "compensation-handler-missing": (
        ERROR,
        "The compensation event {element} is associated with {count} activities for compensation; it needs one.",
        "Draw an association to the activity that undoes the work.",
    ),
    "compensation-handler-with-flow": (
        ERROR,
        "A flow leads to or from {element}, which is for compensation.",
        _ILLEGAL,
    ),
    "compensation-handler-unused": (
        WARNING,
        "Nothing is undone by {element}.",
        "Associate it with a compensation event.",
    ),
    "compensation-activity-unknown": (
        ERROR,
        "Event {element} compensates {reference!r}, which is no activity of its level.",
        "Name an activity of the same level, or of the level around an event sub-process.",
    ),
    "compensation-never-happens": (WARNING, "Nothing in the file compensates the process of {element}.", ""),
    "cancel-outside-transaction": (ERROR, "The cancel event {element} is not at or in a transaction.", _ILLEGAL),
    "cancel-boundary-missing": (
        WARNING,
        "Transaction {transaction} has no cancel boundary event: cancelled by {element}, it ends there.",
        "Draw where to go on.",
    ),
    # events
    "event-definition-missing": (ERROR, "Event {element} waits for nothing: it has no event definition.", _ILLEGAL),
    "event-definition-unknown": (ERROR, "Event {element} refers to {reference!r}, no event definition.", _ILLEGAL),
    "event-not-allowed-here": (ERROR, "A {kind} event cannot stand here: {position} {element}.", _ILLEGAL),
    "event-combination-invalid": (ERROR, "Event {element} cannot combine {kinds}.", _ILLEGAL),
    "event-condition-missing": (ERROR, "Conditional event {element} has no condition.", "Write the condition."),
    "link-name-missing": (ERROR, "Link event {element} has no name.", "Give both ends of the link the same name."),
    "link-target-missing": (ERROR, "Nothing on the level of {element} catches link {name!r}.", _ILLEGAL),
    "link-target-ambiguous": (ERROR, "Link {name!r} is caught by {element} and by another event.", _ILLEGAL),
    "link-with-flow": (ERROR, "A flow leads on from a throwing link or into a catching one: {element}.", _ILLEGAL),
    "signal-missing": (ERROR, "Event {element} names no signal.", "Set signalRef."),
    "signal-unknown": (ERROR, "Event {element} refers to signal {reference!r}, which is not in the file.", _ILLEGAL),
    "signal-name-missing": (ERROR, "Signal {reference} of {element} has no name.", "Give the signal a name."),
    "message-missing": (ERROR, "Event {element} names no message.", "Set messageRef."),
    "message-unknown": (ERROR, "Event {element} refers to message {reference!r}, which is not in the file.", _ILLEGAL),
    "message-name-missing": (ERROR, "Message {reference} of {element} has no name.", "Give the message a name."),
    "error-unknown": (ERROR, "Event {element} refers to error {reference!r}, which is not in the file.", _ILLEGAL),
    "error-missing": (WARNING, "The error end event {element} names no error: only what catches any does.", ""),
    "error-code-missing": (WARNING, "Error {reference} of {element} has no code: only what catches any does.", ""),
    "escalation-unknown": (ERROR, "Event {element} refers to escalation {reference!r}, which is not there.", _ILLEGAL),
    "escalation-missing": (WARNING, "Event {element} names no escalation: only what catches any does.", ""),
    "escalation-code-missing": (
        WARNING,
        "Escalation {reference} of {element} has no code: only what catches any does.",
        "",
    ),
    "timer-missing": (ERROR, "Timer event {element} has no time.", "Give it a date, a duration or a cycle."),
    "timer-ambiguous": (ERROR, "Timer event {element} has more than one time.", _ILLEGAL),
    "timer-invalid": (ERROR, "The time of {element} cannot be read: {reason}", "Write it as ISO 8601 or in FEEL."),
    "boundary-host-missing": (ERROR, "Boundary event {element} is attached to nothing that is there.", _ILLEGAL),
    "boundary-host-not-activity": (ERROR, "Boundary event {element} is not attached to an activity.", _ILLEGAL),
    "boundary-without-outgoing": (
        WARNING,
        "Boundary event {element} has no outgoing flow: the token ends there.",
        "Draw what follows.",
    ),
    "error-boundary-must-interrupt": (ERROR, "The error boundary event {element} must interrupt.", _ILLEGAL),
    "boundary-ambiguous": (ERROR, "{element} catches the same as another boundary event of its activity.", _ILLEGAL),
    "boundary-never-happens": (WARNING, "Nothing in {host} can cause the boundary event {element}.", ""),
    "event-gateway-target": (ERROR, "{element} follows an event-based gateway but is no catching event.", _ILLEGAL),
    "event-gateway-too-few": (ERROR, "Event-based gateway {element} needs two or more flows.", _ILLEGAL),
    "event-gateway-target-shared": (ERROR, "{element} follows an event gateway and has another flow in.", _ILLEGAL),
    # activities
    "service-task-passes": (
        WARNING,
        "Service task {element} names no operation: it is done as soon as it is reached.",
        "Set zc:operation, or draw a user task.",
    ),
    "rule-task-passes": (
        WARNING,
        "Business rule task {element} names no decision: it is done as soon as it is reached.",
        "Set zc:decision.",
    ),
    "send-task-passes": (
        WARNING,
        "Send task {element} names no message: nothing is sent, and it is done as soon as it is reached.",
        "Set messageRef.",
    ),
    "ad-hoc-without-condition": (
        WARNING,
        "Ad-hoc sub-process {element} has no completion condition: it ends when each activity was done once.",
        "Set completionCondition.",
    ),
    "ad-hoc-with-start-or-end": (ERROR, "{element} must not stand in an ad-hoc sub-process.", _ILLEGAL),
    "script-missing": (WARNING, "Script task {element} has no script: there is nothing to do.", "Write the script."),
    "script-statement-not-supported": (
        ERROR,
        "The script of {element} holds a line that is not run: {reason}",
        "Write lines of name = expression, del name, or assert expression, text.",
    ),
    "script-language-not-supported": (
        ERROR,
        "The script of {element} is in a language that is not run: {reason}",
        "Write it as lines of name = expression, or as one expression in FEEL.",
    ),
    "resource-role-kept": (
        INFO,
        "{construct} of {element} is kept but gives the task to nobody.",
        "Set zc:owner.",
    ),
    "external-topic-missing": (
        ERROR,
        "External service task {element} has no topic: no worker could fetch it.",
        "Set zc:topic.",
    ),
    "service-operation-missing": (ERROR, "Service task {element} names no operation.", "Set zc:operation."),
    "decision-missing": (ERROR, "Business rule task {element} names no decision.", "Set zc:decision."),
    "decision-not-found": (ERROR, "Decision {decision!r} of {element} is not in the bundle.", "Add its DMN file."),
    "called-element-missing": (ERROR, "Call activity {element} calls nothing.", "Set calledElement."),
    "called-process-not-found": (ERROR, "Process {called!r}, called by {element}, is not there.", "Add its diagram."),
    "called-process-not-executable": (
        ERROR,
        "Process {called!r}, called by {element}, is not executable.",
        'Set isExecutable="true" on it.',
    ),
    "called-process-without-start": (
        ERROR,
        "Process {called!r}, called by {element}, has no none start.",
        "Give it one.",
    ),
    "transfer-invalid": (ERROR, "A mapping of {element} needs a target, and a source or an expression.", "Say both."),
    "loop-condition-missing": (
        ERROR,
        "The loop of {element} says neither how long nor how often it goes on.",
        "Set loopCondition or loopMaximum.",
    ),
    "multi-instance-count-missing": (
        ERROR,
        "Multi-instance activity {element} has neither a cardinality nor a collection.",
        "Set loopCardinality or zc:collection.",
    ),
    "multi-instance-count-ambiguous": (ERROR, "{element} has both a cardinality and a collection.", "Keep one."),
    "multi-instance-output-incomplete": (ERROR, "{element} needs both zc:output and zc:outputItem.", "Set both."),
    "multi-instance-too-large": (
        ERROR,
        "{element} makes {count} instances inside one case; {limit} are allowed.",
        "Isolate the body: walk zc:collection, write only zc:output, capture what it reads with zc:in.",
    ),
    "multi-instance-not-isolated": (
        WARNING,
        "The instances of {element} stay inside the case (at most {limit}): {reason}.",
        "Isolate the body: walk zc:collection, write only zc:output, capture what it reads with zc:in.",
    ),
    # expressions
    "expression-invalid": (ERROR, "An expression of {element} cannot be read: {reason}", "Correct the expression."),
    "expression-function-unknown": (
        ERROR,
        "An expression of {element} calls {functions}, which is not there.",
        "Use the functions of FEEL and those listed in docs/expressions.md.",
    ),
    "expression-language-not-supported": (
        ERROR,
        "An expression of {element} is in a language that is not run: {reason}",
        "Write it in FEEL.",
    ),
    # structure
    "unreachable-node": (WARNING, "{element} can never be reached.", "Connect it, or remove it."),
    "no-outgoing-flow": (WARNING, "{element} has no outgoing flow: the token ends there.", "Draw an end event."),
    "structural-deadlock": (
        WARNING,
        "The parallel gateway {element} waits for flows that {gateway} never takes together.",
        "Join with the kind of gateway that split.",
    ),
    # duty profile
    "copy-unknown": (ERROR, "The copies {value!r} of {element} cannot be resolved: {reason}", "Correct zc:copy."),
    "owner-missing": (ERROR, "{element} has no owner.", "Set zc:owner."),
    "owner-unknown": (ERROR, "The owner {value!r} of {element} cannot be resolved: {reason}", "Correct zc:owner."),
    "deadline-missing": (ERROR, "{element} has no deadline.", "Set zc:deadline to a rule."),
    "deadline-unknown": (ERROR, "The deadline {value!r} of {element} is not defined: {reason}", "Add the rule."),
    "clause-missing": (ERROR, "{element} rests on no clause.", "Set zc:clause."),
    "form-missing": (ERROR, "{element} has no form.", "Set zc:form."),
    "form-unknown": (ERROR, "The form {value!r} of {element} is not in the bundle: {reason}", "Add the form."),
    "operation-unknown": (ERROR, "The operation {value!r} of {element} is not known: {reason}", "Use a known one."),
}
