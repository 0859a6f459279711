"""How other models would share a commission: by hand, and as properties."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.attribution.multi_touch import Model, Moment, weights
from portal.kernel.money import Money

moments = st.lists(
    st.builds(Moment, st.integers(1, 4), st.integers(0, 400)), min_size=1, max_size=8
)


def test_the_models_by_hand():
    path = [Moment(1, 14), Moment(2, 7), Moment(3, 0)]
    ten = Money.of("10.00 USD")

    def parts(model):
        found = weights(model, path)
        return {who: str(p) for who, p in zip(found, ten.split(list(found.values())), strict=True)}

    assert parts(Model.FIRST) == {1: "10.00 USD"}
    assert parts(Model.LAST) == {3: "10.00 USD"}
    assert parts(Model.LINEAR) == {1: "3.34 USD", 2: "3.33 USD", 3: "3.33 USD"}
    assert parts(Model.POSITION) == {1: "4.00 USD", 2: "2.00 USD", 3: "4.00 USD"}
    assert parts(Model.DECAY) == {1: "1.43 USD", 2: "2.86 USD", 3: "5.71 USD"}
    assert weights(Model.POSITION, path[:2]) == {1: 1, 2: 1}
    assert weights(Model.LINEAR, []) == {}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(moments, st.sampled_from(Model), st.integers(0, 10**6))
def test_every_model_shares_the_whole(path, model, minor):
    found = weights(model, path)
    parts = Money(minor, "USD").split(list(found.values()))
    assert Money.total(parts, "USD") == Money(minor, "USD")
    assert set(found) <= {one.ambassador_id for one in path}
