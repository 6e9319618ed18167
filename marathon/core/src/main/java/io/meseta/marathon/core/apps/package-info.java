// SPDX-License-Identifier: Apache-2.0

/// Application definitions.
///
/// A definition comes in as JSON and stays JSON in its normal form ([App#document]); what the
/// scheduler computes with is read out of it once, into a [Spec]. The way in has four steps:
/// [AppSchema] checks types, [Legacy] rewrites fields of old clients, [Normalize] fills in
/// defaults, [Validate] checks the rules. An update is merged into the document between the second
/// and the third step.
@NullMarked
package io.meseta.marathon.core.apps;

import org.jspecify.annotations.NullMarked;
