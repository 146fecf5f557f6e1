"""What a caller of the engine did wrong. A fault of the process is an incident in the ``Step``, never one of these.

EngineError                      nothing was changed; ``code`` is stable
├ StateError                     the state document is not one of ours, or too large
├ WrongProcessError              the state belongs to another process
├ CaseEndedError                 the case has reached its outcome
├ StartNotPossibleError          there is no such start event
├ InvalidVariableError           a value is not plain data
├ TimerNotCountableError         when a timer would fire cannot be worked out any more
└ NotExpectedError               nothing waits for this command
  ├ ElementNotWaitingError       the activity is not open (any more)
  ├ StaleTimerError              the timer was set anew, cleared, or fired already
  ├ ChildNotRunningError         that child case is not one that the activity waits for
  ├ MessageNotExpectedError      nobody in the case waits for this message
  ├ NoIncidentError              there is nothing to retry
  └ ReturnNotPossibleError       the target does not lie on the path of the activity
"""

from __future__ import annotations

from typing import Any


class EngineError(Exception):
    """A command could not be carried out; the state is as it was."""

    code = "engine-error"

    def __init__(self, message: str, **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.params = params


class StateError(EngineError):
    """The state document cannot be read or written."""

    code = "state-unreadable"


class WrongProcessError(EngineError):
    """The state belongs to another process."""

    code = "state-of-other-process"


class CaseEndedError(EngineError):
    """The case has ended."""

    code = "case-ended"


class StartNotPossibleError(EngineError):
    """The process cannot be started like this."""

    code = "start-not-possible"


class InvalidVariableError(EngineError):
    """A variable holds something that is not plain data."""

    code = "variable-invalid"


class TimerNotCountableError(EngineError):
    """When a timer would fire cannot be worked out."""

    code = "timer-not-countable"


class NotExpectedError(EngineError):
    """Nothing in the case waits for this command."""

    code = "not-expected"


class ElementNotWaitingError(NotExpectedError):
    """The activity is not open."""

    code = "element-not-waiting"


class StaleTimerError(NotExpectedError):
    """The timer is not armed with this occurrence."""

    code = "timer-stale"


class ChildNotRunningError(NotExpectedError):
    """The activity does not wait for this child case."""

    code = "child-not-running"


class MessageNotExpectedError(NotExpectedError):
    """Nobody in the case waits for this message."""

    code = "message-not-expected"


class NoIncidentError(NotExpectedError):
    """The activity has no incident."""

    code = "no-incident"


class ReturnNotPossibleError(NotExpectedError):
    """The target does not lie on the path that led to the activity."""

    code = "return-not-possible"


class ResetNotPossibleError(NotExpectedError):
    """The element was not passed, or no token can be put at it."""

    code = "reset-not-possible"


class DirectReturnNotPossibleError(NotExpectedError):
    """The step that would be done again may leave by another way than its completion, or nobody waits for it."""

    code = "return-direct-not-possible"
