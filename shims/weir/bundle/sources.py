"""From the arguments of the command line to settings: bare files, folders, or a bundle's pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from weir.bundle.bundle import BUNDLE_FILE, Bundle, default_storage, find_bundle, read_bundle
from weir.bundle.governed import governance_of
from weir.bundle.spec import SPEC_FILES, Spec, find_spec, read_spec
from weir.bundle.weir_toml import TOML_FILE
from weir.define.purpose import entries
from weir.model.governance import Function
from weir.model.names import Namespace
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError, closest
from weir.model.settings import Settings
from weir.model.texts import encodable

SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages"})
ROOT_MARKS = (BUNDLE_FILE, ".git", "pyproject.toml")
SUFFIXES = (".py", ".sql", ".ipynb")
KINDS = ".py, .sql or .ipynb"


@dataclass(frozen=True, slots=True)
class SourceArguments:
    """The options that choose sources, the same for all verbs.

    Attributes:
        development: None leaves it to the bundle, as for `continuous`.
    """

    sources: tuple[str, ...] = ()
    name: str | None = None
    target: str | None = None
    configuration: Mapping[str, str] = field(default_factory=dict[str, str])
    storage: str | None = None
    development: bool | None = None
    continuous: bool | None = None


def settings_for(arguments: SourceArguments, folder: Path) -> Settings:
    """Find out what the sources are.

    Args:
        arguments: As given on the command line.
        folder: The working directory, where the search for a bundle begins.

    Raises:
        WeirError: Nothing found, unreadable, or contradicting itself; all problems together.
    """
    bundle_file = find_bundle(folder)
    named = _pipeline_key(arguments.sources, bundle_file, arguments.target)
    if named is None and (spec := _spec_file(arguments.sources, folder, bundle_file)):
        return _from_spec(read_spec(spec), arguments)
    if arguments.sources and named is None:
        return _from_named(arguments, folder)
    if bundle_file is None:
        raise WeirError(_nothing(f"no source is named and no {BUNDLE_FILE} lies in a parent folder"))
    bundle = read_bundle(bundle_file, arguments.target)
    return _from_bundle(bundle, named, arguments)


def all_settings(arguments: SourceArguments, folder: Path) -> tuple[Settings, ...]:
    """The settings of every pipeline of the bundle, in its order.

    Args:
        arguments: As given on the command line; no source and no name.
        folder: The working directory, where the search for the bundle begins.

    Raises:
        WeirError: No bundle, or a source is missing; all problems together.
    """
    bundle_file = find_bundle(folder)
    if bundle_file is None:
        raise WeirError(_nothing(f"no {BUNDLE_FILE} lies in this folder or one above"))
    bundle = read_bundle(bundle_file, arguments.target)
    settings, problems = settings_of_all(bundle, arguments)
    if problems or not bundle.pipelines:
        raise WeirError(*(problems or (_no_pipeline(bundle),)))
    return settings


def settings_in(folder: Path, arguments: SourceArguments) -> tuple[tuple[Settings, ...], tuple[Problem, ...]]:
    """The settings of all pipelines of a folder: its bundle's, else the one that its files are.

    Args:
        folder: Where a bundle, a pipeline of Spark's own, or files that define datasets lie.
        arguments: As given on the command line; sources take the place of what is found.

    Returns:
        Those that can be opened, and what keeps others from it.

    Raises:
        WeirError: There is no pipeline, or the bundle can't be read; all problems together.
    """
    bundle_file = folder / BUNDLE_FILE
    if bundle_file.is_file() and not arguments.sources:
        bundle = read_bundle(bundle_file, arguments.target)
        settings, problems = settings_of_all(bundle, arguments)
        return settings, problems if bundle.pipelines else (_no_pipeline(bundle),)
    if arguments.sources or find_spec(folder):
        return (settings_for(arguments, folder),), ()
    sources = defining_files(folder)
    if not sources:
        raise WeirError(_nothing(f"no {KINDS} file below `{folder}` defines a dataset"))
    name = arguments.name or folder.resolve().name
    settings = _from_paths(replace(arguments, sources=sources, name=name), folder)
    return (replace(settings, roots=_distinct([*settings.roots, folder])),), ()


def defining_files(folder: Path) -> tuple[str, ...]:
    """The files below a folder that define datasets, relative to it; the folder itself if these are all."""
    files = source_files(folder)
    roots = _distinct([folder, *(file.parent for file in files)])
    defining = entries(files, roots)
    if defining == files:
        return (".",) if files else ()
    return tuple(file.relative_to(folder.resolve()).as_posix() for file in defining)


def settings_of_all(
    bundle: Bundle, arguments: SourceArguments
) -> tuple[tuple[Settings, ...], tuple[Problem, ...]]:
    """The settings of every pipeline of a bundle, in its order, and what keeps others from it."""
    settings: list[Settings] = []
    problems: list[Problem] = []
    for key in bundle.pipelines:
        try:
            settings.append(_from_bundle(bundle, key, arguments))
        except WeirError as error:
            problems.extend(error.problems)
    return tuple(settings), tuple(problems)


def _pipeline_key(sources: tuple[str, ...], bundle_file: Path | None, target: str | None) -> str | None:
    """The one source that is a pipeline of the bundle rather than a path."""
    if len(sources) != 1 or bundle_file is None or "/" in sources[0] or sources[0].endswith(SUFFIXES):
        return None
    if sources[0] in read_bundle(bundle_file, target).pipelines:
        return sources[0]
    return None


def _spec_file(sources: tuple[str, ...], folder: Path, bundle_file: Path | None) -> Path | None:
    """The `spark-pipeline.yml` that is named, or whose folder is; without any source, the nearest one."""
    if sources:
        path = folder / sources[0]
        given = path if path.name in SPEC_FILES and path.is_file() else find_spec(path)
        return given if len(sources) == 1 else None
    folders = () if bundle_file else (folder.resolve(), *folder.resolve().parents)
    return next((spec for place in folders if (spec := find_spec(place))), None)


def _from_spec(spec: Spec, arguments: SourceArguments) -> Settings:
    base = spec.file.parent
    files = _library_files(base, spec.includes)
    return Settings(
        arguments.name or spec.name,
        spec.namespace,
        _distinct(files),
        _distinct([*(f.parent for f in files), base, *_project_root(spec.file)]),
        default_storage(arguments.storage, base),
        {**spec.configuration, **arguments.configuration},
        spec.notices,
        development=_given(arguments.development, True),
        continuous=_given(arguments.continuous, False),
    )


def _from_named(arguments: SourceArguments, folder: Path) -> Settings:
    """The pipeline of paths; of a folder alone, as `settings_in` finds it."""
    path = folder / arguments.sources[0]
    if len(arguments.sources) > 1 or not path.is_dir():
        return _from_paths(arguments, folder)
    if (path / BUNDLE_FILE).is_file():
        return _from_bundle(read_bundle(path / BUNDLE_FILE, arguments.target), None, arguments)
    every, defining = source_files(path), [(path / file).resolve() for file in defining_files(path)]
    others = [file for file in every if file not in defining and path.resolve() not in defining]
    settings = _from_paths(arguments, folder)
    if not others or not defining:
        return settings
    names = ", ".join(str(file.relative_to(path.resolve())) for file in others)
    notice = f"{path.name}: passed over, since they define no dataset: {names}"
    return replace(settings, files=tuple(defining), notices=(*settings.notices, notice))


def _from_paths(arguments: SourceArguments, folder: Path) -> Settings:
    files: list[Path] = []
    roots: list[Path] = []
    problems: list[Problem] = []
    for source in arguments.sources:
        path = folder / source
        try:
            sources = list(source_files(path))
        except OSError as error:
            problems.append(_unreadable(source, error, folder))
            continue
        if not sources:
            problems.append(_nothing(f"`{source}` holds no {KINDS} file"))
        files.extend(sources)
        roots.extend([path if path.is_dir() else path.parent, *_project_root(path)])
    if problems:
        raise WeirError(*problems)
    storage = default_storage(arguments.storage, folder)
    return Settings(
        arguments.name or name_of(arguments.sources, folder, storage),
        Namespace(),
        _distinct(files),
        _distinct([*(f.parent for f in files), *roots]),
        storage,
        dict(arguments.configuration),
        development=_given(arguments.development, True),
        continuous=_given(arguments.continuous, False),
    )


def name_of(sources: Iterable[str], folder: Path, storage: Path) -> str:
    """What files and folders are called as a pipeline: their paths, from beside the storage on.

    Two that share a storage never share a name, wherever they are run from, and one that moves with its
    storage keeps its own.

    Args:
        sources: As given on the command line.
        folder: The working directory.
        storage: Where the tables lie, resolved.
    """
    return ", ".join(sorted({_place((folder / source).resolve(), storage.parent) for source in sources}))


def _place(path: Path, beside: Path) -> str:
    inside = path.is_relative_to(beside)
    return encodable(path.relative_to(beside).as_posix() if inside else str(path))


def _from_bundle(bundle: Bundle, key: str | None, arguments: SourceArguments) -> Settings:
    if not bundle.pipelines:
        raise WeirError(_no_pipeline(bundle))
    if key is None and len(bundle.pipelines) != 1:
        known = ", ".join(f"`{k}`" for k in bundle.pipelines) or "none"
        raise WeirError(
            Problem(
                "PIPELINE_NOT_CHOSEN",
                f"The bundle has {len(bundle.pipelines)} pipelines: {known}.",
                Origin(str(bundle.file), 1),
                "name one: weir run PIPELINE, in the folder of the bundle",
            )
        )
    pipeline = bundle.pipelines[key or next(iter(bundle.pipelines))]
    if pipeline.refused:
        raise WeirError(*pipeline.refused)
    files = _library_files(pipeline.base, pipeline.includes)
    functions, notices = _functions(bundle)
    return Settings(
        arguments.name or pipeline.name,
        pipeline.namespace,
        _distinct(files),
        _distinct([pipeline.root, *(f.parent for f in files), bundle.file.parent]),
        default_storage(arguments.storage, bundle.file.parent),
        {**pipeline.configuration, **arguments.configuration},
        (*bundle.notices, *notices),
        _given(arguments.development, pipeline.development),
        _given(arguments.continuous, pipeline.continuous),
        functions,
    )


def _no_pipeline(bundle: Bundle) -> Problem:
    text = f"The bundle has no pipeline for the target `{bundle.target}`."
    hint = "add one under resources.pipelines, or name files or folders with sources: weir run FOLDER"
    return Problem("PIPELINE_SOURCES_NOT_FOUND", text, Origin(str(bundle.file), 1), hint)


def _functions(bundle: Bundle) -> tuple[Mapping[str, Function] | None, tuple[str, ...]]:
    """The functions that its jobs make: a job whose SQL does something else stops no pipeline, and is told.

    Raises:
        WeirError: Something else is wrong with who may see what.
    """
    try:
        return governance_of(bundle).functions, ()
    except WeirError as error:
        if any(p.origin is None or not p.origin.file.endswith(".sql") for p in error.problems):
            raise
        places = ", ".join(str(p.origin) for p in error.problems)
        return None, (f"functions of masks and row filters are not checked: {places} makes none",)


def _library_files(base: Path, includes: Iterable[tuple[str, Origin]]) -> list[Path]:
    """The files of libraries, each with its place.

    Raises:
        WeirError: Some of them name none.
    """
    files: list[Path] = []
    problems: list[Problem] = []
    for include, origin in includes:
        sources = list(_included(base, include))
        if not sources:
            problems.append(replace(_nothing(f"`{include}` matches no {KINDS} file"), origin=origin))
        files.extend(sources)
    if problems:
        raise WeirError(*problems)
    return files


def _given(argument: bool | None, default: bool) -> bool:
    return default if argument is None else argument


def _included(base: Path, include: str) -> Iterable[Path]:
    """A file, a folder, or Databricks' form `folder/**`; other patterns as pathlib reads them."""
    plain = include.removesuffix("**").rstrip("/") if include.endswith("/**") else include
    path = (base / plain).resolve()
    named = (Path(f"{path}{suffix}") for suffix in ("", *SUFFIXES))
    if file := next((p for p in named if p.is_file()), None):
        return source_files(file)
    return source_files(path) if path.is_dir() else _sources(base.glob(include), base)


