// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.QueryParams;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A request whose body has arrived whole.
public final class Request {
  private final AggregatedHttpRequest request;
  private final InetSocketAddress remote;
  private final String path;
  private final String tail;
  private final QueryParams query;
  private final String rawQuery;
  private final @Nullable String principal;

  Request(
      AggregatedHttpRequest request,
      InetSocketAddress remote,
      String path,
      String tail,
      String rawQuery) {
    this(request, remote, path, tail, rawQuery, null);
  }

  private Request(
      AggregatedHttpRequest request,
      InetSocketAddress remote,
      String path,
      String tail,
      String rawQuery,
      @Nullable String principal) {
    this.request = request;
    this.remote = remote;
    this.path = path;
    this.tail = tail;
    this.rawQuery = rawQuery;
    this.principal = principal;
    this.query = rawQuery.isEmpty() ? QueryParams.of() : QueryParams.fromQueryString(rawQuery);
  }

  Request withTail(String rest) {
    return new Request(request, remote, path, rest, rawQuery, principal);
  }

  Request withPrincipal(String name) {
    return new Request(request, remote, path, tail, rawQuery, name);
  }

  /// Whom it comes from; empty where nobody asks.
  public Optional<String> principal() {
    return Optional.ofNullable(principal);
  }

  /// `GET`, `POST`, ...
  public String method() {
    return request.method().name();
  }

  /// The decoded path as sent, without the query.
  public String path() {
    return path;
  }

  /// The path as sent, escapes and all, without the query: for sending the asker elsewhere.
  public String rawPath() {
    var target = request.path();
    int question = target.indexOf('?');
    return question < 0 ? target : target.substring(0, question);
  }

  /// What follows the handler's path, without the leading slash; empty when nothing does.
  public String tail() {
    return tail;
  }

  /// The query as sent, without the question mark; empty when there is none.
  public String rawQuery() {
    return rawQuery;
  }

  /// The first value of a query parameter.
  public Optional<String> query(String name) {
    return Optional.ofNullable(query.get(name));
  }

  /// Every value of a query parameter.
  public List<String> queries(String name) {
    return query.getAll(name);
  }

  /// The first value of a header.
  public Optional<String> header(String name) {
    return Optional.ofNullable(request.headers().get(name));
  }

  /// Whether the body may be taken for JSON: its type says so, or there is none.
  public boolean saysJson() {
    return header("content-type")
        .map(type -> type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))
        .filter(type -> !List.of("", "application/json", "application/*", "*/*").contains(type))
        .isEmpty();
  }

  /// Every header, for handing a request on; names in lower case, pseudo-headers left out.
  public Map<String, List<String>> headers() {
    var all = new LinkedHashMap<String, List<String>>();
    for (var name : request.headers().names()) {
      if (!name.toString().startsWith(":")) {
        all.put(name.toString(), request.headers().getAll(name));
      }
    }
    return all;
  }

  /// The fields of a form body (`application/x-www-form-urlencoded`).
  public Map<String, String> form() {
    var fields = new LinkedHashMap<String, String>();
    QueryParams.fromQueryString(text())
        .forEach(entry -> fields.putIfAbsent(entry.getKey(), entry.getValue()));
    return fields;
  }

  /// The body; empty when there is none.
  public byte[] body() {
    return request.content().array();
  }

  /// The body as UTF-8 text.
  public String text() {
    return new String(body(), StandardCharsets.UTF_8);
  }

  /// Who is at the other end of the connection.
  public InetSocketAddress remote() {
    return remote;
  }
}
