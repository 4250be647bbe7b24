from dashboard.data.scope import SCOPES, WINDOW_BY_NAME, WINDOWS, InStep, scopes, spelling, title
from schemas.stages import Step


def test_every_scope_has_a_spelling_and_a_title_of_its_own() -> None:
    listed = scopes()
    assert len({spelling(scope) for scope in listed}) == len(listed) == len(SCOPES)
    assert len({title(scope) for scope in listed}) == len(listed)


def test_every_step_can_be_chosen_alone_or_is_its_whole_stage() -> None:
    alone = {scope.step for scope in scopes() if isinstance(scope, InStep)}
    assert set(Step) - alone == {Step.BASELINE, Step.STEADY}


def test_windows_grow() -> None:
    spans = [window.span_ns for window in WINDOWS[:-1]]
    assert spans == sorted(spans, key=lambda span: span or 0)
    assert WINDOWS[-1].span_ns is None
    assert set(WINDOW_BY_NAME) == {window.name for window in WINDOWS}
