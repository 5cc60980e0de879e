package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.HashFunction;
import dev.sluice.plugin.PacketHandler;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is to be done with packets: the handlers in order, and how packets are spread.
///
/// @param links in the order of the chain
/// @param hash spreads packets over the WorkThreads
/// @param open whether packets may pass at all; a chain that is not open drops every packet as
///   `no-chain`. A chain without links is never open
public record Chain(List<Link> links, HashFunction hash, boolean open) {

  /// One handler's place.
  ///
  /// @param bundle symbolic name and version, for counters and messages
  /// @param handlers one instance for each WorkThread, in the order of the WorkThreads; they are
  ///   compared by identity, and an instance that stood in the last chain keeps its counters
  /// @param guard puts the handlers on trial; null for a link that is trusted
  public record Link(String bundle, List<PacketHandler> handlers, @Nullable Guard guard) {
    public Link {
      handlers = List.copyOf(handlers);
    }

    /// A link that is not on trial.
    public Link(String bundle, List<PacketHandler> handlers) {
      this(bundle, handlers, null);
    }

    /// Refuses a link that has not one instance for each WorkThread.
    void check(int workers) {
      check(bundle, handlers.size(), workers);
      if (guard != null) {
        check("the fallback of " + bundle, guard.fallback().size(), workers);
      }
    }

    private static void check(String what, int count, int workers) {
      if (count != workers) {
        throw new IllegalArgumentException(what + ": " + count + " handlers for " + workers);
      }
    }
  }

  public Chain {
    links = List.copyOf(links);
    open = open && !links.isEmpty();
  }

  /// The chain that lets nothing pass.
  public static Chain closed(HashFunction hash) {
    return new Chain(List.of(), hash, false);
  }
}
