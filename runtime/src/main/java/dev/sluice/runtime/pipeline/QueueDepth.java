package dev.sluice.runtime.pipeline;

/// How full a queue is.
///
/// @param name `recv-0` for the RecvQueue of the first WorkThread, `send` for the SendQueue
/// @param now frames in it
/// @param highest most frames that its consumer found in it since the last reading
/// @param capacity frames it has room for
public record QueueDepth(String name, int now, int highest, int capacity) {}
