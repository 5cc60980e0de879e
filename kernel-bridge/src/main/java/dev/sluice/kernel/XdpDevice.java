package dev.sluice.kernel;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// `xdp:IF`: an Ethernet interface through AF_XDP, `Documentation/networking/af_xdp.rst`: frames go
/// from one port's receive ring to another's transmit ring in the pool itself.
///
/// It receives from all queues, or one, with a socket for each; it sends by the first of them. An
/// XDP program keeps every frame of the interface from the host, whether the device is started or
/// not. The kernel is given chunks of the pool in advance, as many as a ring holds for each socket,
/// but all sockets together at most half of those that devices receive into; they come back with
/// frames only. The interface is promiscuous until it is closed. It needs CAP_NET_ADMIN,
/// CAP_NET_RAW and CAP_BPF.
///
/// **Tags.** An XDP program does not see a VLAN tag that was taken out of a frame before, and the
/// frame would go on without it. So that is switched off on the interface. What the far end of a
/// veth(4) keeps beside a frame (`tx-vlan-hw-insert` on, and a VLAN interface there) is lost all
/// the same, and has to be switched off there.
///
/// **Checksums.** Frames that came from a local stack over a virtual wire may have a checksum that
/// is still to be finished; such devices mark theirs [FrameBatch#CHECKSUM_DOUBTFUL].
public final class XdpDevice implements FrameDevice {
  /// Drivers that hand over frames of a local stack as that made them.
  private static final Set<String> VIRTUAL_WIRES = Set.of("veth", "tun");

  private final Claim claim;
  private final ControlSocket control;
  private final FramePool pool;
  private final LinkWatch link;
  private final WallClock clock = new WallClock();
  private final XdpSockets sockets;
  private final XdpSteering steering;
  private final List<XdpReceiver> receivers;
  private final XdpTransmitter transmitter;
  private final int promiscuous;
  private final long hardwareAddress;
  private final int mtu;
  private final String method;
  private final AtomicBoolean closed = new AtomicBoolean();

  /// Whose turn it is to be asked first.
  private int turn;

  private volatile @Nullable Counts atClose;

  private record Counts(DeviceCounters counters, Map<String, Long> statistics) {}

  private XdpDevice(
      Claim claim,
      XdpSockets sockets,
      XdpSteering steering,
      @Nullable XdpBurst burst,
      XdpOptions options,
      FramePool pool)
      throws KernelException {
    this.claim = claim;
    this.control = claim.control();
    this.pool = pool;
    this.sockets = sockets;
    this.steering = steering;
    this.hardwareAddress = control.hardwareAddress();
    this.mtu = control.mtu();
    boolean copied = !sockets.zeroCopy();
    FrameFit fit = new FrameFit(mtu);
    BurstSender bursts =
        burst == null || !burst.isReady() ? null : new BurstSender(burst, fit, pool);
    this.method =
        steering.mode()
            + " XDP, "
            + (copied ? "copied, " : "zero-copy, ")
            + sockets.queues()
            + (bursts == null ? "" : ", bursts redirected");
    boolean doubtful = !steering.isNative() || VIRTUAL_WIRES.contains(Driver.of(control).name());
    int flag = doubtful ? FrameBatch.CHECKSUM_DOUBTFUL : 0;
    boolean[] given = new boolean[pool.chunks()];
    this.receivers =
        sockets.all().stream()
            .map(socket ->
                new XdpReceiver(socket.fd(), socket.rings(), options, pool, copied, given, flag))
            .toList();
    this.promiscuous = PacketSocket.open(control.name());
    try {
      PacketSocket.makePromiscuous(promiscuous, control.index(), control.name());
    } catch (KernelException e) {
      FileCalls.close(promiscuous);
      throw e;
    }
    this.link = new LinkWatch(control);
    XdpSocket first = sockets.all().getFirst();
    this.transmitter =
        new XdpTransmitter(first.fd(), first.rings(), options, link, fit, pool, bursts);
  }

  /// Opens an interface of the network namespace that the calling thread is in, after it has passed
  /// [PortChecks], and silences the host on it until it is closed.
  ///
  /// The first device on a pool says whether frames are copied and whether the kernel tells when it
  /// wants to be woken; later ones take that over, whatever their options say.
  ///
  /// @throws KernelException if there is no such interface, it is open already or unsafe, or the
  ///   kernel refuses: `EOPNOTSUPP` where the driver cannot do what the options ask, or not as the
  ///   devices opened before do
  public static XdpDevice open(String interfaceName, XdpOptions options, FramePool pool)
      throws KernelException {
    return open(Claim.taggedPort(interfaceName), options, pool);
  }

