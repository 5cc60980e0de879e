package dev.sluice.runtime.pipeline;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// A role that calls code which is not ours, and which another thread can take over while that code
/// does not return.
///
/// Two words say who owns everything the role works with. The *mark* is the thread's: which call
/// this is, and what is called, 0 while the thread is in our own code. The *state* is contended:
///
/// ```
///            watchdog: the same call for too long          watchdog: still the same call
///   NORMAL ───────────────────────────────────► REQUESTED ──────────────────────────────► DEPOSED
///      ▲                                            │
///      └──── thread: came out; or watchdog: it is another call
/// ```
///
/// The thread marks a call, makes it, clears the mark, and only then looks at the state: no fence
/// and no locked instruction. That is Dekker's protocol with all of its cost on the rare side. The
/// watchdog sets `REQUESTED`, then takes the thread's stack trace, and then looks at the mark. A
/// stack trace is taken in a handshake: the thread is at a safepoint, between two of its bytecodes,
/// with a full fence before and after on either side. What the thread wrote before that point the
/// watchdog sees, and what the watchdog wrote before it the thread sees. The virtual machine relies
/// on the same at each safepoint, where it may go on with interpreted code: the heap is then what
/// the bytecodes until there have written, however the compiler has ordered them.
///
/// - If the thread had cleared the mark before that point, the watchdog sees it cleared, or of a
///   later call, and withdraws. Whether or not the thread has seen `REQUESTED`, it goes on.
/// - If not, it clears it after that point, and then finds `REQUESTED` or `DEPOSED`. Both try to
///   change `REQUESTED` with a compare-and-set, and exactly one wins: either the thread has come
///   out in time and goes on, or it is deposed and touches nothing of ours any more.
///
/// So when the watchdog has won, the thread can only be in foreign code, or in our code at its end,
/// before the look at the state; and all that it wrote there the watchdog sees. It passes the role
/// on to a fresh thread, whose start makes that visible to it.
///
/// Foreign code calls us too. Where such a call works on what the role owns, it *steps out*: the
/// same protocol in the middle of a call.
abstract class CallingRole implements DutyCycle {
  /// What is called, in the low bits of the mark: the handler at place n is called n + 1.
  private static final long WHAT = 0xffff;

  /// Added to a handler's number when it is its tick that is called.
  static final int TICK = 1 << 14;

  /// The hash function.
  static final int HASH = 1 << 15;

  private static final long NEXT_CALL = WHAT + 1;

  private static final int NORMAL = 0;
  private static final int REQUESTED = 1;
  private static final int DEPOSED = 2;

  private static final VarHandle MARK;
  private static final VarHandle STATE;

  static {
    try {
      MARK = MethodHandles.lookup().findVarHandle(CallingRole.class, "mark", long.class);
      STATE = MethodHandles.lookup().findVarHandle(CallingRole.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /// Number of the call, and what is called.
  private long mark;

  @SuppressWarnings("UnusedVariable") // read and written through STATE
  private int state = NORMAL;

  /// The mark of the call that was stepped out of.
  private long steppedFrom;

  /// To be called before foreign code is.
  ///
  /// @param what number of the handler, perhaps with [#TICK], or [#HASH]
  final void calls(int what) {
    MARK.setOpaque(this, mark + NEXT_CALL + what);
  }

  /// To be called when foreign code has returned or thrown, before anything of ours is touched.
  ///
  /// @throws Deposed if another thread has the role now
  final void returned() {
    MARK.setOpaque(this, mark & ~WHAT);
    if ((int) STATE.getOpaque(this) != NORMAL && !cameOut()) {
      throw Deposed.HERE;
    }
  }

  private boolean cameOut() {
    return STATE.compareAndSet(this, REQUESTED, NORMAL) || (int) STATE.getVolatile(this) == NORMAL;
  }

  /// For the role's thread, in a call that foreign code has made to us: until [#stepIn] the role
  /// cannot be taken over.
  ///
  /// @return false if it was; then nothing is to be touched, and `stepIn` not to be called
  final boolean stepOut() {
    long call = mark;
    steppedFrom = call;
    MARK.setOpaque(this, call & ~WHAT);
    return (int) STATE.getOpaque(this) == NORMAL || cameOut();
  }

  /// Release: whoever sees the call go on sees what was done meanwhile.
  final void stepIn() {
    MARK.setRelease(this, steppedFrom);
  }

  /// For the watchdog: the mark as it is now.
  final long mark() {
    return (long) MARK.getAcquire(this);
  }

  /// Whether a mark says that foreign code is called.
  static boolean isCall(long mark) {
    return (mark & WHAT) != 0;
  }

  static boolean isHash(long mark) {
    return (mark & HASH) != 0;
  }

  static boolean isTick(long mark) {
    return (mark & TICK) != 0;
  }

  /// Place of the handler in its chain.
  static int place(long mark) {
    return (int) (mark & (TICK - 1)) - 1;
  }

  /// For the watchdog: asks for the role. A handshake with the thread is to follow, then [#depose]
  /// or [#withdraw].
  final boolean request() {
    return STATE.compareAndSet(this, NORMAL, REQUESTED);
  }

  /// For the watchdog, after the handshake, if the mark is that of the call in question.
  ///
  /// @return false if the thread came out meanwhile
  final boolean depose(long call) {
    return mark() == call && STATE.compareAndSet(this, REQUESTED, DEPOSED);
  }

  /// For the watchdog: asks no more.
  final void withdraw() {
    STATE.compareAndSet(this, REQUESTED, NORMAL);
  }
}
