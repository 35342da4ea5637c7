package weir;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.Type;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.UninitializedCheckpointProvider;
import org.apache.spark.sql.delta.VersionChecksum;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.Action$;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.actions.FileAction;
import org.apache.spark.sql.delta.actions.InMemoryLogReplay;
import scala.Function1;
import scala.Option;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/** The log of a table up to a version, for Delta's own rules of what later actions make of earlier ones. */
class Replay {
  private static final int MOST_FILES = 5000; // each of which stays in memory while the log is open
  private static final List USED = Arrays.asList(new String[] {"add", "txn", "domainMetadata"});
  private static final List UNUSED = Arrays.asList(new String[] {"remove", "metaData", "protocol"});

  private final Snapshot snapshot;
  private final Configuration conf;
  private final Function1 spelled;
  private boolean odd = false; // whether jobs must read it

  Replay(Snapshot snapshot) {
    this.snapshot = snapshot;
    this.conf = snapshot.deltaLog().newDeltaHadoopConf();
    this.spelled = snapshot.deltaLog().getCanonicalPathFunction(false);
  }

  /** All files, transactions and domains; none if jobs must read them, or tell why they can't be read. */
  Option all() {
    try {
      InMemoryLogReplay replay = replay();
      odd |= replay.allFiles().size() > MOST_FILES || !isOfSnapshot(replay);
      return odd ? Option.empty() : Option.apply(replay);
    } catch (Exception error) {
      // Who was told to stop must hear of it, though an exception has taken the sign away.
      if (error instanceof InterruptedIOException) Thread.currentThread().interrupt();
      return Option.empty();
    }
  }

  private InMemoryLogReplay replay() throws IOException {
    InMemoryLogReplay replay =
        new InMemoryLogReplay(Option.empty(), snapshot.minSetTransactionRetentionTimestamp());
    UninitializedCheckpointProvider checkpoint = snapshot.logSegment().checkpointProvider();
    long next = 0;
    for (Iterator files = checkpoint.topLevelFiles().iterator(); files.hasNext(); ) {
      replay.append(checkpoint.version(), inCheckpoint((FileStatus) files.next()));
      next = checkpoint.version() + 1;
    }
    for (Iterator files = snapshot.logSegment().deltas().iterator(); files.hasNext(); next++) {
      replay.append(next, inCommit((FileStatus) files.next()));
    }
    return replay;
  }

  /** Whether the files are still those of the snapshot, as Delta checks what its jobs find. */
  private boolean isOfSnapshot(InMemoryLogReplay replay) {
    Option metadata = replay.getMetadata();
    Option protocol = replay.getProtocol();
    if (metadata.isDefined() && !metadata.get().equals(snapshot.metadata())) return false;
    if (protocol.isDefined() && !protocol.get().equals(snapshot.protocol())) return false;
    if (snapshot.checksumOpt().isEmpty()) return true;
    VersionChecksum checksum = (VersionChecksum) snapshot.checksumOpt().get();
    return checksum.numFiles() == replay.allFiles().size() && checksum.tableSizeBytes() == bytesOf(replay);
  }

  static long bytesOf(InMemoryLogReplay replay) {
    long bytes = 0;
    for (Iterator files = replay.allFiles().iterator(); files.hasNext(); ) {
      bytes += ((AddFile) files.next()).size();
    }
    return bytes;
  }

  private Iterator inCommit(FileStatus file) {
    List actions = new ArrayList();
    for (Iterator lines = snapshot.deltaLog().store().read(file, conf).iterator(); lines.hasNext(); ) {
      actions.add(action((String) lines.next()));
    }
    return CollectionConverters.asScala(actions.iterator());
  }

  private Iterator inCheckpoint(FileStatus file) throws IOException {
    List actions = new ArrayList();
    ParquetReader rows = ParquetReader.builder(new GroupReadSupport(), file.getPath()).withConf(conf).build();
    try {
      for (Group row = (Group) rows.read(); row != null; row = (Group) rows.read()) {
        String kind = kindOf(row);
        odd |= !USED.contains(kind) && !UNUSED.contains(kind);
        if (USED.contains(kind)) actions.add(action(object(row).toString()));
      }
    } finally {
      rows.close();
    }
    return CollectionConverters.asScala(actions.iterator());
  }

  private Action action(String json) {
    Action action = Action$.MODULE$.fromJson(json);
    if (action instanceof FileAction) {
      String path = ((FileAction) action).path();
      odd |= !path.equals(spelled.apply(path));
    }
    return action instanceof AddFile ? asJobsReadIt((AddFile) action) : action;
  }

  /** Where there are no tags, a job finds null, and what removes the file writes none. */
  private static AddFile asJobsReadIt(AddFile file) {
    if (file.tags() == null || !file.tags().isEmpty()) return file;
    return file.copy(
        file.path(),
        file.partitionValues(),
        file.size(),
        file.modificationTime(),
        file.dataChange(),
        file.stats(),
        null,
        file.deletionVector(),
        file.baseRowId(),
        file.defaultRowCommitVersion(),
        file.clusteringProvider(),
        file.backReference(),
        file.amtPassthrough());
  }

  /** The name of the one action that a row has, or nothing. */
  private static String kindOf(Group row) {
    String kind = "";
    List fields = row.getType().getFields();
    for (int place = 0; place < fields.size(); place++) {
      if (row.getFieldRepetitionCount(place) == 0) continue;
      if (!kind.isEmpty()) return "";
      kind = ((Type) fields.get(place)).getName();
    }
    return kind;
  }

  /** A row of a checkpoint, or a part of one, as a commit has it. */
  private ObjectNode object(Group group) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    List fields = group.getType().getFields();
    for (int place = 0; place < fields.size(); place++) {
      if (group.getFieldRepetitionCount(place) == 0) continue;
      Type field = (Type) fields.get(place);
      if (field.getName().endsWith("_parsed")) {
        String text = field.getName().substring(0, field.getName().length() - "_parsed".length());
        odd |= !group.getType().containsField(text) || group.getFieldRepetitionCount(text) == 0;
      } else {
        object.set(field.getName(), value(group, place, field));
      }
    }
    return object;
  }

  private JsonNode value(Group group, int place, Type field) {
    if (!field.isPrimitive()) {
      Object kind = field.getLogicalTypeAnnotation();
      if (kind == null) return object((Group) group.getGroup(place, 0));
      if (kind instanceof LogicalTypeAnnotation.MapLogicalTypeAnnotation) return texts((Group) group.getGroup(place, 0));
      odd = true;
      return NullNode.instance;
    }
    String kind = field.asPrimitiveType().getPrimitiveTypeName().name();
    if (kind.equals("BINARY")) return TextNode.valueOf(group.getString(place, 0));
    if (kind.equals("BOOLEAN")) return BooleanNode.valueOf(group.getBoolean(place, 0));
    if (kind.equals("INT32")) return LongNode.valueOf(group.getInteger(place, 0));
    if (kind.equals("INT64")) return LongNode.valueOf(group.getLong(place, 0));
    odd = true;
    return NullNode.instance;
  }

  private static ObjectNode texts(Group map) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (int place = 0; place < map.getFieldRepetitionCount(0); place++) {
      Group entry = (Group) map.getGroup(0, place);
      boolean isThere = entry.getFieldRepetitionCount(1) > 0;
      object.put(entry.getString(0, 0), isThere ? entry.getString(1, 0) : null);
    }
    return object;
  }
}
