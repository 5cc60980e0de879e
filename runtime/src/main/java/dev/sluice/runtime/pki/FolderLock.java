package dev.sluice.runtime.pki;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;

/// The right to change a folder, held by one thread of one process at a time.
final class FolderLock implements AutoCloseable {
  // A file's lock belongs to the whole process, so its threads need one of their own.
  private static final ReentrantLock WITHIN_PROCESS = new ReentrantLock();

  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  static FolderLock take(Path folder) throws IOException {
    WITHIN_PROCESS.lock();
    FileChannel channel = null;
    try {
      channel = FileChannel.open(folder.resolve(".lock"), CREATE, WRITE);
      channel.lock();
      return new FolderLock(channel);
    } catch (IOException e) {
      if (channel != null) {
        channel.close();
      }
      WITHIN_PROCESS.unlock();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      WITHIN_PROCESS.unlock();
    }
  }
}
