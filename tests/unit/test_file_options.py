"""The options of Auto Loader as values (specification §7.2)."""

from __future__ import annotations

import pytest

from weir.model.origin import Origin
from weir.model.problems import UnsupportedError, WeirError
from weir.run.files.options import Evolution, FileOptions, file_options, notices_of, without_effect

HERE = Origin("bronze.py", 3)


def options(given, schema=None, **how) -> FileOptions:
    return file_options({"path": "/in", **given}, schema, HERE, **how)


def problems(given, schema=None, **how) -> list[tuple[str, str, str | None]]:
    with pytest.raises(WeirError) as error:
        options(given, schema, **how)
    assert all(p.origin == HERE for p in error.value.problems)
    return [(p.condition, p.message, p.hint) for p in error.value.problems]


def test_what_is_not_said_is_as_databricks_has_it():
    assert options({"cloudFiles.format": "JSON"}) == FileOptions(
        path="/in", format="json", schema=None, infer_types=False, hints=None, evolution=Evolution.ADD,
        rescue="_rescued_data", partitions=None, location=None, existing=True, overwrites=False,
        max_files=1000, max_bytes=None, pattern=None, after=None, before=None, case_sensitive=True,
        crossing=True, reader={}, streams=True, origin=HERE,
    )  # fmt: skip


def test_all_that_can_be_said():
    given = {
        "CloudFiles.Format": "csv", "cloudfiles.inferColumnTypes": True, "cloudFiles.schemaHints": "a INT",
        "cloudFiles.schemaEvolutionMode": "RESCUE", "rescuedDataColumn": "_rest", "header": True, "sep": ";",
        "cloudFiles.partitionColumns": "day, hour", "cloudFiles.schemaLocation": "/schemas",
        "cloudFiles.includeExistingFiles": "false", "cloudFiles.allowOverwrites": "TRUE",
        "cloudFiles.maxFilesPerTrigger": 10, "cloudFiles.maxBytesPerTrigger": "10g", "fileNamePattern": "*.csv",
        "modifiedAfter": "2026-01-01", "modifiedBefore": "2026-02-01", "readerCaseSensitive": "false",
        "cloudFiles.useNotifications": "true", "cloudFiles.resourceTag.team": "x", "inferSchema": "true",
    }  # fmt: skip
    assert options(given) == FileOptions(
        path="/in", format="csv", schema=None, infer_types=True, hints="a INT", evolution=Evolution.RESCUE,
        rescue="_rest", partitions=("day", "hour"), location="/schemas", existing=False, overwrites=True,
        max_files=10, max_bytes=10 * 2**30, pattern="*.csv", after="2026-01-01", before="2026-02-01",
        case_sensitive=False, reader={"header": "true", "sep": ";"}, crossing=True, streams=True, origin=HERE,
    )  # fmt: skip


def test_with_a_schema_nothing_evolves_and_nothing_is_rescued():
    given = options({"cloudFiles.format": "json"}, "a INT")
    assert (given.schema, given.evolution, given.rescue) == ("a INT", Evolution.NONE, None)


def test_texts_and_binary_files_have_columns_of_their_own():
    kinds = ("text", "binaryFile", "parquet")
    assert [options({"cloudFiles.format": kind}).rescue for kind in kinds] == [None, None, "_rescued_data"]


def test_no_partition_columns():
    assert options({"cloudFiles.format": "json", "cloudFiles.partitionColumns": ""}).partitions == ()


def test_read_files_has_no_prefix_and_infers_types():
    given = options(
        {"format": "csv", "schemaHints": "a INT", "schemaEvolutionMode": "none", "maxFilesPerTrigger": "5"},
        function=True, streams=False,
    )  # fmt: skip
    facts = (given.format, given.infer_types, given.hints, given.evolution, given.max_files, given.streams)
    assert facts == ("csv", True, "a INT", Evolution.NONE, 5, False)


