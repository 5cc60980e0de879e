package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.util.List;

/// Makes the loop that a WorkThread runs, as classes of this generation's own.
///
/// One shared loop that calls handlers through their interface is compiled for the classes it has
/// met, and after a few replacements it has met too many: the call can no longer be inlined, in
/// that generation and all later ones. Fresh classes have a fresh profile. They are not strongly
/// held by the class loader, so they go with their generation.
final class LoopSpinner {
  private static final byte[] STEP = bytesOf(StepTemplate.class);
  private static final byte[] LOOP = bytesOf(LoopTemplate.class);
  private static final ChainStep END = (_, _) -> Verdict.PASS;
  private static final ChainStep CLOSED = (_, _) -> DropReason.NO_CHAIN.verdict();

  private LoopSpinner() {}

  /// One handler with its counters.
  record Counted(PacketHandler handler, HandlerCounters counters) {}

  /// A loop over these handlers in order.
  static BatchLoop spin(List<Counted> handlers) {
    ChainStep first = END;
    for (int number = handlers.size(); number > 0; number--) {
      Counted counted = handlers.get(number - 1);
      var parts = new StepTemplate.Parts(counted.handler(), counted.counters(), first, number);
      first = define(STEP, parts, ChainStep.class);
    }
    return define(LOOP, first, BatchLoop.class);
  }

  /// The loop that lets nothing pass.
  static BatchLoop closed() {
    return define(LOOP, CLOSED, BatchLoop.class);
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
