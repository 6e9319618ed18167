// SPDX-License-Identifier: Apache-2.0
package io.meseta.emulate.fuzz;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Sends cases over bare sockets: requests one after the other on one connection, messages on
/// another, what may break its connection on a new one.
final class Client implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 20;

  private final int port;
  private final Connection requests = new Connection();
  private final Connection messages = new Connection();

  Client(int port) {
    this.port = port;
  }

  /// The status; 0 when the server ended the connection without an answer.
  ///
  /// @throws SocketTimeoutException when no answer comes
  int send(Cases.Case next) throws IOException {
    return switch (next.kind()) {
      case WILD -> sendAlone(next);
      case REQUEST -> requests.send(next.bytes(), false);
      case HEAD -> requests.send(next.bytes(), true);
      case MESSAGE -> messages.send(next.bytes(), false);
    };
  }

  private int sendAlone(Cases.Case next) throws IOException {
    try (var own = new Socket("127.0.0.1", port)) {
      own.setTcpNoDelay(true);
      own.getOutputStream().write(next.bytes());
      own.shutdownOutput();
      var stream = new BufferedInputStream(patient(own));
      var line = line(stream);
      return line.startsWith("HTTP/1.1 ") ? Integer.parseInt(line.substring(9, 12)) : 0;
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException e) {
      return 0;
    }
  }

  /// Waits second by second, so that a process that was stopped for a while does not take its own
  /// pause for the server's.
  private static InputStream patient(Socket socket) throws IOException {
    socket.setSoTimeout(1000);
    return new FilterInputStream(socket.getInputStream()) {
      @Override
      public int read(byte[] to, int from, int length) throws IOException {
        for (int second = 1; ; second++) {
          try {
            return super.read(to, from, length);
          } catch (SocketTimeoutException e) {
            if (second == PATIENCE_SECONDS) {
              throw e;
            }
          }
        }
      }
    };
  }

  private final class Connection {
    private Socket socket;
    private InputStream in;
    private OutputStream out;

    int send(byte[] bytes, boolean head) throws IOException {
      for (int attempt = 0; ; attempt++) {
        boolean fresh = socket == null;
        if (fresh) {
          connect();
        }
        try {
          out.write(bytes);
          return answer(head);
        } catch (SocketTimeoutException e) {
          throw e;
        } catch (IOException e) {
          close(); // an idle connection may have ended a moment ago
          if (fresh || attempt > 0) {
            return 0;
          }
        }
      }
    }

    private void connect() throws IOException {
      socket = new Socket("127.0.0.1", port);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(patient(socket), 1 << 16);
      out = socket.getOutputStream();
    }

    private int answer(boolean head) throws IOException {
      var statusLine = line(in);
      if (!statusLine.startsWith("HTTP/1.1 ")) {
        throw new EOFException(statusLine);
      }
      int status = Integer.parseInt(statusLine.substring(9, 12));
      long length = -1;
      boolean chunked = false;
      boolean close = false;
      for (var header = line(in); !header.isEmpty(); header = line(in)) {
        var lower = header.toLowerCase(Locale.ROOT);
        if (lower.startsWith("content-length:")) {
          length = Long.parseLong(lower.substring(15).strip());
        } else if (lower.startsWith("transfer-encoding:")) {
          chunked = lower.contains("chunked");
        } else if (lower.startsWith("connection:")) {
          close = lower.contains("close");
        }
      }
      if (chunked && status == 200) {
        close(); // a stream of events: nobody listens any longer
        return status;
      }
      if (!head && status != 204 && status != 304) {
        if (chunked) {
          skipChunks();
        } else if (length > 0) {
          in.skipNBytes(length);
        }
      }
      if (close) {
        close();
      }
      return status;
    }

    private void skipChunks() throws IOException {
      for (int size = Integer.parseInt(line(in), 16); size > 0; ) {
        in.skipNBytes(size + 2L);
        size = Integer.parseInt(line(in), 16);
      }
      line(in);
    }

    void close() {
      try {
        if (socket != null) {
          socket.close();
        }
      } catch (IOException e) {
        // It is gone either way.
      }
      socket = null;
    }
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException();
      }
      if (c != '\r') {
        line.append((char) c);
      }
      if (line.length() > 65_536) {
        throw new IOException("endless line");
      }
    }
    return new String(
        line.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    requests.close();
    messages.close();
  }
}
