// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import org.jspecify.annotations.Nullable;

/// What requests get that never reach a handler: a line of text, as from everything else.
final class Refusals implements ServerErrorHandler {
  @Override
  public @Nullable HttpResponse onServiceException(ServiceRequestContext context, Throwable cause) {
    return null; // the default picks the status, then asks for the text below
  }

  @Override
  public AggregatedHttpResponse onProtocolViolation(
      @Nullable ServiceConfig config,
      @Nullable RequestHeaders headers,
      HttpStatus status,
      @Nullable String description,
      @Nullable Throwable cause) {
    return text(status, description);
  }

  @Override
  public AggregatedHttpResponse renderStatus(
      @Nullable ServiceRequestContext context,
      ServiceConfig config,
      @Nullable RequestHeaders headers,
      HttpStatus status,
      @Nullable String description,
      @Nullable Throwable cause) {
    return text(status, description);
  }

  private static AggregatedHttpResponse text(HttpStatus status, @Nullable String description) {
    // Paths that lead out of the tree are not found, as in the original.
    boolean outside =
        status.equals(HttpStatus.BAD_REQUEST)
            && description != null
            && description.contains("path");
    var shown = outside ? HttpStatus.NOT_FOUND : status;
    var text =
        shown.toString()
            + "."
            + (description == null || outside || status.reasonPhrase().equals(description)
                ? ""
                : " " + description);
    return AggregatedHttpResponse.of(shown, MediaType.PLAIN_TEXT_UTF_8, text);
  }
}
