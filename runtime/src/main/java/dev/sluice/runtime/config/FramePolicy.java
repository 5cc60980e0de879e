package dev.sluice.runtime.config;

/// What becomes of frames that cannot be judged whole.
public enum FramePolicy {
  DROP,
  PASS
}
