package dev.sluice.kernel;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// `packet:IF`: an Ethernet interface through AF_PACKET, packet(7), one copy each way.
///
/// The interface is promiscuous from its start until it is closed, and frames that this host sends
/// do not come back. A frame arrives with the VLAN tag that the kernel had taken out put back in
/// place. It needs CAP_NET_RAW and CAP_NET_ADMIN.
public final class PacketDevice implements FrameDevice {
  private final Claim claim;
  private final ControlSocket control;
  private final LinkWatch link;
  private final FramePool pool;
  private final PacketReceiver receiver;
  private final PacketTransmitter transmitter;
  private final long hardwareAddress;
  private final int mtu;
  private final AtomicBoolean closed = new AtomicBoolean();

  /// What was counted when the device was closed.
  private volatile @Nullable DeviceCounters last;

  private PacketDevice(Claim claim, PacketOptions options, FramePool pool, @Nullable XdpBurst burst)
      throws KernelException {
    this.claim = claim;
    this.control = claim.control();
    this.link = new LinkWatch(control);
    this.pool = pool;
    this.hardwareAddress = control.hardwareAddress();
    this.mtu = control.mtu();
    this.receiver = new PacketReceiver(control, options, pool);
    try {
      this.transmitter = new PacketTransmitter(control, link, options, pool, burst);
    } catch (KernelException e) {
      receiver.close();
      throw e;
    }
  }

  /// Opens an interface of the network namespace that the calling thread is in, after it has passed
  /// [PortChecks], and silences the host on it until it is closed.
  ///
  /// @throws KernelException if there is no such interface, it is open already or unsafe, or the
  ///   kernel refuses
  public static PacketDevice open(String interfaceName, PacketOptions options, FramePool pool)
      throws KernelException {
    return open(Claim.port(interfaceName), options, pool, true);
  }

  /// Opens an interface as it is: without the checks and changes that make it fit for a gateway.
  /// For looking on, not for forwarding.
  ///
  /// @throws KernelException if there is no such interface, or the kernel refuses
  public static PacketDevice attach(String interfaceName, PacketOptions options, FramePool pool)
      throws KernelException {
    return open(Claim.bare(interfaceName), options, pool, false);
  }

  private static PacketDevice open(
      Claim claim, PacketOptions options, FramePool pool, boolean mayBurst) throws KernelException {
    boolean best = options.transmit() == XdpOptions.Transmit.BEST;
    XdpBurst burst = mayBurst && best ? XdpBurst.alone(claim.control()) : null;
    try {
      return new PacketDevice(claim, options, pool, burst);
    } catch (KernelException e) {
      if (burst != null) {
        burst.close();
      }
      claim.close();
      throw e;
    }
  }

  @Override
  public String name() {
    return "packet:" + control.name();
  }

  @Override
  public void start() throws KernelException {
    receiver.start();
  }

  @Override
  public void stop() {
    receiver.stop();
  }

  @Override
  public int receive(FrameBatch batch, ChunkStack free) {
    return receiver.ring().receive(batch, free);
  }

  @Override
  public int send(FrameBatch batch, int from) {
    return transmitter.send(batch, from, pool);
  }

  @Override
  public void flush() {
    transmitter.flush();
  }

  @Override
  public int completed(ChunkStack into) {
    return transmitter.completed(into);
  }

  @Override
  public int receiveFd() {
    return receiver.fd();
  }

  @Override
  public boolean ended() {
    return false;
  }

  @Override
  public LinkState link() {
    return link.state();
  }

  @Override
  public String interfaceName() {
    return control.presentName();
  }

  @Override
  public long hardwareAddress() {
    return hardwareAddress;
  }

  @Override
  public int mtu() {
    return mtu;
  }

  @Override
  public String method() {
    return transmitter.method();
  }

  @Override
  public DeviceCounters counters() {
    DeviceCounters atClose = last;
    return atClose != null ? atClose : count();
  }

  private DeviceCounters count() {
    ReceiveRing in = receiver.ring();
    return new DeviceCounters(
        in.received(), receiver.dropped(), in.tooLong(), transmitter.sent(), transmitter.failed());
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      last = count();
      link.close();
      receiver.close();
      transmitter.close();
      claim.close();
    }
  }
}
