"""The models keep scikit-learn's contract: its own checks run, all of them where a model learns from one matrix."""

import inspect
from contextlib import suppress
from unittest import SkipTest

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.utils import estimator_checks

import zhike_insight as zi
from zhike_insight.estimator import Estimator

PUBLIC = [getattr(zi, name) for name in zi.__all__ if inspect.isclass(getattr(zi, name))]
MODELS = [one for one in PUBLIC if issubclass(one, Estimator)]
OF_ALL = (
    estimator_checks.check_no_attributes_set_in_init,
    estimator_checks.check_parameters_default_constructible,
    estimator_checks.check_get_params_invariance,
    estimator_checks.check_set_params,
    estimator_checks.check_estimator_cloneable,
    estimator_checks.check_estimator_repr,
    estimator_checks.check_valid_tag_types,
)
OF_A_MATRIX = [zi.KMeansSegments(2, starts=1), zi.MixtureSegments(2, starts=1), zi.SelfOrganisingMap(3, 3, epochs=2)]


@pytest.mark.parametrize("model", MODELS, ids=lambda one: one.__name__)
def test_options_are_told_changed_and_copied(model):
    for check in OF_ALL:
        check(model.__name__, model())


@pytest.mark.parametrize("model", MODELS, ids=lambda one: one.__name__)
def test_what_is_not_fitted_says_so(model):
    with pytest.raises(NotFittedError, match="call fit first"):
        model().learned_  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'mispelt'"):
        model().mispelt  # noqa: B018


@pytest.mark.parametrize("model", OF_A_MATRIX, ids=lambda one: type(one).__name__)
@pytest.mark.filterwarnings("ignore")
def test_models_of_one_matrix_pass_every_check(model):
    for check in estimator_checks._yield_all_checks(model, legacy=True):
        with suppress(SkipTest):
            check(type(model).__name__, model)


def test_a_fitted_map_refuses_other_columns():
    fitted = zi.SelfOrganisingMap(2, 2, epochs=2).fit(np.random.default_rng(0).normal(size=(20, 3)))
    with pytest.raises(zi.BadInput, match="expecting 3 features"):
        fitted.predict([[1.0, 2.0]])
