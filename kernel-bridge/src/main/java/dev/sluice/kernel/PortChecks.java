package dev.sluice.kernel;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;

/// What makes an interface unsafe as a port of an inline gateway, and is refused before anything
/// opens. Each refusal names the remedy. [PortSettings] has what is switched off instead.
public final class PortChecks {
  /// Longest packet whose frame, with header and two tags, a chunk holds.
  static final int MOST_MTU = FramePool.FRAME_BYTES - 14 - 2 * 4;

  private PortChecks() {}

  /// Refuses a pair of ports between which large packets would be lost.
  ///
  /// @throws KernelException if their MTUs differ
  public static void requireEqualMtu(FrameDevice one, FrameDevice other) throws KernelException {
    if (one.mtu() != other.mtu()) {
      throw new KernelException(
          one.name()
              + " has an MTU of "
              + one.mtu()
              + " and "
              + other.name()
              + " one of "
              + other.mtu()
              + ", so that large packets would be lost between them: give both the"
              + " same with `ip link set IF mtu N`.");
    }
  }

  /// Refuses an interface of this thread's network namespace that is unsafe as a port; changes
  /// nothing.
  ///
  /// @throws KernelException naming the first thing that is wrong with it
  public static void require(String interfaceName) throws KernelException {
    try (ControlSocket port = new ControlSocket(interfaceName)) {
      require(port);
    }
  }

  /// Refuses an interface that is unsafe.
  ///
  /// @throws KernelException naming the first thing that is wrong with it
  static void require(ControlSocket port) throws KernelException {
    String name = port.name();
    int linkType = port.linkType();
    if (linkType != If.ARPHRD_ETHER) {
      throw new KernelException(
          name + " carries no Ethernet (link type " + linkType + "): choose another interface.");
    }
    if ((port.flags() & If.IFF_UP) == 0) {
      throw new KernelException(name + " is down: bring it up with `ip link set " + name + " up`.");
    }
    if (port.mtu() > MOST_MTU) {
      throw new KernelException(
          name
              + " has an MTU of "
              + port.mtu()
              + ", more than the "
              + MOST_MTU
              + " that a frame holds: lower it with `ip link set "
              + name
              + " mtu 1500`, at both"
              + " ends of the wire.");
    }
    requireAlone(port);
    requireNoAddress(port);
    requireNoProgram(port);
  }

  /// No XDP program of somebody else: it sees frames before any socket does, and could send them on
  /// unjudged. One that nobody uses any more is replaced or does nothing.
  private static void requireNoProgram(ControlSocket port) throws KernelException {
    Optional<AttachedProgram> there = AttachedProgram.of(port);
    if (there.isPresent() && !there.get().isLeftover()) {
      throw new KernelException(there.get().inTheWay(port));
    }
  }

  /// No bridge or bond above it, no VLAN or MACVLAN on it: the host would take part in the traffic.
  private static void requireAlone(ControlSocket port) throws KernelException {
    String name = port.name();
    List<RouteSocket.Link> links = RouteSocket.links();
    for (RouteSocket.Link link : links) {
      if (link.index() == port.index() && link.master() != 0) {
        throw new KernelException(
            name
                + " is part of "
                + nameOf(links, link.master())
                + ": release it with `ip link set "
                + name
                + " nomaster`.");
      }
      // The far end of a veth names its peer as the link below.
      if (link.below() == port.index() && !link.kind().equals("veth")) {
        throw new KernelException(
            link.name()
                + " sits on "
                + name
                + ", so that the host itself would use the port:"
                + " remove it with `ip link del "
                + link.name()
                + "`.");
      }
    }
  }

  private static void requireNoAddress(ControlSocket port) throws KernelException {
    for (RouteSocket.Address address : RouteSocket.addresses()) {
      InetAddress inet = inet(address);
      boolean ours = address.index() == port.index();
      if (ours && (address.bytes().size() == 4 || !inet.isLinkLocalAddress())) {
        throw new KernelException(
            port.name()
                + " has the address "
                + inet.getHostAddress()
                + "/"
                + address.prefixLength()
                + ", so that the host itself would answer on the port:"
                + " remove it with `ip addr flush dev "
                + port.name()
                + "`.");
      }
    }
  }

  private static String nameOf(List<RouteSocket.Link> links, int index) {
    return links.stream()
        .filter(link -> link.index() == index)
        .map(RouteSocket.Link::name)
        .findFirst()
        .orElse("link " + index);
  }

  private static InetAddress inet(RouteSocket.Address address) throws KernelException {
    byte[] bytes = new byte[address.bytes().size()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = address.bytes().get(i);
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new KernelException("The kernel tells an address of " + bytes.length + " bytes.");
    }
  }
}
