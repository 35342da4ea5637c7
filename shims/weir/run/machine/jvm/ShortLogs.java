package weir;

import com.google.common.cache.Cache;
import com.google.common.cache.ForwardingCache;
import java.lang.reflect.Field;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.DeltaLog$;
import org.apache.spark.sql.delta.LogSegment;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.UninitializedCheckpointProvider;
import org.apache.spark.sql.delta.actions.InMemoryLogReplay;
import org.apache.spark.sql.delta.implicits.package$;
import org.apache.spark.sql.delta.util.FileNames;
import org.apache.spark.sql.internal.SQLConf$;
import scala.Option;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.runtime.AbstractFunction1;

/** Delta's logs, of which short ones are replayed where they are read instead of by jobs of Spark. */
public class ShortLogs extends ForwardingCache {
  private static final long MOST_BYTES = 1 << 20;

  private final Cache logs;

  private ShortLogs(Cache logs) {
    this.logs = logs;
  }

  /** Lets Delta, which keeps the logs that are open in a cache, keep such ones from now on. */
  public static void use() throws Exception {
    synchronized (DeltaLog$.MODULE$) {
      Cache logs = DeltaLog$.MODULE$.getOrCreateCache(SQLConf$.MODULE$.get());
      if (logs instanceof ShortLogs) return;
      Field cache = DeltaLog$.class.getDeclaredField("deltaLogCache");
      cache.setAccessible(true);
      cache.set(null, Option.apply(new ShortLogs(logs)));
    }
  }

  protected Cache delegate() {
    return logs;
  }

  public Object get(Object place, final Callable open) throws ExecutionException {
    return logs.get(
        place,
        new Callable() {
          public Object call() throws Exception {
            return new Log((DeltaLog) open.call());
          }
        });
  }

  static class Log extends DeltaLog {
    Log(DeltaLog log) {
      super(
          log.logPath(), log.dataPath(), log.options(), log.allOptions(), log.clock(), log.initialCatalogTable());
    }

    public Snapshot createSnapshot(LogSegment segment, Option coordinator, Option table, final Option checksum) {
      if (!isShort(segment)) return super.createSnapshot(segment, coordinator, table, checksum);
      return createSnapshotFromGivenOrEquivalentLogSegment(
          segment,
          coordinator,
          table,
          new AbstractFunction1() {
            public Object apply(Object segment) {
              return snapshot((LogSegment) segment, checksum);
            }
          });
    }

    /** Of the log, or of an older checkpoint's if Delta found that one damaged. */
    private Snapshot snapshot(LogSegment segment, Option checksum) {
      Option present = checksum.isDefined() ? checksum : readChecksum(segment.version(), Option.empty());
      if (isShort(segment)) return new ShortSnapshot(segment, this, present);
      return new Snapshot(logPath(), segment.version(), segment, this, present);
    }

    /** Whether it is few bytes, and all of them commits behind one checkpoint in one file, or behind none. */
    private static boolean isShort(LogSegment segment) {
      UninitializedCheckpointProvider checkpoint = segment.checkpointProvider();
      long next = checkpoint.isEmpty() ? 0 : checkpoint.version() + 1;
      long bytes = 0;
      for (Iterator files = checkpoint.topLevelFiles().iterator(); files.hasNext(); ) {
        FileStatus file = (FileStatus) files.next();
        String name = FileNames.checkpointFileSingular(segment.logPath(), checkpoint.version()).getName();
        if (!file.getPath().getName().equals(name)) return false;
        bytes += file.getLen();
      }
      for (Iterator files = segment.deltas().iterator(); files.hasNext(); next++) {
        FileStatus file = (FileStatus) files.next();
        if (!FileNames.isDeltaFile(file) || FileNames.deltaVersion(file) != next) return false;
        bytes += file.getLen();
      }
      return next > 0 && bytes <= MOST_BYTES;
    }
  }

  /** A version of a table, whose log is replayed when the first asks what it says. */
  static class ShortSnapshot extends Snapshot {
    private Option replay; // none if jobs must do it

    ShortSnapshot(LogSegment segment, DeltaLog log, Option checksum) {
      super(log.logPath(), segment.version(), segment, log, checksum);
    }

    public Dataset allFiles() {
      if (!isReplayed()) return super.allFiles();
      return deltaLog().spark().createDataset(replay().allFiles(), package$.MODULE$.addFileEncoder());
    }

    public long numOfFiles() {
      return isReplayed() ? replay().allFiles().size() : super.numOfFiles();
    }

    public long sizeInBytes() {
      return isReplayed() ? Replay.bytesOf(replay()) : super.sizeInBytes();
    }

    public Seq setTransactions() {
      return isReplayed() ? replay().getTransactions().toSeq() : super.setTransactions();
    }

    public Seq domainMetadata() {
      return isReplayed() ? replay().getDomainMetadatas().toSeq() : super.domainMetadata();
    }

    private InMemoryLogReplay replay() {
      return (InMemoryLogReplay) replay.get();
    }

    private synchronized boolean isReplayed() {
      if (replay == null) replay = new Replay(this).all();
      return replay.isDefined();
    }
  }
}