def test_read_files_finds_the_format_and_may_be_given_a_schema():
    assert options({}, function=True).format == ""
    assert options({"format": "csv", "schema": "a INT"}, function=True).schema == "a INT"


def test_an_unknown_option_is_refused_by_its_name():
    given = {"cloudFiles.format": "json", "cloudFiles.inferColumTypes": "true", "cloudFiles.color": "red"}
    assert problems(given) == [
        (
            "CF_UNKNOWN_OPTION_KEYS_ERROR", "Auto Loader has no option `cloudFiles.infercolumtypes`.",
            "did you mean `cloudFiles.inferColumnTypes`?",
        ),
        (
            "CF_UNKNOWN_OPTION_KEYS_ERROR", "Auto Loader has no option `cloudFiles.color`.",
            "leave it out, or set cloudFiles.validateOptions to false",
        ),
    ]  # fmt: skip


def test_unless_options_are_not_validated():
    given = {"cloudFiles.format": "json", "cloudFiles.color": "red", "cloudFiles.validateOptions": "false"}
    assert options(given).format == "json"


def test_all_that_is_wrong_is_told_at_once():
    given = {
        "cloudFiles.format": "jsn", "cloudFiles.inferColumnTypes": "yes", "cloudFiles.maxFilesPerTrigger": "0",
        "cloudFiles.maxBytesPerTrigger": "many", "cloudFiles.schemaEvolutionMode": "always", "path": "",
    }  # fmt: skip
    told = problems(given)
    assert [condition for condition, _, _ in told] == [
        "CF_UNKNOWN_FILE_FORMAT", "CF_INVALID_SCHEMA_EVOLUTION_MODE", "CF_INVALID_OPTION_VALUE",
        "CF_INVALID_OPTION_VALUE", "CF_INVALID_OPTION_VALUE", "CF_SOURCE_DIRECTORY_PATH_REQUIRED",
    ]  # fmt: skip
    assert told[0][2] == "did you mean `json`?"


def test_the_format_has_to_be_given():
    assert problems({})[0][0] == "CF_FILE_FORMAT_REQUIRED"


def test_columns_are_not_added_to_a_schema_that_is_given():
    given = {"cloudFiles.format": "json", "cloudFiles.schemaEvolutionMode": "addNewColumns"}
    assert problems(given, "a INT")[0][0] == "CF_ADD_NEW_NOT_SUPPORTED"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("cloudFiles.schemaEvolutionMode", "addNewColumnsWithTypeWidening"),
    ],
)
@pytest.mark.parity("refused", "7.4", "`addNewColumnsWithTypeWidening`", "use `addNewColumns`")
def test_what_is_not_here_is_refused(option, value):
    with pytest.raises(UnsupportedError, match=f"{option} = {value}"):
        options({"cloudFiles.format": "json", option: value})


WITHOUT_EFFECT = (
    "backfillInterval", "maxFileAge", "useIncrementalListing", "useNotifications",
    "useManagedFileEvents", "listOnStart", "fetchParallelism", "pathRewrites", "resourceTags", "resourceTag.team",
    "region", "queueUrl", "restoreNotificationSetupOnly", "awsAccessKey", "awsSecretKey", "roleArn",
    "roleExternalId", "roleSessionName", "stsEndpoint", "clientId", "clientSecret", "connectionString",
    "resourceGroup", "subscriptionId", "tenantId", "queueName", "client", "clientEmail", "privateKey",
    "privateKeyId", "projectId", "subscription", "databricks.serviceCredential",
    "cleanSource", "cleanSource.retentionDuration", "cleanSource.moveDestination",
    "inferSchema",
)  # fmt: skip
WITH_EFFECT = {
    "format": "json", "allowOverwrites": "true", "includeExistingFiles": "false",
    "inferColumnTypes": "true", "maxBytesPerTrigger": "10g", "maxFilesPerTrigger": "5",
    "partitionColumns": "day", "schemaEvolutionMode": "rescue", "schemaHints": "id INT",
    "schemaLocation": "/kept", "validateOptions": "true", "rescuedDataColumn": "rest",
    "useStrictGlobber": "true",
}  # fmt: skip


