// SPDX-License-Identifier: Apache-2.0

/// Files that servers show under virtual paths: [VirtualFiles] says which, [FilesEndpoint] answers
/// `/files/browse`, `/files/read`, `/files/download` and `/files/debug`.
@NullMarked
package io.meseta.http.files;

import org.jspecify.annotations.NullMarked;
