package dev.sluice.runtime.control;

import dev.sluice.runtime.config.GatewaySettings;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The socket's file: who may write to it may give orders.
///
/// It is bound in a folder that nobody else can enter, gets its mode there, and is then moved to
/// its place, so that at no moment anybody can connect who may not; the move also takes the place
/// of a socket that a killed gateway left behind.
final class ControlSocket implements AutoCloseable {
  private static final int MOST_PATH_BYTES = GatewaySettings.MOST_SOCKET_BYTES;

  /// Clients that may wait to be accepted, or sent away.
  private static final int BACKLOG = 128;

  private static final Set<PosixFilePermission> MODE = PosixFilePermissions.fromString("rw-rw----");

  private final Path path;
  private final ServerSocketChannel channel;
  private final @Nullable Object inode;

  private ControlSocket(Path path, ServerSocketChannel channel, @Nullable Object inode) {
    this.path = path;
    this.channel = channel;
    this.inode = inode;
  }

  /// Binds the socket.
  ///
  /// @param path absolute; its folder is made if it is missing
  /// @throws ControlException if the path is too long, or something is there that must stay
  static ControlSocket bind(Path path) throws ControlException {
    Path folder = Objects.requireNonNull(path.getParent(), "an absolute path of a file");
    // One process has one such folder, and a killed one's is empty but for its socket.
    Path chamber = folder.resolve("." + Long.toString(ProcessHandle.current().pid(), 36));
    Path bound = chamber.resolve("s");
    refuseLong(path, Math.max(bytes(path), bytes(bound)));
    try {
      Files.createDirectories(folder);
      refuseOccupied(path);
      Files.deleteIfExists(bound);
      Files.deleteIfExists(chamber);
      Files.createDirectory(
          chamber,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        channel.bind(UnixDomainSocketAddress.of(bound), BACKLOG);
        Files.setPosixFilePermissions(bound, MODE);
        Object inode = inode(bound);
        Files.move(bound, path, StandardCopyOption.ATOMIC_MOVE);
        return new ControlSocket(path, channel, inode);
      } catch (IOException | RuntimeException e) {
        channel.close();
        Files.deleteIfExists(bound);
        throw e;
      } finally {
        Files.deleteIfExists(chamber);
      }
    } catch (IOException e) {
      throw new ControlException("the control socket " + path + " cannot be made: " + e, e);
    }
  }

  private static int bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8).length;
  }

  /// Whether a socket can have this path.
  ///
  /// @throws ControlException if it is too long
  static void refuseLong(Path path) throws ControlException {
    refuseLong(path, bytes(path));
  }

  private static void refuseLong(Path path, int bytes) throws ControlException {
    if (bytes > MOST_PATH_BYTES) {
      throw new ControlException(
          "the control socket %s: a socket's path has at most %d bytes, and this needs %d; "
                  .formatted(path, MOST_PATH_BYTES, bytes)
              + "set control-socket in sluice.cfg to a shorter one");
    }
  }

  private static void refuseOccupied(Path path) throws IOException, ControlException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    BasicFileAttributes found =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!found.isOther()) {
      throw new ControlException("the control socket " + path + ": there is a file of that name");
    }
    if (answers(path)) {
      throw new ControlException(
          "the control socket " + path + " is that of another gateway, which is running");
    }
  }

  /// Whether a process listens there. One that does not accept at the moment counts.
  private static boolean answers(Path path) throws IOException {
    try (SocketChannel trial = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      trial.configureBlocking(false);
      trial.connect(UnixDomainSocketAddress.of(path));
      return true;
    } catch (ConnectException e) {
      return false;
    }
  }

  private static @Nullable Object inode(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }

  /// Waits for the next client.
  ///
  /// @throws java.nio.channels.ClosedChannelException when the socket has been closed
  SocketChannel accept() throws IOException {
    return channel.accept();
  }

  Path path() {
    return path;
  }

  /// Closes the socket, and removes its file unless another has taken its place.
  @Override
  public void close() throws IOException {
    channel.close();
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && Objects.equals(inode, inode(path))) {
      Files.delete(path);
    }
  }
}
