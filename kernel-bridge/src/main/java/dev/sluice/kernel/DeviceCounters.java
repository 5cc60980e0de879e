package dev.sluice.kernel;

/// What a device counted since it was opened.
///
/// @param received frames given to the pipeline
/// @param kernelDropped frames the kernel dropped because nobody fetched them in time
/// @param tooLong frames dropped because they are longer than [FramePool#FRAME_BYTES], because they
///   were handed over cut short, or because they do not lie where the ring or file says
/// @param sent frames the kernel took for transmission
/// @param sendFailed frames accepted by [FrameDevice#send] that cannot be sent: longer than the MTU
///   allows, refused by the kernel, or still waiting when the link went down
public record DeviceCounters(
    long received, long kernelDropped, long tooLong, long sent, long sendFailed) {}
