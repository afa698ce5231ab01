"""The calls' content, the same for every side: four scores, as a scenario has unless told otherwise.

Imports nothing but the generated types, since Locust may run under an interpreter that has no more than those need.
"""

from google.protobuf.field_mask_pb2 import FieldMask

from harness.proto.cresta.v1.coaching import coaching_service_pb2 as pb

PARENT = "customers/bench/profiles/engine"
COLLECTION = "/scorecards/"
ID_LENGTH = 12
"""The target counts scorecards and names them by so many digits, so that the calls of one pair are found again where they arrived."""
CREATE, UPDATE, SUBMIT = "CreateScorecard", "UpdateScorecard", "SubmitScorecard"


def create_request() -> pb.CreateScorecardRequest:
    """Return the request that makes a draft."""
    draft = pb.Scorecard(template="template-1", agent="agent-1", creator="coach-1", scores=_scores(10.25))
    return pb.CreateScorecardRequest(parent=PARENT, scorecard=draft)


def update_request(name: str) -> pb.UpdateScorecardRequest:
    """Return the request that gives every score a new value."""
    scorecard = pb.Scorecard(name=name, overall_score=75.5, scores=_scores(75.5))
    return pb.UpdateScorecardRequest(scorecard=scorecard, update_mask=FieldMask(paths=["overall_score", "scores"]))


def submit_request(name: str) -> pb.SubmitScorecardRequest:
    """Return the request that submits the scorecard."""
    return pb.SubmitScorecardRequest(name=name, submitter="manager-1")


def id_of(name: str) -> str:
    """Return the digits by which the target knows a scorecard."""
    return name[-ID_LENGTH:]


def _scores(value: float) -> list[pb.Score]:
    return [
        pb.Score(
            criterion=f"criterion-{number:03d}", numeric_value=value, ai_value=value, text_value="well said, nº 1234"
        )
        for number in range(1, 5)
    ]
