package dev.sluice.kernel;

import java.util.Map;

/// A port that frames come in by and leave by, over the one [FramePool] of a gateway.
///
/// **Who calls.** One thread calls [#receive], one thread (it may be the same) calls [#send],
/// [#flush] and [#completed]. The others may be called from any thread. None of these blocks, and
/// none throws for what the wire or the kernel does: a device that vanishes receives nothing and
/// accepts nothing from then on, and says so in [#link].
///
/// **Who owns a chunk.** A chunk popped from the stack of free ones belongs to the device until it
/// comes back with a received frame. A chunk accepted by `send` belongs to the device until it
/// comes back from `completed`.
public interface FrameDevice extends AutoCloseable {
  /// As it was opened, with the back-end: `packet:eth1`.
  String name();

  /// Lets frames in. What arrived before is not seen.
  ///
  /// @throws KernelException if the kernel refuses
  void start() throws KernelException;

  /// Lets no more frames in; those the kernel already handed over can still be received.
  void stop();

  /// Receives frames into `batch` until it has no room, nothing more has arrived, or `free` is
  /// empty.
  ///
  /// @param free where the device takes chunks from, which it then owns
  /// @return frames added
  int receive(FrameBatch batch, ChunkStack free);

  /// Accepts frames for transmission in order, from index `from` of `batch` on.
  ///
  /// @return how many it accepted; fewer than offered when the device's ring is full or its link is
  ///   not up, 0 for ever when it is [LinkState#GONE]
  int send(FrameBatch batch, int from);

  /// Tells the kernel to transmit what was accepted. To be called after the last `send` of a batch.
  void flush();

  /// Gives back chunks whose transmission is over.
  ///
  /// @return chunks pushed
  int completed(ChunkStack into);

  /// File descriptor that becomes readable when frames arrive, or -1 for a device without one.
  int receiveFd();

  /// Whether the source has ended and no frame will ever arrive again: true for a replayed file at
  /// its end.
  boolean ended();

  /// Whether frames wait in the device, without loss, until they are received: true for files. The
  /// pipeline then takes no more of them than its queues hold.
  default boolean canWait() {
    return false;
  }

  /// Free chunks that [#receive] would take now beside those of the frames it delivers: what the
  /// kernel is given in advance to receive into. For the receiving thread.
  default int wanted() {
    return 0;
  }

  LinkState link();

  /// What the interface is called now, as of the last [#link]: another name than that in [#name]
  /// once it was renamed. Empty for a device without an interface.
  default String interfaceName() {
    return "";
  }

  /// Hardware address in the low 48 bits, 0 where there is none.
  long hardwareAddress();

  /// Largest network-layer packet, in bytes.
  int mtu();

  DeviceCounters counters();

  /// How it works, for the operator: `native XDP, copied, queues 0..3`, or an empty text where
  /// there is nothing to choose.
  default String method() {
    return "";
  }

  /// What the kernel counted apart from [#counters], by the kernel's own names: `rx_ring_full`.
  default Map<String, Long> statistics() {
    return Map.of();
  }

  /// Detaches from the interface, puts back what opening changed, and frees everything. Idempotent.
  /// No other call may be running; of those that come later, only [#counters], [#name] and [#link]
  /// are allowed.
  @Override
  void close();
}
