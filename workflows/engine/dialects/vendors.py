"""The namespaces of the tools whose diagrams are read, and what of them is only told."""

from __future__ import annotations

CAMUNDA, ACTIVITI, FLOWABLE = "camunda", "activiti", "flowable"
ZEEBE, SPIFF, JBPM, BPSIM = "zeebe", "spiffworkflow", "jbpm", "bpsim"
FAMILY = frozenset({CAMUNDA, ACTIVITI, FLOWABLE})

VENDORS = {
    "http://camunda.org/schema/1.0/bpmn": CAMUNDA,
    "http://camunda.org/bpmn": CAMUNDA,
    "http://activiti.org/bpmn": ACTIVITI,
    "http://flowable.org/bpmn": FLOWABLE,
    "http://camunda.org/schema/zeebe/1.0": ZEEBE,
    "http://spiffworkflow.org/bpmn/schema/1.0/core": SPIFF,
    "http://www.jboss.org/drools": JBPM,
    "http://www.bpsim.org/schemas/1.0": BPSIM,
}

# Layout, versions, history, job queues, transaction borders, simulation: nothing that a case could show.
HARMLESS = frozenset(
    {"historyTimeToLive", "versionTag", "isStartableInTasklist", "jobPriority", "taskPriority", "retries"}
    | {"async", "asyncBefore", "asyncAfter", "asyncLeave", "asyncLeaveExclusive", "exclusive", "tenantId"}
    | {"modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon", "diagramRelationId", "template"}
    | {"isEagerExecutionFetch", "packageName", "version", "versionNumber", "processCategory", "category"}
    | {"metaData", "metadata", "import", "elementname", "metaentry", "metavalue", "description", "selectable"}
    | {"executionPlatform", "executionPlatformVersion", "properties", "property", "failedJobRetryTimeCycle"}
    | {"global", "globals", "variable", "variables", "errorMessage", "modelId", "modelVersion", "exporterVersion"}
    | {"icon", "color", "width", "height", "stencilId", "initiator-can-complete", "diagramType", "generatedForm"}
    | {"noneBehavior", "isSameDeployment", "overrideid", "stencilid", "modeler-version", "datainputset"}
    # jBPM's designer repeats what the standard's own elements say
    | {"msgref", "signalref", "erefname", "esccode", "boundaryca", "timedate", "timeduration", "timecycle", "dtype"}
    | {"timecyclelanguage", "dockers", "bgcolor", "bordercolor", "color", "fontsize", "fontcolor", "dockersBy"}
    | {"linktarget", "linksource", "uuid", "x", "y", "mapMessage", "structureRef", "BPSimData", "userTask"}
    | {"unitTests", "category-value", "displayName", "processModelDisplayName", "taskType", "docs"}
)

# Who works, by when, with which form, what is logged: true of the work, without effect on tokens and data.
TOLD = frozenset(
    {"assignee", "owner", "candidateUsers", "candidateGroups", "candidateStarterUsers", "candidateStarterGroups"}
    | {"dueDate", "followUpDate", "priority", "formKey", "formRef", "formRefBinding", "formRefVersion", "formData"}
    | {"formProperty", "formHandlerClass", "businessCalendarName", "potentialStarter", "customProperties"}
    | {"formFieldValidation", "validateFormFields", "localScope", "customResource", "actionListener", "extension"}
    | {"assignmentDefinition", "taskSchedule", "priorityDefinition", "formDefinition", "userTaskForm", "userTaskForms"}
    | {"taskIdVariableName", "taskCompleterVariableName", "idm-candidate-group", "idm-candidate-user", "task-users"}
    | {"instructionsForEndUser", "userInstructions", "guestConfirmation", "allowGuest", "signalButtonLabel"}
    | {"calledElementBinding", "calledElementVersion", "calledElementVersionTag", "calledElementTenantId"}
    | {"calledElementType", "sameDeployment", "fallbackToDefaultTenant", "processInstanceName", "completeAsync"}
    | {"decisionRefBinding", "decisionRefVersion", "decisionRefTenantId", "decisionRefVersionTag"}
    | {"variableName", "errorMessageExpression", "independent", "taskMetadataValues", "storeResultVariableAsTransient"}
    | {"skipExpression", "sendTaskLater", "versionBinding", "bindingType", "linkedResources", "permission"}
)

# These change what runs, which data pass or where tokens go: never passed over, wherever they stand.
CHANGING = frozenset(
    {
        "eventType",
        "eventName",
        "channelKey",
        "channelName",
        "channelDestination",
        "eventInParameter",
        "triggerEventType",
    }
    | {"eventOutParameter", "eventCorrelationParameter", "correlationParameter", "startEventCorrelationConfiguration"}
    | {"manualCorrelationParameter", "keyDetectionType", "systemChannel", "variableAggregation", "elementIndexVariable"}
    | {"caseRef", "caseBinding", "caseVersion", "caseTenantId", "variableMappingClass", "processRef", "endDate"}
    | {"variableMappingDelegateExpression", "inputOutput", "ioMapping", "in", "out", "connector", "collection"}
    | {"loopCharacteristics", "elementVariable", "class", "delegateExpression", "expression", "type", "topic"}
    | {"scope", "variableEvents", "messageExpression", "signalExpression", "correlationKey", "errorCodeVariable"}
    | {"errorMessageVariable", "errorVariableName", "errorVariableTransient", "errorVariableLocalScope", "script"}
    | {
        "escalationCodeVariable",
        "resource",
        "resultVariable",
        "resultVariableName",
        "conditionalFilter",
        "subscription",
    }
    | {"decisionRef", "mapDecisionResult", "calledDecision", "calledElement", "calledDecisionId", "taskDefinition"}
    | {"preScript", "postScript", "serviceTaskOperator", "messagePayload", "messageVariable", "payloadExpression"}
    | {"processVariableCorrelation", "onEntry-script", "onExit-script", "waitForCompletion", "taskName", "initiator"}
    | {"activeElementsCollection", "adHoc", "cancelRemainingInstances", "mapException", "errorEventDefinition"}
    | {"executionListener", "taskListener", "executionListeners", "taskListeners", "eventListener", "publishMessage"}
    | {"rules", "ruleVariablesInput", "exclude", "ruleFlowGroup", "field", "inheritVariables", "targetExpression"}
)
