package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.Verdict;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Who is in: what the gate asks on the packet path. Every method is safe from any WorkThread,
/// takes no lock and allocates nothing, except [#authenticate], which copies the datagram.
interface Admission {
  /// What the gate needs of the settings, as one immutable object that is replaced whole.
  ///
  /// @param authPort UDP port of the DTLS handshake
  /// @param masterSide devices that lead to master stations; every other device leads to terminals
  /// @param ownAddress the gateway's own address on the terminals' side, or null
  /// @param masters the master stations' (and their routers') addresses that terminals may resolve
  /// @param connectionIdleNanos a TCP connection without a packet for so long is forgotten
  /// @param maxConnections most TCP connections that one WorkThread tracks
  record Gate(
      int authPort,
      List<Device> masterSide,
      @Nullable IpAddress ownAddress,
      List<Master> masters,
      long connectionIdleNanos,
      int maxConnections) {

    boolean leadsToMaster(Device device) {
      return masterSide.contains(device);
    }
  }

  /// A master station, or a router that stands before some.
  ///
  /// @param hardwareAddress 48 bits, where the operator has set it; else it is learned
  record Master(IpAddress address, OptionalLong hardwareAddress) {}

  /// The settings in force.
  Gate gate();

  /// The session of the terminal with this address, or null. It may have ended an instant ago: ask
  /// [Session#live].
  @Nullable Session session(long addressHigh, long addressLow);

  /// Whether the registry lists a terminal with this address.
  boolean isListed(long addressHigh, long addressLow);

  /// The terminal that the registry lists with this address, or null: where it must be, so that the
  /// gate answers address questions there alone before a session lives.
  @Nullable Terminal terminal(long addressHigh, long addressLow);

  /// Whether the session with this number, of the terminal with this address, may live: whatever
  /// entry of the registry it began under. What another version of the bundle lists, and this one
  /// does not, may live for as long as that version is there.
  default boolean mayLive(long addressHigh, long addressLow, long sessionId) {
    Session session = session(addressHigh, addressLow);
    return session != null && session.id() == sessionId;
  }

  /// Says that a connection of a session is gone which this version of the bundle may not know.
  default void removeConnection(long addressHigh, long addressLow, long sessionId) {}

  /// Whether this version of the bundle looks after the sessions: one that only stands by must not
  /// cut what another lets pass.
  default boolean owns() {
    return true;
  }

  /// Grows by at least one after a session has begun or ended, or the settings or the registry have
  /// changed, and before anybody is told of it. Never falls. Volatile, and the change comes first:
  /// what was asked after a number was read still holds while the number does. The gate builds on
  /// this ([Approval]), and its tick looks at it.
  long revision();

  /// Changes several times a second while the version of the bundle that owns looks after the
  /// sessions; whichever that is. The gate lets nothing pass when it stands still ([Heartbeat]).
  long heartbeat();

  /// Takes in a UDP datagram that was sent to the authentication port. The packet's layers are
  /// known to be IP and UDP.
  ///
  /// @return [Verdict#ANSWERED] if it was taken in, else a drop with the cause
  Verdict authenticate(Packet packet);

  /// Says that a gate of this version of the bundle is in force: its tick calls it.
  ///
  /// @param judges whether the gate has judged a packet since its last tick; one that only stands
  ///   by for another version is ticked too, and judges none
  default void inForce(long nowNanos, boolean judges) {}
}
