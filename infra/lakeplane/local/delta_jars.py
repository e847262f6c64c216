"""Delta Lake's own JARs, brought once by the Ivy that Spark ships."""

from __future__ import annotations

import shutil
import subprocess
import xml.etree.ElementTree as ET  # writes the two files that Ivy reads; nothing foreign is parsed
from importlib import metadata, util
from pathlib import Path

from lakeplane.build_cache import Progress, built_once, quiet
from lakeplane.diagnostics import Diagnostic
from lakeplane.downloads import tried_again
from lakeplane.errors import SetupError
from lakeplane.layout import cache_dir
from lakeplane.local.java import ensure_java

__all__ = ["delta_jars_directory", "ensure_delta_jars"]

SCALA = "2.13"
TIMEOUT_SECONDS = 600


def ensure_delta_jars(progress: Progress = quiet) -> tuple[Path, ...]:
    """Return the JARs that make a Spark session speak Delta, for `spark.jars`.

    They belong to the installed `delta-spark` and `pyspark`. Of Delta's 33 dependencies Spark itself has all
    but these five, so nothing else is brought. The first call needs Maven Central, later ones only the cache.

    Args:
        progress: Told when the JARs have to be brought.

    Raises:
        SetupError: `delta-spark` is not installed, or Maven Central cannot be reached.
    """
    spark, delta = _version("pyspark"), _version("delta-spark")
    target = delta_jars_directory()
    modules = _modules(spark)
    built_once(target, lambda directory: _bring(directory, modules, delta, progress), progress)
    return tuple(target / f"{module}-{delta}.jar" for module in modules)


def delta_jars_directory() -> Path:
    """Return where the JARs for the installed `delta-spark` and `pyspark` lie in the cache, or would lie."""
    return cache_dir() / "jars" / f"delta-{_version('delta-spark')}-spark-{_version('pyspark')}"


def _modules(spark: str) -> tuple[str, ...]:
    series = ".".join(spark.split(".")[:2])
    return (
        f"delta-spark_{series}_{SCALA}",
        "delta-storage",
        "delta-kernel-api",
        "delta-kernel-defaults",
        "delta-kernel-unitycatalog",
    )


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError as error:
        raise SetupError(
            Diagnostic(
                code="SET030",
                summary=f"the package {distribution} is not installed",
                remedy="install lakeplane with its extra `local`, or run `make setup`",
            )
        ) from error


def _bring(directory: Path, modules: tuple[str, ...], version: str, progress: Progress) -> None:
    progress("Bringing Delta Lake's JARs from Maven Central (12 MB, once)")
    work = directory / "ivy"
    work.mkdir()
    _write_settings(work / "settings.xml", cache=work / "cache")
    _write_module(work / "ivy.xml", modules, version)
    java = ensure_java(progress) / "bin" / "java"
    tried_again(lambda: _retrieve(java, work, directory, modules, version), progress)
    shutil.rmtree(work)


def _retrieve(java: Path, work: Path, directory: Path, modules: tuple[str, ...], version: str) -> None:
    """Let Ivy put the JARs into a directory."""
    answer = subprocess.run(
        [
            java,
            "-jar",
            _ivy(),
            *("-settings", work / "settings.xml"),
            *("-ivy", work / "ivy.xml"),
            *("-retrieve", directory / "[artifact]-[revision].[ext]"),
            "-error",
        ],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    missing = [module for module in modules if not (directory / f"{module}-{version}.jar").is_file()]
    if answer.returncode or missing:
        words = [line.strip() for line in (answer.stdout + answer.stderr).splitlines() if line.strip(" .\t:")]
        raise SetupError(
            Diagnostic(
                code="SET031",
                summary="Delta Lake's JARs could not be brought from Maven Central",
                detail=f"missing: {', '.join(missing) or 'none'}; Ivy says: {' / '.join(words[-4:])[-500:]}",
                remedy="connect this machine to Maven Central once, or copy the directory "
                f"{cache_dir() / 'jars'} from a machine that has it",
            )
        )


def _write_settings(path: Path, cache: Path) -> None:
    """One resolver, whose default is Maven Central: Spark's own settings try other hosts as well."""
    root = ET.Element("ivysettings")
    ET.SubElement(root, "settings", defaultResolver="central")
    ET.SubElement(root, "caches", defaultCacheDir=str(cache))
    ET.SubElement(ET.SubElement(root, "resolvers"), "ibiblio", name="central", m2compatible="true")
    ET.ElementTree(root).write(path)


def _write_module(path: Path, modules: tuple[str, ...], version: str) -> None:
    root = ET.Element("ivy-module", version="2.0")
    ET.SubElement(root, "info", organisation="lakeplane", module="delta-jars")
    dependencies = ET.SubElement(root, "dependencies")
    for module in modules:
        ET.SubElement(
            dependencies,
            "dependency",
            org="io.delta",
            name=module,
            rev=version,
            transitive="false",
            conf="default->master",
        )
    ET.ElementTree(root).write(path)


def _ivy() -> Path:
    """Return the Ivy that lies among Spark's own JARs."""
    spec = util.find_spec("pyspark")
    assert spec is not None
    assert spec.submodule_search_locations
    return next((Path(spec.submodule_search_locations[0]) / "jars").glob("ivy-*.jar"))
