package dev.sluice.plugin;

import java.util.ServiceLoader;
import org.osgi.annotation.versioning.ProviderType;

/// The paper's interface for a program that embeds Sluice: [#init] with the two callbacks,
/// [#openDevice] for each port, [#dispatch].
///
/// Devices are paired in the order of opening: the second is the peer of the first, the fourth of
/// the third. Set-up calls are for one thread; the inherited ones are for any.
@ProviderType
public interface Gateway extends PacketSender, AutoCloseable {
  /// A gateway with default settings, from the runtime on the class path.
  ///
  /// @throws IllegalStateException if there is no runtime
  static Gateway create() {
    return ServiceLoader.load(GatewayProvider.class)
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException("no Sluice runtime on the class path: add runtime.jar"))
        .create();
  }

  /// Sets the callbacks. With several WorkThreads all of them call the one handler, which must then
  /// be safe for concurrent use.
  ///
  /// @throws IllegalStateException if called twice, or after [#dispatch]
  void init(HashFunction hash, PacketHandler handler);

  /// Opens a port.
  ///
  /// @param name a network interface such as `eth1`, or one with its back-end named: `packet:eth1`,
  ///   `pcap:in.pcap`, `pcap:in.pcap,out.pcap`, `memory:name`
  /// @throws DeviceException if it cannot be opened, or would make an unsafe gateway, with a
  ///   sentence that names the remedy
  /// @throws IllegalStateException after [#dispatch]
  Device openDevice(String name) throws DeviceException;

  /// Starts the threads and, behind them, lets the ports receive.
  ///
  /// @param workThreads 1 to 64: so many WorkThreads, with a ReadThread and a SendThread beside
  ///   them; 0: all stages in one thread
  /// @throws IllegalArgumentException for any other number
  /// @throws IllegalStateException if called twice, before [#init], or with no device open
  void dispatch(int workThreads);

  /// Whether no frame will ever arrive again, as with replayed files at their end, and all that
  /// arrived has left, was answered or dropped.
  boolean ended();

  /// Stops receiving, lets what is in flight leave, and detaches from the ports. Packets still held
  /// by handlers are dropped with [DropReason#STOPPING], and their memory is gone: touching it
  /// throws. Idempotent.
  ///
  /// @throws IllegalStateException if a handler calls it
  @Override
  void close();
}
