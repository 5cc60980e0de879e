package dev.sluice.runtime.control;

import dev.sluice.runtime.events.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// The operator's end of the control socket, for one request.
final class CtlConnection implements AutoCloseable {
  private static final int MOST_LINE_BYTES = 1 << 26;

  private final SocketChannel channel;
  private final Selector selector;
  private final long patienceMillis;
  private final ByteBuffer received = ByteBuffer.allocate(1 << 16).flip();

  private CtlConnection(SocketChannel channel, Selector selector, long patienceMillis) {
    this.channel = channel;
    this.selector = selector;
    this.patienceMillis = patienceMillis;
  }

  /// No gateway listens at this path.
  static final class NobodyThereException extends Exception {
    private static final long serialVersionUID = 1L;

    NobodyThereException(String message) {
      super(message);
    }
  }

  /// Connects.
  ///
  /// @param patienceMillis how long the gateway may say nothing; it says something every second
  static CtlConnection open(Path socket, long patienceMillis)
      throws IOException, NobodyThereException, ControlException {
    ControlSocket.refuseLong(socket);
    if (!Files.exists(socket)) {
      throw new NobodyThereException("no gateway runs there: there is no " + socket);
    }
    if (!Files.isWritable(socket)) {
      throw new ControlException("this user may not write to " + socket);
    }
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.configureBlocking(false);
      Selector selector = Selector.open();
      channel.register(selector, SelectionKey.OP_READ);
      return new CtlConnection(channel, selector, patienceMillis);
    } catch (ConnectException e) {
      channel.close();
      throw new NobodyThereException("no gateway runs there: nobody listens at " + socket);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /// Sends the request. A gateway that takes none has said so, or is gone: [#line] tells.
  void send(Map<String, Object> request) {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(Json.text(request) + "\n");
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      return;
    }
  }

  /// The next line, or nothing when the gateway has said all. Empty lines, by which it looks
  /// whether we are still there, are left out.
  ///
  /// @throws IOException also if the gateway says nothing for too long
  Optional<String> line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(256);
    while (true) {
      while (received.hasRemaining()) {
        byte next = received.get();
        if (next != '\n') {
          line.write(next);
        } else if (line.size() > 0) {
          return Optional.of(line.toString(StandardCharsets.UTF_8));
        }
      }
      if (line.size() > MOST_LINE_BYTES) {
        throw new IOException("the answer is too long");
      }
      if (!receive()) {
        if (line.size() > 0) {
          throw new IOException("the gateway broke off in the middle of its answer");
        }
        return Optional.empty();
      }
    }
  }

  private boolean receive() throws IOException {
    received.clear();
    int count = channel.read(received);
    while (count == 0) {
      if (selector.select(patienceMillis) == 0) {
        throw new IOException(
            "the gateway has not answered for " + patienceMillis / 1000 + " seconds");
      }
      selector.selectedKeys().clear();
      count = channel.read(received);
    }
    received.flip();
    return count > 0;
  }

  @Override
  public void close() throws IOException {
    selector.close();
    channel.close();
  }
}
