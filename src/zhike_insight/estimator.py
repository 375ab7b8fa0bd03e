"""scikit-learn's contract for the package's own models, without loading scikit-learn (and pandas with it) to predict a number."""

import inspect
from typing import Any, Self


class Estimator:
    """Parameters in `__init__`, learned values end in `_`; `sklearn.base.clone` and grid searches work on it. Not public."""

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

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items())
        return f"{type(self).__name__}({inside})"


class NotConverged(UserWarning):
    """The search for the best parameters found no optimum; the message says why."""
