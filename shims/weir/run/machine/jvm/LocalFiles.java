package weir;

import java.io.IOException;
import java.nio.file.Files;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/** Hadoop's local files, whose permissions the JVM sets itself. */
public class LocalFiles extends LocalFileSystem {
  public LocalFiles() {
    super(new Raw());
  }

  static class Raw extends RawLocalFileSystem {
    public void setPermission(Path file, FsPermission permission) throws IOException {
      // Boxed by hand: Spark's compiler does not know that an Object may be an int.
      Files.setAttribute(pathToFile(file).toPath(), "unix:mode", Integer.valueOf(permission.toShort()));
    }
  }
}
