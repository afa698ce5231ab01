import datetime

from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Scorecard(_message.Message):
    __slots__ = ("name", "template", "agent", "creator", "overall_score", "submit_time", "submitter", "create_time", "update_time", "etag", "scores")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    CREATOR_FIELD_NUMBER: _ClassVar[int]
    OVERALL_SCORE_FIELD_NUMBER: _ClassVar[int]
    SUBMIT_TIME_FIELD_NUMBER: _ClassVar[int]
    SUBMITTER_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    name: str
    template: str
    agent: str
    creator: str
    overall_score: float
    submit_time: _timestamp_pb2.Timestamp
    submitter: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    etag: str
    scores: _containers.RepeatedCompositeFieldContainer[Score]
    def __init__(self, name: _Optional[str] = ..., template: _Optional[str] = ..., agent: _Optional[str] = ..., creator: _Optional[str] = ..., overall_score: _Optional[float] = ..., submit_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., submitter: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ..., scores: _Optional[_Iterable[_Union[Score, _Mapping]]] = ...) -> None: ...

class Score(_message.Message):
    __slots__ = ("criterion", "numeric_value", "ai_value", "text_value", "not_applicable", "ai_scored")
    CRITERION_FIELD_NUMBER: _ClassVar[int]
    NUMERIC_VALUE_FIELD_NUMBER: _ClassVar[int]
    AI_VALUE_FIELD_NUMBER: _ClassVar[int]
    TEXT_VALUE_FIELD_NUMBER: _ClassVar[int]
    NOT_APPLICABLE_FIELD_NUMBER: _ClassVar[int]
    AI_SCORED_FIELD_NUMBER: _ClassVar[int]
    criterion: str
    numeric_value: float
    ai_value: float
    text_value: str
    not_applicable: bool
    ai_scored: bool
    def __init__(self, criterion: _Optional[str] = ..., numeric_value: _Optional[float] = ..., ai_value: _Optional[float] = ..., text_value: _Optional[str] = ..., not_applicable: _Optional[bool] = ..., ai_scored: _Optional[bool] = ...) -> None: ...

class CreateScorecardRequest(_message.Message):
    __slots__ = ("parent", "scorecard", "scorecard_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    SCORECARD_FIELD_NUMBER: _ClassVar[int]
    SCORECARD_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    scorecard: Scorecard
    scorecard_id: str
    def __init__(self, parent: _Optional[str] = ..., scorecard: _Optional[_Union[Scorecard, _Mapping]] = ..., scorecard_id: _Optional[str] = ...) -> None: ...

class GetScorecardRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class UpdateScorecardRequest(_message.Message):
    __slots__ = ("scorecard", "update_mask")
    SCORECARD_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    scorecard: Scorecard
    update_mask: _field_mask_pb2.FieldMask
    def __init__(self, scorecard: _Optional[_Union[Scorecard, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class SubmitScorecardRequest(_message.Message):
    __slots__ = ("name", "submitter")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SUBMITTER_FIELD_NUMBER: _ClassVar[int]
    name: str
    submitter: str
    def __init__(self, name: _Optional[str] = ..., submitter: _Optional[str] = ...) -> None: ...
