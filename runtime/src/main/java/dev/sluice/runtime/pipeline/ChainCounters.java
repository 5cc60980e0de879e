package dev.sluice.runtime.pipeline;

/// Packets that all WorkThreads gave to their chains since the gateway began, whatever chains those
/// were.
///
/// @param refused received frames that were dropped before any chain
/// @param queued frames in the RecvQueues now
/// @param given packets that a chain has judged, or a closed one dropped
/// @param passed packets that passed the last handler
/// @param closed packets that a closed chain dropped
/// @param stuck packets that have no verdict, because a handler was stuck
public record ChainCounters(
    long refused, long queued, long given, long passed, long closed, long stuck) {}
