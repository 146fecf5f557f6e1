"""The elements of BPMN as task specs of SpiffWorkflow, one class each, with the clause that says how it runs."""
