"""What is known of an import by its name.

The harmless ones are a list of what may be there, so whatever is new or renamed is unknown. The dangerous ones are a
list of what cannot be there by accident; a deny-list is never complete, and nothing is trusted because of it.
"""

from __future__ import annotations

import re
import sys
from enum import StrEnum

from service.inspection.machine import Import


class Kind(StrEnum):
    """What an import means to whoever has to trust a file."""

    HARMLESS = "known harmless"
    UNKNOWN = "unknown"
    DANGEROUS = "dangerous"


_CLASS = r"_?[A-Z][A-Za-z0-9_]*"

_TYPES = (
    "bool bool_ bytes_ complex128 complex64 datetime64 dtype float16 float32 float64 int16 int32 int64 int8 longdouble "
    "longlong matrix ndarray object_ str_ timedelta64 uint16 uint32 uint64 uint8 ulonglong void"
)
_FUNCTIONS = (
    "abs absolute add all any arccos arcsin arctan argmax argmin asarray around cbrt ceil clip cos cosh cumsum deg2rad "
    "divide exp exp2 expm1 fabs floor hypot isfinite isinf isnan log log10 log1p log2 max maximum mean median min "
    "minimum multiply nan_to_num nanmax nanmean nanmedian nanmin nanstd nansum negative power rad2deg ravel reciprocal "
    "rint round sign sin sinh sqrt square std subtract sum tan tanh true_divide var"
)
_BUILTINS = "bool bytearray bytes complex dict float frozenset int list object range set slice str tuple"

_HARMLESS_NAMES: tuple[tuple[str, str], ...] = (
    # Classes only: their objects are made of plain values. A function may do anything with its arguments.
    (r"sklearn(\.\w+)+", rf"{_CLASS}|newObj|__pyx_unpickle_\w+|[fr]_(classif|regression)|chi2|_kmeans_single_\w+"),
    (r"(lightgbm|xgboost)\.(sklearn|basic|core|compat)", _CLASS),
    (
        r"pandas\.(core(?!\.computation)|_libs|arrays)(\.\w+)*",
        rf"{_CLASS}|_new_Index|_unpickle_block|__pyx_unpickle_\w+",
    ),
    (r"scipy\.sparse\._?\w+", r"(bsr|coo|csc|csr|dia|dok|lil)_(matrix|array)"),
    (r"scipy\.(interpolate|spatial)\.\w+", _CLASS),
    (r"scipy\.special\.(_ufuncs|_special_ufuncs)", r"\w+"),
    (r"numpy", "|".join((*_TYPES.split(), *_FUNCTIONS.split()))),
    (r"numpy\.(core|_core)\.(multiarray|numeric)", r"_reconstruct|scalar|_frombuffer"),
    (r"numpy\.(core|_core)", r"_ufunc_reconstruct"),
    (r"numpy\.dtypes", _CLASS),
    (r"numpy\.ma(\.core)?", r"MaskedArray|_mareconstruct|MaskedConstant"),
    (r"numpy\.random\._pickle", r"__(bit_generator|generator|randomstate)_ctor"),
    (r"numpy\.random\.(_\w+|bit_generator)", rf"{_CLASS}|__pyx_unpickle_SeedSequence"),
    (r"joblib\.numpy_pickle", r"NumpyArrayWrapper"),
    (r"builtins", "|".join(_BUILTINS.split())),
    (r"collections", r"Counter|OrderedDict|defaultdict|deque"),
    (r"copyreg", r"_reconstructor|__newobj__|__newobj_ex__"),
    (r"datetime", r"date|datetime|time|timedelta|timezone"),
    (r"pathlib(\._local)?", r"(Pure)?(Posix|Windows)?Path"),
    (r"(_codecs|decimal|fractions|uuid|re|functools)", r"encode|Decimal|Fraction|UUID|_compile|partial"),
)
_HARMLESS = tuple((re.compile(module), re.compile(name)) for module, name in _HARMLESS_NAMES)

_NEVER_HARMLESS = re.compile(r"\b(externals|datasets|conftest|tests|_?testing|_build_utils|f2py|computation)\b")
"""Parts of these libraries that run programs, compile, or read files and addresses."""

_DANGEROUS_ROOTS = (
    "_testcapi cffi cloudpickle dill execnet fabric fsspec httpx jsonpickle numexpr paramiko pip pkg_resources psutil "
    "requests setuptools sh torch urllib3"
)
_DANGEROUS = re.compile(
    r"joblib\b.*|numpy\.(testing|f2py|distutils|lib\.npyio|ctypeslib)\b.*|numpy:(load|fromfile|memmap|bmat|save\w*)"
    r"|pandas(\.io\b.*|\.core\.computation\b.*)|pandas:(eval|read_\w+)|scipy\.(io|weave|_lib\._testutils)\b.*"
    r"|sklearn\.(datasets|externals|_build_utils)\b.*"
)


def kind_of(found: Import) -> Kind:
    """Tell the kind of an import."""
    module, name = found
    if not _NEVER_HARMLESS.search(module) and any(
        of_module.fullmatch(module) and of_name.fullmatch(name) for of_module, of_name in _HARMLESS
    ):
        return Kind.HARMLESS
    root = module.partition(".")[0]
    if root in sys.stdlib_module_names or root in _DANGEROUS_ROOTS.split():
        return Kind.DANGEROUS
    return Kind.DANGEROUS if _DANGEROUS.match(module) or _DANGEROUS.match(f"{module}:{name}") else Kind.UNKNOWN
