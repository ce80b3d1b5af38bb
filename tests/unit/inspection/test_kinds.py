"""What an import means, by its name."""

import pytest

from service.inspection.kinds import Kind, kind_of


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        ("sklearn.linear_model._base:LinearRegression", Kind.HARMLESS),
        ("sklearn.linear_model._sgd_fast:Hinge", Kind.HARMLESS),
        ("lightgbm.sklearn:LGBMClassifier", Kind.HARMLESS),
        ("xgboost.core:Booster", Kind.HARMLESS),
        ("numpy:ndarray", Kind.HARMLESS),
        ("numpy:log1p", Kind.HARMLESS),
        ("collections:OrderedDict", Kind.HARMLESS),
        ("builtins:set", Kind.HARMLESS),
        # A function of a known library is not known by that.
        ("sklearn.utils.extmath:weighted_mode", Kind.UNKNOWN),
        ("numpy:apply_along_axis", Kind.UNKNOWN),
        ("shop.features:Scaler", Kind.UNKNOWN),
        ("__main__:Scaler", Kind.UNKNOWN),
        # A name with dots reaches whatever the module has imported itself.
        ("sklearn.base:os.system", Kind.UNKNOWN),
        ("sklearn.base:Base.os", Kind.UNKNOWN),
        ("numpy:ndarray.x", Kind.UNKNOWN),
        ("os:system", Kind.DANGEROUS),
        ("posix:system", Kind.DANGEROUS),
        ("subprocess:Popen", Kind.DANGEROUS),
        ("builtins:eval", Kind.DANGEROUS),
        ("builtins:getattr", Kind.DANGEROUS),
        ("operator:attrgetter", Kind.DANGEROUS),
        ("importlib:import_module", Kind.DANGEROUS),
        ("pickle:loads", Kind.DANGEROUS),
        ("joblib:load", Kind.DANGEROUS),
        ("joblib.testing:check_subprocess_call", Kind.DANGEROUS),
        ("joblib.externals.cloudpickle.cloudpickle:_make_function", Kind.DANGEROUS),
        ("cloudpickle.cloudpickle:_builtin_type", Kind.DANGEROUS),
        ("numpy:load", Kind.DANGEROUS),
        ("numpy:bmat", Kind.DANGEROUS),
        ("numpy.testing._private.utils:runstring", Kind.DANGEROUS),
        ("numpy.f2py.diagnose:run_command", Kind.DANGEROUS),
        ("pandas:eval", Kind.DANGEROUS),
        ("pandas.io.pickle:read_pickle", Kind.DANGEROUS),
        ("pandas.core.computation.eval:PythonExprVisitor", Kind.DANGEROUS),
        ("sklearn.externals.foo:Popen", Kind.DANGEROUS),
    ],
)
def test_an_import_has_a_kind(found, kind):
    module, _, name = found.partition(":")
    assert kind_of((module, name)) is kind
