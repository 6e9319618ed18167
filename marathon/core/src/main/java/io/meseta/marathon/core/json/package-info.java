// SPDX-License-Identifier: Apache-2.0

/// Reading and writing the JSON of the REST API: what a document may look like ([Schema]), what is
/// wrong with one ([Problems]), how numbers and times are printed ([Docs]).
@NullMarked
package io.meseta.marathon.core.json;

import org.jspecify.annotations.NullMarked;
