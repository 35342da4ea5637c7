"""Public methods of Spark's classes that are left as they are while user code runs, each looked at.

They make plans, or tell of the session; no job runs, nothing is written and no name is looked up. A method that
a new version of Spark brings belongs here, or to the tables of `weir.run.code`.
"""

UNTOUCHED: dict[str, str] = {
    "SparkSession": """
        Builder Hook active addArtifact addArtifacts addTag builder catalog clearProgressHandlers
        clearTags client conf createDataFrame dataSource emptyDataFrame getActiveSession getTags
        is_stopped profile range read readStream registerProgressHandler removeProgressHandler
        removeTag session_id sparkContext tvf udf udtf version
    """,
    "SparkSession.Builder": """
        appName channelBuilder config enableHiveSupport master remote
    """,
    "SparkContext": """
        PACKAGE_EXTENSIONS accumulator addArchive addFile addJobTag addPyFile applicationId
        broadcast clearJobTags defaultMinPartitions defaultParallelism dump_profiles emptyRDD
        getCheckpointDir getConf getJobTags getLocalProperty getOrCreate getSystemProperty
        listArchives listFiles parallelize range removeJobTag resources runJob setCheckpointDir
        setInterruptOnCancel setJobDescription setJobGroup setLocalProperty setLogLevel
        setSystemProperty show_profiles sparkUser startTime statusTracker uiWebUrl union version
    """,
    # Deprecated; these call methods of the session, of its readers and its catalog, which are patched.
    "SQLContext": """
        createDataFrame createExternalTable dropTempTable getConf getOrCreate newSession range read readStream
        registerDataFrameAsTable registerFunction registerJavaFunction sql table udf udtf
    """,
    "RuntimeConfig": """
        get getAll isModifiable
    """,
    "Catalog": """
        dropTempView functionExists getFunction listFunctions registerFunction
    """,
    "DataStreamReader": """
        name
    """,
    "DataFrame": """
        agg alias asTable coalesce colRegex columns crossJoin cube describe distinct drop
        dropDuplicates dropDuplicatesWithinWatermark drop_duplicates dropna dtypes exceptAll
        executionInfo exists explain fillna freqItems groupBy groupby groupingSets hint
        intersect intersectAll isLocal isStreaming is_cached join lateralJoin limit mapInArrow
        mapInPandas melt metadataColumn na nearestByJoin observe offset orderBy pandas_api plot
        printSchema randomSplit repartition repartitionById repartitionByRange replace rollup
        sameSemantics sample sampleBy scalar schema select semanticHash sort
        sortWithinPartitions sparkSession sql_ctx stat storageLevel subtract summary to toDF
        transform union unionAll unionByName unpersist unpivot withColumn withColumnRenamed
        withColumns withColumnsRenamed withMetadata withWatermark zipWithIndex
    """,
    "GroupedData": """
        agg apply applyInArrow applyInPandas applyInPandasWithState avg cogroup count max mean min
        sum transformWithState transformWithStateInPandas
    """,
    # Of data that the code has made itself: the `rdd` of a frame is an action.
    "RDD": """
        aggregate aggregateByKey barrier cache cartesian checkpoint cleanShuffleDependencies
        coalesce cogroup collect collectAsMap collectWithJobGroup combineByKey context count
        countApprox countApproxDistinct countByKey countByValue distinct filter first flatMap
        flatMapValues fold foldByKey foreach foreachPartition fullOuterJoin getCheckpointFile
        getNumPartitions getResourceProfile getStorageLevel glom groupBy groupByKey groupWith
        histogram id intersection isCheckpointed isEmpty isLocallyCheckpointed join keyBy keys
        leftOuterJoin localCheckpoint lookup map mapPartitions mapPartitionsWithIndex
        mapPartitionsWithSplit mapValues max mean meanApprox min name partitionBy persist pipe
        randomSplit reduce reduceByKey reduceByKeyLocally repartition
        repartitionAndSortWithinPartitions rightOuterJoin sample sampleByKey sampleStdev
        sampleVariance setName sortBy sortByKey stats stdev subtract subtractByKey sum sumApprox
        take takeOrdered takeSample toDF toDebugString toLocalIterator top treeAggregate treeReduce
        union unpersist values variance withResources zip zipWithIndex zipWithUniqueId
    """,
    # No such object can be had: its class methods are refused.
    "DeltaTable": """
        addFeatureSupport alias clone cloneAtTimestamp cloneAtVersion delete detail
        dropFeatureSupport generate history merge optimize restoreToTimestamp restoreToVersion toDF
        update upgradeTableProtocol vacuum
    """,
}
