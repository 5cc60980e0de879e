package dev.sluice.kernel;

/// Pools for tests.
final class FramePools {
  private FramePools() {}

  static FramePool of(int chunks) {
    try {
      return FramePool.create(chunks);
    } catch (KernelException e) {
      throw new IllegalStateException(e);
    }
  }
}
