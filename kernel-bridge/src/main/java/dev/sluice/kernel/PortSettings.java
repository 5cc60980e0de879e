package dev.sluice.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// What was switched off on an interface to make it a port, and is put back at the end.
///
/// The host's own stack sees every frame that a packet socket sees. Having no address is not enough
/// to keep it silent: it answers ARP on any interface for any of its addresses, and takes part in
/// IPv6 by itself. And frames that the kernel merged on arrival do not fit into a chunk.
final class PortSettings implements AutoCloseable {
  /// Merging of received frames, in software and in hardware, by the kernel's names.
  private static final Set<String> MERGING =
      Set.of("rx-gro", "rx-lro", "rx-gro-hw", "rx-gro-list", "rx-udp-gro-forwarding");

  /// Taking VLAN tags out of received frames and keeping them beside, where XDP cannot see them.
  private static final Set<String> TAKING_TAGS =
      Set.of("rx-vlan-hw-parse", "rx-vlan-stag-hw-parse");

  /// Segmentation of TCP on the way out. A port sends whole frames only; but as long as a virtual
  /// wire offers this, it hands frames of a ring and redirected ones ([XdpBurst]) to the far end by
  /// different ways, which could change their order.
  private static final String SEGMENTING = "tx-tcp";

  private final ControlSocket port;
  private final List<KernelSetting> settings = new ArrayList<>();
  private final Set<String> features = new TreeSet<>();

  private PortSettings(ControlSocket port) {
    this.port = port;
  }

  /// Makes the changes, in the network namespace of this thread.
  ///
  /// @param port used until this is closed
  /// @param tagsInFrames whether VLAN tags must stay in the frames
  /// @throws KernelException if the kernel refuses one; those made before are put back
  static PortSettings apply(ControlSocket port, boolean tagsInFrames) throws KernelException {
    PortSettings made = new PortSettings(port);
    try {
      made.silenceHost();
      made.stop(MERGING, "merges the frames it receives");
      if (tagsInFrames) {
        made.stop(TAKING_TAGS, "takes VLAN tags out of frames, where XDP would lose them,");
      }
      made.stop(segmenting(port), "cuts TCP segments up");
      return made;
    } catch (KernelException e) {
      made.close();
      throw e;
    }
  }

  /// Active features that an AF_XDP port switches off.
  static List<String> unwanted(ControlSocket port) throws KernelException {
    Set<String> on = new TreeSet<>(Ethtool.active(port));
    on.removeIf(feature -> !MERGING.contains(feature) && !TAKING_TAGS.contains(feature));
    on.addAll(segmenting(port));
    return List.copyOf(on);
  }

  private static Set<String> segmenting(ControlSocket port) throws KernelException {
    Set<String> on = new TreeSet<>();
    if (XdpBurst.isVirtualWire(port)) {
      on.addAll(Ethtool.active(port));
      on.removeIf(feature -> !feature.startsWith(SEGMENTING));
    }
    return on;
  }

  /// Puts everything back that can be: an interface that is gone has nothing left to put back. To
  /// be called once.
  @Override
  public void close() {
    try {
      if (!features.isEmpty()) {
        port.flags(); // so that it has the interface's present name
        Ethtool.change(port, features, true);
      }
    } catch (KernelException _) {
      // The interface is gone.
    }
    settings.reversed().forEach(KernelSetting::close);
  }

  private void silenceHost() throws KernelException {
    String ipv6 = "net/ipv6/conf/" + port.name() + "/disable_ipv6";
    if (KernelSetting.exists(ipv6)) {
      settings.add(KernelSetting.set(ipv6, 1)); // no link-local address, so no NDP, no MLD
    }
    String ipv4 = "net/ipv4/conf/" + port.name();
    settings.add(KernelSetting.set(ipv4 + "/forwarding", 0));
    settings.add(KernelSetting.set(ipv4 + "/arp_ignore", 8)); // answer for no address at all
    settings.add(KernelSetting.set(ipv4 + "/rp_filter", 1)); // no route leads here: drop all
  }

  private void stop(Set<String> unwanted, String does) throws KernelException {
    Set<String> on = active(unwanted);
    if (on.isEmpty()) {
      return;
    }
    Ethtool.change(port, on, false);
    features.addAll(on);
    Set<String> still = active(unwanted);
    if (!still.isEmpty()) {
      throw new KernelException(
          port.name()
              + " "
              + does
              + " and "
              + still
              + " cannot be switched off: choose another interface.");
    }
  }

  private Set<String> active(Set<String> unwanted) throws KernelException {
    Set<String> on = new TreeSet<>(Ethtool.active(port));
    on.retainAll(unwanted);
    return on;
  }
}
