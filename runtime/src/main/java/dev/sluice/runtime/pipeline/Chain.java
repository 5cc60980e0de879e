package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.HashFunction;
import dev.sluice.plugin.PacketHandler;
import java.util.List;

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
  public record Link(String bundle, List<PacketHandler> handlers) {
    public Link {
      handlers = List.copyOf(handlers);
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
