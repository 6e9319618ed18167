// SPDX-License-Identifier: Apache-2.0
// Filled in by the build.
export const VERSION = "${project.version}";