  /// Opens an interface as it is: without the checks and changes that make it fit for a gateway.
  /// For looking on, not for forwarding.
  ///
  /// @throws KernelException if there is no such interface, or the kernel refuses
  public static XdpDevice attach(String interfaceName, XdpOptions options, FramePool pool)
      throws KernelException {
    return open(Claim.bare(interfaceName), options, pool);
  }

  private static XdpDevice open(Claim claim, XdpOptions options, FramePool pool)
      throws KernelException {
    try {
      XdpSockets sockets = XdpSockets.open(claim.control(), options, pool);
      try {
        return open(claim, sockets, options, pool);
      } catch (KernelException e) {
        sockets.close();
        throw e;
      }
    } catch (KernelException e) {
      claim.close();
      throw e;
    }
  }

  private static XdpDevice open(Claim claim, XdpSockets sockets, XdpOptions options, FramePool pool)
      throws KernelException {
    boolean driversRings =
        sockets.zeroCopy(); // they have no frames for a program behind the driver
    XdpOptions.Mode mode = driversRings ? XdpOptions.Mode.NATIVE : options.mode();
    boolean mayBurst = options.transmit() == XdpOptions.Transmit.BEST && !sockets.zeroCopy();
    XdpBurst burst = mayBurst ? XdpBurst.on(claim.control()) : null;
    try {
      XdpSteering steering = XdpSteering.attach(claim.control(), sockets.endQueue(), mode, burst);
      try {
        return new XdpDevice(claim, sockets, steering, burst, options, pool);
      } catch (KernelException e) {
        steering.close();
        throw e;
      }
    } catch (KernelException e) {
      if (burst != null) {
        burst.close();
      }
      throw e;
    }
  }

  @Override
  public String name() {
    return "xdp:" + control.name();
  }

  @Override
  public void start() throws KernelException {
    steering.start(sockets.all());
  }

  @Override
  public void stop() {
    steering.stop(sockets.all());
  }

  @Override
  public int receive(FrameBatch batch, ChunkStack free) {
    int share = pool.forReceiving() / 2 / Math.max(1, pool.umem().sockets());
    int count = 0;
    int at = turn;
    for (int i = 0; i < receivers.size(); i++) {
      XdpReceiver receiver = receivers.get(at);
      receiver.target(share);
      count += receiver.receive(batch, free, clock);
      at = at + 1 == receivers.size() ? 0 : at + 1;
    }
    turn = turn + 1 == receivers.size() ? 0 : turn + 1;
    return count;
  }

  @Override
  public int wanted() {
    int wanted = 0;
    for (int i = 0; i < receivers.size(); i++) {
      wanted += receivers.get(i).wanted();
    }
    return wanted;
  }

  @Override
  public int send(FrameBatch batch, int from) {
    return transmitter.send(batch, from);
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
    return sockets.receiveFd();
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
    return method;
  }

  @Override
  public DeviceCounters counters() {
    return counts().counters();
  }

  @Override
  public Map<String, Long> statistics() {
    return counts().statistics();
  }

  private Counts counts() {
    Counts last = atClose;
    return last != null ? last : count();
  }

  private Counts count() {
    Map<String, Long> kernel = sockets.statistics();
    long received = 0;
    long tooLong = 0;
    long bad = transmitter.bad();
    for (XdpReceiver receiver : receivers) {
      received += receiver.received();
      tooLong += receiver.tooLong();
      bad += receiver.bad();
    }
    kernel.put("bad_descriptors", bad);
    // The kernel counts a frame for which the fill ring had no chunk as dropped, too.
    long dropped = kernel.getOrDefault("rx_dropped", 0L) + kernel.getOrDefault("rx_ring_full", 0L);
    return new Counts(
        new DeviceCounters(received, dropped, tooLong, transmitter.sent(), transmitter.failed()),
        Collections.unmodifiableMap(kernel));
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      steering.close(); // before the sockets: the kernel may be about to hand one a frame
      atClose = count();
      link.close();
      transmitter.close();
      sockets.close();
      FileCalls.close(promiscuous);
      claim.close();
    }
  }
}