@pytest.mark.parity(
    "differs", "7.2",
    "Accepted without effect: `backfillInterval`, `maxFileAge`, `useIncrementalListing`, "
    "`useNotifications`, `useManagedFileEvents`, `listOnStart`, "
    "`fetchParallelism`, `pathRewrites`, `resourceTags`, `resourceTag.team`, `region`, `queueUrl`, "
    "`restoreNotificationSetupOnly`, `awsAccessKey`, `awsSecretKey`, `roleArn`, `roleExternalId`, "
    "`roleSessionName`, `stsEndpoint`, `clientId`, `clientSecret`, `connectionString`, "
    "`resourceGroup`, `subscriptionId`, `tenantId`, `queueName`, `client`, `clientEmail`, "
    "`privateKey`, `privateKeyId`, `projectId`, `subscription`, `databricks.serviceCredential`, "
    "`cleanSource`, `cleanSource.retentionDuration`, `cleanSource.moveDestination`, `inferSchema`",
        "told once with the line of the read; files stay where they are",
)  # fmt: skip
@pytest.mark.parametrize("name", WITHOUT_EFFECT)
def test_an_option_of_the_cloud_is_accepted_and_told(name):
    given = {"cloudFiles.format": "json", f"cloudFiles.{name}": "x"}
    assert options(given) == options({"cloudFiles.format": "json"})
    assert without_effect(given) == (f"cloudFiles.{name}",)


def test_read_files_has_them_without_a_prefix():
    given = {"format": "csv", "useNotifications": True, "header": "true", "cloudFiles.region": "x"}
    assert without_effect(given, function=True) == ("useNotifications", "cloudFiles.region")


@pytest.mark.parity(
    "same", "7.2",
    "Options with effect: `format`, `allowOverwrites`, `includeExistingFiles`, "
    "`inferColumnTypes`, `maxBytesPerTrigger`, `maxFilesPerTrigger`, `partitionColumns`, "
    "`schemaEvolutionMode`, `schemaHints`, `schemaLocation`, `validateOptions`, `rescuedDataColumn`",
)  # fmt: skip
@pytest.mark.parametrize("name", WITH_EFFECT)
def test_an_option_with_effect_is_not_told(name):
    given = {"cloudFiles.format": "json", f"cloudFiles.{name}": WITH_EFFECT[name]}
    assert (without_effect(given), options(given).format) == ((), "json")


def test_what_is_not_written_as_auto_loader_has_it_is_told():
    given = {
        "cloudFiles.format": "csv", "cloudFiles.region": "x", "schemaHints": "id INT", "inferSchema": True,
        "schema": "id INT", "header": "true", "rescuedDataColumn": "rest", "maxFilesPerTrigger": None,
    }  # fmt: skip
    assert notices_of(given) == (
        "no effect here, where folders are listed: cloudFiles.region",
        "the option schemaHints has no effect: write cloudFiles.schemaHints",
        "the option inferSchema has no effect: write cloudFiles.inferColumnTypes",
        "the option schema has no effect: write .schema(...)",
    )


def test_read_files_has_them_without_the_prefix_but_for_one_of_other_readers():
    given = {"format": "csv", "schemaHints": "id INT", "inferSchema": "true"}
    assert notices_of(given, function=True) == (
        "the option inferSchema has no effect: write inferColumnTypes",
    )


@pytest.mark.parity(
    "same",
    "7.3",
    "Hints of columns whose schema is given have no effect",
)
@pytest.mark.parametrize("how", [{"schema": "id INT"}, {"function": True}])
def test_hints_are_for_columns_that_are_inferred(how):
    given = {"cloudFiles.format": "csv", "cloudFiles.schemaHints": "id INT"}
    given = {"format": "csv", "schema": "id INT", "schemaHints": "id INT"} if "function" in how else given
    assert notices_of(given, **how) == (
        "schemaHints has no effect, since the schema is given: write all columns there",
    )
