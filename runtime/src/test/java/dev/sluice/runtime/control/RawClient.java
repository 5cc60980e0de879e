package dev.sluice.runtime.control;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// A client that says whatever a test wants.
final class RawClient implements AutoCloseable {
  private final SocketChannel channel;

  RawClient(Path socket) throws IOException {
    channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
  }

  /// All lines but empty ones, of the answer to these bytes.
  static List<String> ask(Path socket, byte[] bytes) throws IOException {
    try (RawClient client = new RawClient(socket)) {
      client.say(bytes);
      client.channel.shutdownOutput();
      return client.lines();
    }
  }

  static List<String> ask(Path socket, String line) throws IOException {
    return ask(socket, (line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  void say(byte... bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  void say(String text) throws IOException {
    say(text.getBytes(StandardCharsets.UTF_8));
  }

  /// What is said to a gateway that has closed its end is lost, and no error: its answer may be
  /// there.
  void sayOrNot(String text) {
    try {
      say(text);
    } catch (IOException e) {
      return;
    }
  }

  /// Until the gateway closes. If it has not read all that was said, that is a reset.
  List<String> lines() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      Channels.newInputStream(channel).transferTo(all);
    } catch (IOException e) {
      all.write('\n');
    }
    return all.toString(StandardCharsets.UTF_8).lines().filter(line -> !line.isEmpty()).toList();
  }

  /// Bytes that came, -1 at the end.
  int read(ByteBuffer into) throws IOException {
    return channel.read(into);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
