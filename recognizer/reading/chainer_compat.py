"""What Chainer 7.8.1, the last release, needs to run on current Python and NumPy.

`recognizer/__init__.py` calls `prepare()` before anything can import Chainer. Each part
says when it can be removed. Without Chainer, the whole file can be removed.
"""

import sys
from types import ModuleType

import numpy


def prepare() -> None:
    """Supply the modules and names that Chainer imports and that no longer exist."""
    _supply_numpy_distutils()
    _supply_numpy_sctypes()
    _supply_pkg_resources()


def _supply_numpy_distutils() -> None:
    # Chainer asks numpy.distutils for the BLAS library, to name it in a warning. NumPy
    # on Python 3.12 and later lacks the package. Remove this when Chainer no longer
    # imports it.
    system_info = ModuleType("numpy.distutils.system_info")
    vars(system_info)["get_info"] = lambda *_names: {}
    distutils = ModuleType("numpy.distutils")
    vars(distutils)["system_info"] = system_info
    sys.modules.setdefault("numpy.distutils", distutils)
    sys.modules.setdefault("numpy.distutils.system_info", system_info)


def _supply_numpy_sctypes() -> None:
    # NumPy 2.0 removed numpy.sctypes. Remove this when Chainer no longer reads it.
    if not hasattr(numpy, "sctypes"):
        vars(numpy)["sctypes"] = {
            "int": [numpy.int8, numpy.int16, numpy.int32, numpy.int64],
            "uint": [numpy.uint8, numpy.uint16, numpy.uint32, numpy.uint64],
            "float": [numpy.float16, numpy.float32, numpy.float64],
            "complex": [numpy.complex64, numpy.complex128],
            "others": [bool, object, bytes, str, numpy.void],
        }


def _supply_pkg_resources() -> None:
    # Chainer asks pkg_resources whether CuPy and iDeep are installed. Current
    # setuptools lacks it, and importing the old one takes 0.4 s and warns. The answer
    # here is always no: the site runs on the CPU. Remove this when Chainer uses
    # importlib.metadata.
    pkg_resources = ModuleType("pkg_resources")

    class DistributionNotFound(Exception):  # noqa: N818 - the names in pkg_resources
        pass

    class VersionConflict(Exception):  # noqa: N818
        pass

    def require(*_requirements: str) -> None:
        raise DistributionNotFound

    vars(pkg_resources)["DistributionNotFound"] = DistributionNotFound
    vars(pkg_resources)["VersionConflict"] = VersionConflict
    vars(pkg_resources)["require"] = require
    sys.modules.setdefault("pkg_resources", pkg_resources)
