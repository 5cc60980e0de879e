package dev.sluice.plugin;

import org.osgi.annotation.versioning.ProviderType;

/// What one handler instance is given when it begins ([PacketHandler#begin]): its place among the
/// WorkThreads, and tables that outlive it.
@ProviderType
public interface HandlerContext {
  /// Number of the WorkThread, `0 .. workers() - 1`. It is the same thread while the gateway runs.
  int worker();

  /// Number of WorkThreads, the same while the gateway runs.
  int workers();

  /// Whether the instance is tried out on copies of packets, beside what runs: its tables are empty
  /// and go with it, and it must have no effect, neither on the wire nor on what the bundle shares.
  boolean rehearsal();

  /// This WorkThread's table of this name. All instances that the bundle has for this WorkThread
  /// use the same one, whatever version and configuration they are of; that of the version before
  /// is thus simply there, with all it holds. The old instance may be called for a while after the
  /// new one, but never at the same time: both are called by the one WorkThread.
  ///
  /// A larger capacity than before has the table grow; a smaller one changes nothing. Another
  /// layout ([TableShape#hasLayoutOf]) has an empty table made, with the old one as its
  /// [StateTable#takePredecessor].
  ///
  /// To be asked for in [PacketHandler#begin], but not used there: the WorkThread may be using it.
  ///
  /// @throws IllegalStateException if the bundle's tables would take more memory than one may have,
  ///   with a sentence
  StateTable table(TableShape shape);

  /// Whether another instance of the bundle has tables for this WorkThread now: when an instance
  /// ends and another has, what the tables hold goes on being used; if not, it ends with it.
  boolean heldByOther();
}
