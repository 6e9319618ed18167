// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.build;

import io.meseta.wire.v1.VersionInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Properties;

/// When and of what this program was built: the time of the commit, so that the same sources always
/// give the same program. The build writes it beside this class (`wire/src/build`).
public final class Build {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);
  private static final Properties WRITTEN = written();

  private Build() {}

  private static Properties written() {
    var properties = new Properties();
    try (var in = Build.class.getResourceAsStream("build.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }

  /// The time of the sources; 1970 when the build did not know.
  public static Instant time() {
    return Instant.ofEpochSecond(Long.parseLong(WRITTEN.getProperty("seconds", "0")));
  }

  /// As the documents show it, such as `2026-01-31 12:00:00 UTC`.
  public static String date() {
    return DATE.format(time());
  }

  /// The commit's hash; empty when the sources came without git.
  public static String commit() {
    return WRITTEN.getProperty("commit", "");
  }

  /// With the version whose behaviour a server has; peers and tools compare it.
  public static VersionInfo info(String version) {
    var info =
        VersionInfo.newBuilder()
            .setVersion(version)
            .setBuildDate(date())
            .setBuildTime(time().getEpochSecond())
            .setBuildUser("");
    if (!commit().isEmpty()) {
      info.setGitSha(commit());
    }
    return info.build();
  }
}
