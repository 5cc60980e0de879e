package dev.sluice.kernel;

import static dev.sluice.kernel.UapiEthtool.ETH_GSTRING_LEN;
import static dev.sluice.kernel.UapiEthtool.STRUCT_ETHTOOL_GET_FEATURES_BLOCK;
import static dev.sluice.kernel.UapiEthtool.STRUCT_ETHTOOL_GFEATURES;
import static dev.sluice.kernel.UapiEthtool.STRUCT_ETHTOOL_GSTRINGS;
import static dev.sluice.kernel.UapiEthtool.STRUCT_ETHTOOL_SET_FEATURES_BLOCK;
import static dev.sluice.kernel.UapiEthtool.STRUCT_ETHTOOL_SSET_INFO;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/// The offload features of an interface, ethtool(8), by the names that the kernel gives them:
/// `rx-gro`, `tx-checksum-ip-generic`, as `ethtool -k` lists them. Legacy names such as `gro` or
/// `tx` are groups of these.
///
/// The interface is one of the network namespace that the calling thread is in.
public final class Ethtool {
  private static final int BLOCK_FEATURES = 32;

  private Ethtool() {}

  /// Features that are on.
  ///
  /// @throws KernelException if there is no such interface or the kernel refuses
  public static Set<String> activeFeatures(String interfaceName) throws KernelException {
    try (ControlSocket control = new ControlSocket(interfaceName)) {
      return active(control);
    }
  }

  /// Switches off whatever leaves a checksum, a VLAN tag or the cutting into segments to the device
  /// that transmits. Over a virtual wire there is no such device, so that the far end would see
  /// frames without checksum, without tag and longer than the MTU.
  ///
  /// @return the features switched off
  /// @throws KernelException if there is no such interface or the kernel refuses
  public static Set<String> disableTransmitOffloads(String interfaceName) throws KernelException {
    try (ControlSocket control = new ControlSocket(interfaceName)) {
      Set<String> off = new TreeSet<>(active(control));
      off.removeIf(Predicate.not(Ethtool::offloadsTransmission));
      change(control, off, false);
      return off;
    }
  }

  private static boolean offloadsTransmission(String feature) {
    return feature.startsWith("tx-checksum-")
        || feature.startsWith("tx-gso-")
        || feature.equals("tx-vlan-hw-insert")
        || feature.equals("tx-vlan-stag-hw-insert")
        || (feature.startsWith("tx-") && feature.endsWith("-segmentation"));
  }

  /// Features that are on.
  static Set<String> active(ControlSocket control) throws KernelException {
    List<String> names = names(control);
    Set<String> active = new TreeSet<>();
    try (Arena arena = Arena.ofConfined()) {
      long head = STRUCT_ETHTOOL_GFEATURES.byteSize();
      long block = STRUCT_ETHTOOL_GET_FEATURES_BLOCK.byteSize();
      int blocks = blocks(names);
      MemorySegment command = arena.allocate(head + blocks * block, 8);
      command.set(JAVA_INT, 0, UapiEthtool.ETHTOOL_GFEATURES);
      command.set(JAVA_INT, 4, blocks);
      Errno.require(
          control.ethtool(command), "Asking for the offload features of " + control.name());
      long at = head + IfPacket.offset(STRUCT_ETHTOOL_GET_FEATURES_BLOCK, "active");
      for (int i = 0; i < names.size(); i++) {
        int word = command.get(JAVA_INT, at + i / BLOCK_FEATURES * block);
        if ((word & 1 << i % BLOCK_FEATURES) != 0) {
          active.add(names.get(i));
        }
      }
    }
    return active;
  }

  /// Switches features on or off. The driver may not follow: look again what is [#active].
  static void change(ControlSocket control, Set<String> features, boolean on)
      throws KernelException {
    List<String> names = names(control);
    try (Arena arena = Arena.ofConfined()) {
      long head = STRUCT_ETHTOOL_GFEATURES.byteSize();
      long block = STRUCT_ETHTOOL_SET_FEATURES_BLOCK.byteSize();
      int blocks = blocks(names);
      MemorySegment command = arena.allocate(head + blocks * block, 8);
      command.set(JAVA_INT, 0, UapiEthtool.ETHTOOL_SFEATURES);
      command.set(JAVA_INT, 4, blocks);
      for (String feature : features) {
        int i = names.indexOf(feature);
        if (i < 0) {
          throw new KernelException("This kernel has no offload feature " + feature + ".");
        }
        long at = head + i / BLOCK_FEATURES * block;
        int bit = 1 << i % BLOCK_FEATURES;
        command.set(JAVA_INT, at, command.get(JAVA_INT, at) | bit);
        command.set(JAVA_INT, at + 4, command.get(JAVA_INT, at + 4) | (on ? bit : 0));
      }
      Errno.require(
          control.ethtool(command),
          "Switching " + features + (on ? " on" : " off") + " on " + control.name());
    }
  }

  /// Names of all features the kernel knows, in the order of their bits.
  private static List<String> names(ControlSocket control) throws KernelException {
    String what = "Asking for the names of the offload features of " + control.name();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(STRUCT_ETHTOOL_SSET_INFO.byteSize() + 4, 8);
      info.set(JAVA_INT, 0, UapiEthtool.ETHTOOL_GSSET_INFO);
      info.set(
          JAVA_INT,
          IfPacket.offset(STRUCT_ETHTOOL_SSET_INFO, "sset_mask"),
          1 << UapiEthtool.ETH_SS_FEATURES);
      Errno.require(control.ethtool(info), what);
      int count = info.get(JAVA_INT, STRUCT_ETHTOOL_SSET_INFO.byteSize());

      long head = STRUCT_ETHTOOL_GSTRINGS.byteSize();
      MemorySegment strings = arena.allocate(head + (long) count * ETH_GSTRING_LEN, 8);
      strings.set(JAVA_INT, 0, UapiEthtool.ETHTOOL_GSTRINGS);
      strings.set(JAVA_INT, 4, UapiEthtool.ETH_SS_FEATURES);
      strings.set(JAVA_INT, 8, count);
      Errno.require(control.ethtool(strings), what);
      List<String> names = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        names.add(strings.getString(head + (long) i * ETH_GSTRING_LEN));
      }
      return names;
    }
  }

  private static int blocks(List<String> names) {
    return (names.size() + BLOCK_FEATURES - 1) / BLOCK_FEATURES;
  }
}
