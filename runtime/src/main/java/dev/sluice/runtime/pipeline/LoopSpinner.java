package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes the loops that a WorkThread runs: of code that all generations share, and, to be broken in
/// beside by a [ChainLoop], of classes of the generation's own.
///
/// A shared loop calls handlers through their interface. It is compiled for the classes it has met,
/// and after a few replacements it has met too many: the calls are not inlined any more. Fresh
/// classes have a fresh profile, but begin in the interpreter, at a tenth of the speed or less.
/// They are not strongly held by the class loader, so they go with their generation.
final class LoopSpinner {
  private static final byte[] STEP = bytesOf(StepTemplate.class);
  private static final byte[] LOOP = bytesOf(LoopTemplate.class);
  private static final ChainStep END = (_, _) -> Verdict.PASS;

  private LoopSpinner() {}

  /// One handler with its counters.
  ///
  /// @param guard that the handler is on trial behind, or null
  record Counted(PacketHandler handler, HandlerCounters counters, @Nullable Guard guard) {
    void tickFailed(Throwable failure) {
      counters.tickFailed(failure);
      if (guard != null) {
        guard.tickFailed(failure);
      }
    }
  }

  /// One place of the chain, for one WorkThread.
  ///
  /// @param fallback judges what the handler on trial fails at; null where there is no trial
  record Place(Counted counted, @Nullable Counted fallback) {
    /// How many handlers it has.
    int handlers() {
      return fallback == null ? 1 : 2;
    }
  }

  /// A loop over these handlers in order, that measures now and then. A trial is soon over, so as
  /// long as there is one no loop of its own is broken in.
  static ChainLoop loop(List<Place> places, Lane lane) {
    boolean onTrial = places.stream().anyMatch(place -> place.fallback() != null);
    SharedLoop shared = new SharedLoop(steps(places, lane, null));
    ChainStep measured = steps(places, lane, StepProbe.MEASURING);
    return new ChainLoop(
        shared,
        new MeasuredLoop(measured, lane.recent()),
        onTrial ? null : lane.habits().ownLoops().make(places, shared),
        lane.habits());
  }

  /// A loop that tells a trace of what it does.
  ///
  /// @param open whether packets may pass at all; else nothing does, and no handler is called
  static BatchLoop traced(List<Place> places, boolean open, Lane lane, Trace trace) {
    TraceLane tracing = new TraceLane(trace, lane.worker());
    return new TracedLoop(open ? steps(places, lane, tracing) : ClosedLoop.STEP, tracing);
  }

  private static ChainStep steps(List<Place> places, Lane lane, @Nullable StepProbe probe) {
    ChainStep first = END;
    int number = 1 + places.stream().mapToInt(Place::handlers).sum();
    for (Place place : places.reversed()) {
      number -= place.handlers();
      first = step(place, number, first, lane, probe);
    }
    return first;
  }

  /// @param number of the first handler of the place, for [CallingRole#calls]
  private static ChainStep step(
      Place place, int number, ChainStep next, Lane lane, @Nullable StepProbe probe) {
    Counted counted = place.counted();
    Counted fallback = place.fallback();
    if (counted.guard() != null && fallback != null) {
      return new GuardedStep(
          counted, fallback, counted.guard(), number, lane.worker(), next, probe);
    }
    return new HandlerStep(counted.handler(), counted.counters(), next, number, probe);
  }

  /// A loop of classes of its own; none of the handlers is on trial.
  static BatchLoop spin(List<Place> places) {
    ChainStep first = END;
    for (int i = places.size(); i > 0; i--) {
      Counted counted = places.get(i - 1).counted();
      var parts = new StepTemplate.Parts(counted.handler(), counted.counters(), first, i);
      first = define(STEP, parts, ChainStep.class);
    }
    return define(LOOP, first, BatchLoop.class);
  }

  private static <T> T define(byte[] template, Object classData, Class<T> type) {
    try {
      Class<?> hidden =
          MethodHandles.lookup()
              .defineHiddenClassWithClassData(template, classData, true)
              .lookupClass();
      return type.cast(hidden.getDeclaredConstructor().newInstance());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("a template of the batch loop could not be defined", e);
    }
  }

  private static byte[] bytesOf(Class<?> template) {
    try (InputStream in = template.getResourceAsStream(template.getSimpleName() + ".class")) {
      if (in == null) {
        throw new LinkageError("no class file for " + template.getName());
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new LinkageError("class file of " + template.getName(), e);
    }
  }
}
