package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.XdpOptions;
import dev.sluice.kernel.XdpOptions.Copy;
import dev.sluice.kernel.XdpOptions.Mode;
import dev.sluice.kernel.XdpSupport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Chooses the back-ends of a whole set of ports.
///
/// The best is XDP in the driver without a copy, then XDP in the driver with one, then AF_PACKET.
/// XDP behind the driver comes last, and only where the operator names it: it forwards as fast as
/// XDP in the driver, but costs the receiving side more than twice as much, since the kernel makes
/// a buffer of each frame before the program sees it.
///
/// The set is chosen for at once because all AF_XDP sockets on one pool must agree whether frames
/// are copied: without a copy only if every port can do without.
final class PortChooser {
  private final DeviceSettings settings;
  private final Map<String, XdpSupport> supports = new LinkedHashMap<>();

  private PortChooser(DeviceSettings settings) {
    this.settings = settings;
  }

  /// Chooses for ports of these names, in their order.
  ///
  /// @throws KernelException if a name is none, or there is no such interface
  static List<PortChoice> choose(List<String> names, DeviceSettings settings, PortKernel kernel)
      throws KernelException {
    PortChooser chooser = new PortChooser(settings);
    List<PortChoice> choices = new ArrayList<>();
    for (String name : names) {
      try {
        choices.add(chooser.choose(PortAddress.of(name), kernel));
      } catch (KernelException e) {
        throw PortAddress.about(name, e);
      }
    }
    return chooser.agreed(choices);
  }

  /// Chooses for the names of interfaces alone.
  static List<PortChoice> choose(List<XdpSupport> interfaces, DeviceSettings settings) {
    PortChooser chooser = new PortChooser(settings);
    return chooser.agreed(
        interfaces.stream()
            .map(support -> {
              String name = support.interfaceName();
              return chooser.ofInterface(new PortAddress(name, "", name, -1), support);
            })
            .toList());
  }

  private PortChoice choose(PortAddress address, PortKernel kernel) throws KernelException {
    return address.isInterface() && !address.backend().equals(PortChoice.PACKET)
        ? ofInterface(address, kernel.support(address.rest(), !address.backend().isEmpty()))
        : new PortChoice(
            address.asked(), address.backend(), address.rest(), settings.xdp(), 1, false, "");
  }

  private PortChoice ofInterface(PortAddress address, XdpSupport support) {
    supports.put(address.rest(), support);
    boolean plain = address.backend().isEmpty();
    XdpOptions xdp = settings.xdp();
    Mode mode = plain ? Mode.NATIVE : xdp.mode();
    PortChoice choice =
        new PortChoice(
            address.asked(),
            PortChoice.XDP,
            address.rest(),
            changed(xdp, mode, xdp.copy(), address.queue()),
            address.queue() < 0 ? Math.max(1, support.receiveQueues()) : 1,
            plain,
            "");
    Optional<String> obstacle = plain ? obstacle(support) : Optional.empty();
    return obstacle.map(choice::packetBecause).orElse(choice);
  }

  /// Why a port whose back-end is free is not opened by XDP.
  private Optional<String> obstacle(XdpSupport support) {
    XdpOptions xdp = settings.xdp();
    if (xdp.mode() == Mode.GENERIC) {
      return Optional.of("xdp-mode = generic, and AF_PACKET is better than XDP behind the driver");
    }
    if (!support.nativeXdp()) {
      return Optional.of(
          "no AF_XDP with the driver" + driver(support) + because(first(support.refusals())));
    }
    if (xdp.copy() == Copy.ZERO_COPY && !support.zeroCopy()) {
      return Optional.of(
          "xdp-copy = zero-copy, and no zero-copy"
              + driver(support)
              + because(last(support.refusals())));
    }
    return Optional.empty();
  }

  private List<PortChoice> agreed(List<PortChoice> choices) {
    List<String> copying =
        choices.stream()
            .filter(PortChoice::isXdp)
            .map(PortChoice::rest)
            .filter(name -> !support(name).zeroCopy())
            .toList();
    boolean free = settings.xdp().copy() == Copy.BEST;
    Copy common =
        copying.isEmpty() && settings.xdp().mode() != Mode.GENERIC ? Copy.ZERO_COPY : Copy.COPY;
    return choices.stream()
        .map(choice -> choice.isXdp() ? agreed(choice, free, common, copying) : choice)
        .toList();
  }

  private PortChoice agreed(PortChoice choice, boolean free, Copy common, List<String> copying) {
    XdpOptions xdp = choice.xdp();
    Copy copy = free ? common : xdp.copy();
    XdpSupport support = support(choice.rest());
    List<String> words = new ArrayList<>();
    if (choice.fallsBack()) {
      words.add("XDP in the driver" + driver(support));
    }
    if (copy == Copy.ZERO_COPY) {
      words.add("without a copy");
    } else if (!free) {
      words.add("xdp-copy = copy");
    } else if (xdp.mode() == Mode.GENERIC) {
      words.add("copied, as always behind the driver");
    } else if (support.zeroCopy() && !copying.isEmpty()) {
      words.add("copied because all ports must agree and " + copying.getFirst() + " needs a copy");
    } else {
      words.add("copied because it has no zero-copy");
    }
    if (xdp.mode() == Mode.BEST && !support.nativeXdp()) {
      words.add("XDP behind the driver" + because(first(support.refusals())));
    }
    return choice.with(changed(xdp, xdp.mode(), copy, xdp.queue()), String.join(", ", words));
  }

  private XdpSupport support(String interfaceName) {
    return Objects.requireNonNull(supports.get(interfaceName));
  }

  private static String driver(XdpSupport support) {
    return support.driver().isEmpty() ? "" : " " + support.driver();
  }

  private static String because(String refusal) {
    return refusal.isEmpty() ? "" : ": " + refusal;
  }

  /// What was tried first comes first: programs in the driver early, zero-copy at the end.
  private static String first(List<String> refusals) {
    return refusals.isEmpty() ? "" : refusals.getFirst();
  }

  private static String last(List<String> refusals) {
    return refusals.isEmpty() ? "" : refusals.getLast();
  }

  private static XdpOptions changed(XdpOptions from, Mode mode, Copy copy, int queue) {
    return new XdpOptions(
        mode,
        copy,
        from.ringFrames(),
        from.transmitBudget(),
        from.needWakeup(),
        from.busyPollMicros(),
        queue,
        from.transmit());
  }
}
