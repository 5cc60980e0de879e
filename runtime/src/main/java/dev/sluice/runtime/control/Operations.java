package dev.sluice.runtime.control;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// What can be asked of a running gateway; the host implements it.
///
/// Every method is called on a virtual thread of the control server, at most
/// [ControlServer#MOST_CLIENTS] at once, never on a thread of the packet path, and may block. The
/// threads are interrupted when the gateway stops. Whatever is returned is immutable. A method that
/// cannot answer at all throws [ControlException]; any other exception is told to the client as a
/// fault of the gateway and hurts nobody else.
///
/// A name of a bundle is its symbolic name, or the name of its file in the bundles folder.
public interface Operations {
  /// Every bundle that is in the folder, in the chain, in quarantine or kept for going back to.
  List<BundleRow> bundles() throws ControlException, InterruptedException;

  /// Copies a bundle into the folder, and waits for what becomes of it, for a bounded time.
  ///
  /// @param file absolute, a path as the gateway's process sees it
  /// @param downgrade whether it may be of an older version than the one in force
  /// @return [Answer.Outcome#ACTIVE] if its handlers are in the chain now
  Answer deploy(Path file, boolean downgrade) throws ControlException, InterruptedException;

  /// Takes a bundle out of the folder, and waits until it has left the chain.
  ///
  /// @return [Answer.Outcome#REMOVED] if it has
  Answer undeploy(String name) throws ControlException, InterruptedException;

  /// Puts the version before the one in force back, and waits until it is in the chain.
  ///
  /// @return [Answer.Outcome#ROLLED_BACK] if it is
  Answer rollback(String name) throws ControlException, InterruptedException;

  /// Lets a bundle out of quarantine, and waits until it is in the chain again.
  ///
  /// @return [Answer.Outcome#ACTIVE] if it is
  Answer release(String name) throws ControlException, InterruptedException;

  /// The last generations, the newest first; a bounded number of them.
  List<GenerationRow> generations() throws ControlException;

  /// What the packet path does and has done.
  PipelineView pipeline() throws ControlException;

  /// Follows packets through the chain.
  ///
  /// @param count most packets, 1..[#MOST_TRACED]
  /// @param filter which; it is called on WorkThreads, once for each packet
  /// @param patience how long to wait for them at most
  /// @return what came, the oldest first
  List<TraceRow> trace(int count, TraceFilter filter, Duration patience)
      throws ControlException, InterruptedException;

  /// What this gateway is, and how it does.
  StatusView status() throws ControlException;

  /// Most packets of one trace.
  int MOST_TRACED = 1000;
}
