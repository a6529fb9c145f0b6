"""What Chainer 7.8.1, its last release, needs before it can be imported on today's Python and NumPy.

Call `prepare()` once before `import chainer`; `network.py` is the one module that does. Each piece says
when it can go; when Chainer itself goes, this file goes with it.
"""

import sys
from types import ModuleType

import numpy


def prepare() -> None:
    """Supply the three things that Chainer 7.8.1 looks for and that are no longer there."""
    _supply_numpy_distutils()
    _supply_numpy_sctypes()
    _supply_pkg_resources()


def _supply_numpy_distutils() -> None:
    # Chainer asks numpy.distutils which BLAS there is, to print it in a warning; the package left NumPy with
    # Python 3.12. Can go with a Chainer that does not import it.
    system_info = ModuleType("numpy.distutils.system_info")
    system_info.get_info = lambda *_names: {}  # type: ignore[attr-defined]
    distutils = ModuleType("numpy.distutils")
    distutils.system_info = system_info  # type: ignore[attr-defined]
    sys.modules.setdefault("numpy.distutils", distutils)
    sys.modules.setdefault("numpy.distutils.system_info", system_info)


def _supply_numpy_sctypes() -> None:
    # numpy.sctypes left in NumPy 2.0. Can go with a Chainer that does not read it.
    if not hasattr(numpy, "sctypes"):
        numpy.sctypes = {  # type: ignore[attr-defined]
            "int": [numpy.int8, numpy.int16, numpy.int32, numpy.int64],
            "uint": [numpy.uint8, numpy.uint16, numpy.uint32, numpy.uint64],
            "float": [numpy.float16, numpy.float32, numpy.float64],
            "complex": [numpy.complex64, numpy.complex128],
            "others": [bool, object, bytes, str, numpy.void],
        }


def _supply_pkg_resources() -> None:
    # Chainer asks pkg_resources whether CuPy and iDeep are installed. It left setuptools, and importing the
    # old one takes 0.4 s and warns. The answer here is always no: the site runs on the CPU.
    # Can go with a Chainer that uses importlib.metadata.
    pkg_resources = ModuleType("pkg_resources")

    class DistributionNotFound(Exception):  # noqa: N818 - their names there
        pass

    class VersionConflict(Exception):  # noqa: N818
        pass

    def require(*_requirements: str) -> None:
        raise DistributionNotFound

    pkg_resources.DistributionNotFound = DistributionNotFound  # type: ignore[attr-defined]
    pkg_resources.VersionConflict = VersionConflict  # type: ignore[attr-defined]
    pkg_resources.require = require  # type: ignore[attr-defined]
    sys.modules.setdefault("pkg_resources", pkg_resources)
