package io.atelier.actors.run.file;

import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Files that file managers, network file systems and editors leave in any folder: {@code
 * .DS_Store}, {@code ._*}, {@code Thumbs.db}, {@code desktop.ini}, {@code .directory}, {@code
 * .nfs*}, {@code .fuse_hidden*}, {@code *~}, {@code .*.swp}, {@code .#*}, {@code #*#}, {@code
 * 4913}, {@code *.bak}, {@code *.orig}, {@code .gitkeep}. They are unrelated to a run and ignored
 * when a folder is read; all other files count.
 */
public final class StrayFiles {

  private static final Pattern NAME =
      Pattern.compile(
          "\\.ds_store|\\._.+|thumbs\\.db|desktop\\.ini|\\.directory|\\.nfs.+|\\.fuse_hidden.+"
              + "|.+~|\\..+\\.sw[op]|\\.#.+|#.+#|4913|.+\\.(bak|orig)|\\.gitkeep");

  private StrayFiles() {}

  public static boolean isStray(Path file) {
    return NAME.matcher(file.getFileName().toString().toLowerCase(Locale.ROOT)).matches();
  }
}
