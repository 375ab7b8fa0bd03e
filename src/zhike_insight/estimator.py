"""scikit-learn's contract for the package's own models, without loading scikit-learn (and pandas with it) to predict a number."""

import inspect
from typing import TYPE_CHECKING, Any, Self


class Estimator:
    """Parameters in `__init__`, learned values end in `_`; `sklearn.base.clone` and grid searches work on it. Not public."""

    _takes_matrix = False

    @classmethod
    def _options(cls) -> list[str]:
        if cls.__init__ is object.__init__:
            return []
        return list(inspect.signature(cls).parameters)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The options given to `__init__`."""
        return {name: getattr(self, name) for name in self._options()}

    def set_params(self, **params: Any) -> Self:
        """Change options.

        Raises
        ------
        ValueError
            There is no such option.
        """
        for name, value in params.items():
            if name not in self._options():
                raise ValueError(f"{type(self).__name__} has no option {name!r}")
            setattr(self, name, value)
        return self

    if not TYPE_CHECKING:  # else every misspelt attribute would do

        def __getattr__(self, name: str) -> Any:
            if name.startswith("__") or not (name.startswith("_") or name.endswith("_")):
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            from sklearn.exceptions import NotFittedError

            raise NotFittedError(f"{type(self).__name__} is not fitted yet: there is no {name}; call fit first")

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn may expect: most models here learn from columns of their own, not from one matrix."""
        from sklearn.utils import InputTags, Tags, TargetTags

        matrix = InputTags(two_d_array=self._takes_matrix, dict=not self._takes_matrix)
        return Tags(None, TargetTags(required=False), input_tags=matrix, no_validation=not self._takes_matrix)

    def __sklearn_is_fitted__(self) -> bool:
        return any(name.endswith("_") and not name.startswith("_") for name in vars(self))

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items())
        return f"{type(self).__name__}({inside})"


class NotConverged(UserWarning):
    """The search for the best parameters found no optimum; the message says why."""
