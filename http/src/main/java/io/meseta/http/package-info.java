// SPDX-License-Identifier: Apache-2.0

/// HTTP for every server: an edge that listens, a router of endpoints, answers, streams of events,
/// static pages.
///
/// Handlers never see the HTTP library: they take a [io.meseta.http.Request] whose body is read and
/// bounded, and return an [io.meseta.http.Answer]. Those that wait for a core return a stage; those
/// that block are given a virtual thread.
@NullMarked
package io.meseta.http;

import org.jspecify.annotations.NullMarked;
