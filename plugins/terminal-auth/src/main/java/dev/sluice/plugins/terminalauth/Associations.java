package dev.sluice.plugins.terminalauth;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The DTLS associations under way, by peer. Safe for any thread; [#find] takes no lock.
///
/// Bounded by the limit on handshakes and, behind that, by one live lease for each terminal.
final class Associations {
  private final ConcurrentHashMap<Datagram.Peer, Conversation> byPeer = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Conversation, Conversation> displaced = new ConcurrentHashMap<>();
  private final Set<Conversation> all = ConcurrentHashMap.newKeySet();

  @Nullable Conversation find(Datagram.Peer peer) {
    return byPeer.get(peer);
  }

  /// Takes up an association. It gets its peer's datagrams from now on; one that had them before
  /// has them again if this one is over first.
  void add(Conversation conversation) {
    all.add(conversation);
    Conversation before = byPeer.put(conversation.peer(), conversation);
    if (before != null) {
      displaced.put(conversation, before);
    }
  }

  void remove(Conversation conversation) {
    all.remove(conversation);
    Conversation before = displaced.remove(conversation);
    if (byPeer.remove(conversation.peer(), conversation)
        && before != null
        && all.contains(before)) {
      byPeer.putIfAbsent(before.peer(), before);
    }
  }

  void abandonAll(Cause cause) {
    all.forEach(conversation -> conversation.abandon(cause));
  }

  boolean isEmpty() {
    return all.isEmpty();
  }
}
