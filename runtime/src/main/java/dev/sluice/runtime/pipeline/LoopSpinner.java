package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes the loop that a WorkThread runs, as classes of this generation's own.
///
/// One shared loop that calls handlers through their interface is compiled for the classes it has
/// met, and after a few replacements it has met too many: the call can no longer be inlined, in
/// that generation and all later ones. Fresh classes have a fresh profile. They are not strongly
/// held by the class loader, so they go with their generation.
final class LoopSpinner {
  private static final byte[] STEP = bytesOf(StepTemplate.class);
  private static final byte[] PROBED_STEP = bytesOf(ProbedStepTemplate.class);
  private static final byte[] GUARDED_STEP = bytesOf(GuardedStepTemplate.class);
  private static final byte[] LOOP = bytesOf(LoopTemplate.class);
  private static final byte[] MEASURED_LOOP = bytesOf(MeasuredLoopTemplate.class);
  private static final byte[] TRACED_LOOP = bytesOf(TracedLoopTemplate.class);
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

  /// A loop over these handlers in order, that measures now and then.
  static BatchLoop spin(List<Place> places, Lane lane) {
    ChainStep measured = steps(places, lane, StepProbe.MEASURING);
    var sampled = new MeasuredLoopTemplate.Parts(measured, lane);
    var parts =
        new LoopTemplate.Parts(
            steps(places, lane, null), define(MEASURED_LOOP, sampled, SampledLoop.class));
    return define(LOOP, parts, BatchLoop.class);
  }

  /// A loop that tells a trace of what it does.
  ///
  /// @param open whether packets may pass at all; else nothing does, and no handler is called
  static BatchLoop traced(List<Place> places, boolean open, Lane lane, Trace trace) {
    TraceLane tracing = new TraceLane(trace, lane.worker());
    ChainStep first = open ? steps(places, lane, tracing) : ClosedLoop.STEP;
    var parts = new TracedLoopTemplate.Parts(first, tracing);
    return define(TRACED_LOOP, parts, BatchLoop.class);
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
    if (counted.guard() != null && place.fallback() != null) {
      var parts =
          new GuardedStepTemplate.Parts(
              counted,
              place.fallback(),
              counted.guard(),
              number,
              lane.worker(),
              new FrameCopy(),
              next,
              probe);
      return define(GUARDED_STEP, parts, ChainStep.class);
    }
    if (probe != null) {
      var parts =
          new ProbedStepTemplate.Parts(counted.handler(), counted.counters(), next, number, probe);
      return define(PROBED_STEP, parts, ChainStep.class);
    }
    var parts = new StepTemplate.Parts(counted.handler(), counted.counters(), next, number);
    return define(STEP, parts, ChainStep.class);
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
