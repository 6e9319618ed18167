// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.shim;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/// The shim as this build has it: a static binary, or the shell script where no compiler was at
/// hand.
///
/// @param file the program, unpacked
/// @param launcher whether it is the binary, which takes any number of requests; the script takes
///   one per process
record ShimProgram(Path file, boolean launcher) {
  /// Unpacks the shim into `folder` under a name of its own, so that running shims of an older
  /// version stay untouched.
  static ShimProgram unpack(Path folder, boolean preferScript) throws IOException {
    for (var name : preferScript ? new String[] {"shim.sh"} : new String[] {"shim", "shim.sh"}) {
      try (var in = ShimProgram.class.getResourceAsStream(name)) {
        if (in == null) {
          continue;
        }
        var target = folder.resolve(name);
        var fresh = folder.resolve(name + ".new");
        Files.copy(in, fresh, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
        return new ShimProgram(target, name.equals("shim"));
      }
    }
    throw new IOException("the shim is missing from this build");
  }
}
