package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What was thrown is told without asking it.
@SuppressWarnings("OverrideThrowableToString") // as a bundle may
final class FailureTextTest {
  private static final AtomicInteger ASKED = new AtomicInteger();

  /// Throwables whose own code tells of them.
  enum Own {
    MESSAGE {
      @Override
      Throwable made() {
        return new RuntimeException("kept") {
          @Override
          public String getMessage() {
            return asked();
          }
        };
      }
    },
    LOCALIZED {
      @Override
      Throwable made() {
        return new IllegalStateException("kept") {
          @Override
          public String getLocalizedMessage() {
            return asked();
          }
        };
      }
    },
    STRING {
      @Override
      Throwable made() {
        return new Error("kept") {
          @Override
          public String toString() {
            return asked();
          }
        };
      }
    },
    INHERITED {
      @Override
      Throwable made() {
        return new Inheriting();
      }
    },
    MEMORY {
      @Override
      Throwable made() {
        return new OutOfMemoryError("kept") {
          @Override
          public String getMessage() {
            return asked();
          }
        };
      }
    };

    abstract Throwable made();
  }

  private static class Telling extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      return asked();
    }
  }

  private static final class Inheriting extends Telling {
    private static final long serialVersionUID = 1;
  }

  private static final class Plain extends RuntimeException {
    private static final long serialVersionUID = 1;

    Plain(String message) {
      super(message);
    }
  }

  private static String asked() {
    ASKED.incrementAndGet();
    return "java.lang.OutOfMemoryError";
  }

  @ParameterizedTest
  @EnumSource(Own.class)
  void throwableWithCodeOfItsOwnIsToldByItsClass(Own own) {
    int before = ASKED.get();
    Throwable failure = own.made();
    HandlerCounters counters = new HandlerCounters("test/1");
    counters.failed(failure);
    assertEquals(failure.getClass().getName(), counters.lastFailure());
    assertEquals(failure.getClass().getName(), counters.firstFailure());
    assertEquals(before, ASKED.get(), "it was asked");
  }

  @Test
  void messageIsToldWhereTheJdkTellsIt() {
    assertEquals(Plain.class.getName() + ": short", FailureText.of(new Plain("short")));
    assertEquals("java.lang.IllegalStateException", FailureText.of(new IllegalStateException()));
    assertEquals("as it is", FailureText.of("as it is"));
    assertEquals("", FailureText.of(null));
  }

  @Test
  void textIsBounded() {
    String text = FailureText.of(new Plain("x".repeat(1 << 20)));
    assertEquals(FailureText.MOST, text.length());
    assertTrue(text.startsWith(Plain.class.getName()), text);
  }

  @Test
  void noMemoryIsAConstantThatFollowsAnyOtherAtOnce() {
    HandlerCounters counters = new HandlerCounters("test/1");
    counters.failed(new Plain("first"));
    counters.failed(new OutOfMemoryError("test"));
    assertSame(FailureText.NO_MEMORY, counters.lastFailure());
    assertEquals("java.lang.OutOfMemoryError", counters.lastFailure());
    assertEquals(Plain.class.getName() + ": first", counters.firstFailure());
  }

  @Test
  void oneFailureOfASecondIsTold() throws Exception {
    HandlerCounters counters = new HandlerCounters("test/1");
    long begun = System.nanoTime();
    counters.failed(new Plain("1"));
    counters.tickFailed(new Plain("2"));
    String told = counters.lastFailure();
    if (System.nanoTime() - begun < 1_000_000_000) {
      assertEquals(Plain.class.getName() + ": 1", told);
    }
    Thread.sleep(1100);
    counters.failed(new Plain("3"));
    assertEquals(Plain.class.getName() + ": 3", counters.lastFailure());
    assertEquals(2, counters.count(HandlerCounters.FAILED));
    assertEquals(1, counters.count(HandlerCounters.TICK_FAILED));
  }

  @Test
  void whatWasThrownIsNotKept() throws Exception {
    HandlerCounters counters = new HandlerCounters("test/1");
    WeakReference<Throwable> thrown = new WeakReference<>(new Plain("gone"));
    counters.failed(Objects.requireNonNull(thrown.get()));
    for (int i = 0; i < 500 && thrown.get() != null; i++) {
      System.gc();
      Thread.sleep(10);
    }
    assertNull(thrown.get());
    assertEquals(Plain.class.getName() + ": gone", counters.firstFailure());
  }
}