def source_files(path: Path) -> list[Path]:
    """The source files below a folder in the order of their paths, or the file itself.

    Raises:
        OSError: The path can't be read.
    """
    if path.is_dir():
        return _sources(path.rglob("*"), path)
    path.open("rb").close()
    return [path.resolve()]


def _sources(files: Iterable[Path], folder: Path) -> list[Path]:
    wanted = sorted(f for f in files if f.suffix.lower() in SUFFIXES and f.is_file() and _wanted(f, folder))
    return [f.resolve() for f in wanted]


def _wanted(file: Path, folder: Path) -> bool:
    parts = file.relative_to(folder).parts
    hidden = any(p.startswith(".") or p in SKIPPED for p in parts)
    return not hidden and file.name != "__init__.py"


def _project_root(path: Path) -> list[Path]:
    """The folder of `weir.toml`, and the nearest above that looks like a repository: both have packages."""
    roots: list[Path] = []
    for parent in path.resolve().parents:
        is_root = any((parent / mark).exists() for mark in ROOT_MARKS)
        if is_root or (parent / TOML_FILE).exists():
            roots.append(parent)
        if is_root:
            break
    return roots


def _distinct(paths: Iterable[Path]) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(p.resolve() for p in paths))


def _nothing(reason: str) -> Problem:
    return Problem(
        "PIPELINE_SOURCES_NOT_FOUND",
        f"Nothing to run: {reason}.",
        hint="name a file or a folder with pipeline sources: weir run pipelines/",
    )


def _unreadable(source: str, error: OSError, folder: Path) -> Problem:
    siblings = [p.name for p in (folder / source).parent.glob("*")] if folder.exists() else []
    return Problem(
        "PATH_NOT_FOUND" if isinstance(error, FileNotFoundError) else "PATH_NOT_READABLE",
        f"Can't read `{source}`: {error.strerror}.",
        hint=closest(Path(source).name, siblings) or "check the path",
    )
