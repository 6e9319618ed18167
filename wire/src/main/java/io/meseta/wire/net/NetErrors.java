// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.net;

import java.io.EOFException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Why a connection or a request failed. The JDK's exceptions often have no message, or one that
/// leaves out what happened.
public final class NetErrors {
  private NetErrors() {}

  /// A few words such as `connection refused`; the caller says what was tried.
  public static String plain(Throwable failure) {
    return switch (failure) {
      case CompletionException e when e.getCause() != null -> plain(e.getCause());
      case ExecutionException e when e.getCause() != null -> plain(e.getCause());
      case HttpConnectTimeoutException _ -> "no connection in time";
      case HttpTimeoutException _ -> "no answer in time";
      case SocketTimeoutException e ->
          said(e).contains("onnect") ? "no connection in time" : "no answer in time";
      case UnknownHostException _ -> "unknown host";
      case UnresolvedAddressException _ -> "unknown host";
      case ConnectException e -> refused(e);
      case SSLException e -> "TLS failed: " + said(e);
      case EOFException _ -> "the connection was closed before there was an answer";
      case SocketException e -> small(said(e));
      default ->
          said(failure).contains("received no bytes")
              ? "the connection was closed before there was an answer"
              : said(failure);
    };
  }

  private static String refused(ConnectException failure) {
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
        return "unknown host";
      }
    }
    var message = failure.getMessage();
    return message == null || message.isBlank() ? "connection refused" : small(message);
  }

  private static String said(Throwable failure) {
    @Nullable String message = failure.getMessage();
    return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
  }

  private static String small(String text) {
    return text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
  }
}
