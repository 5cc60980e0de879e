package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class RecentFramesTest {
  private static Frame frame(FramePool pool) {
    Port nowhere = new Port(0, new TestDevice("nowhere", pool));
    return new Frame(0, pool.frame(0), false, nowhere);
  }

  /// Fills the frame so that each of its bytes tells its length.
  private static void fill(Frame frame, int length) {
    frame.memory().asSlice(0, length).fill((byte) length);
    frame.setLength(length);
  }

  @Test
  void noCopyIsOfTwoFramesHoweverFastTheyCome() throws KernelException, InterruptedException {
    RecentFrames recent = new RecentFrames(4);
    AtomicBoolean ended = new AtomicBoolean();
    try (FramePool pool = FramePool.create(64)) {
      Frame frame = frame(pool);
      Thread writer =
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; !ended.get(); i++) {
                  fill(frame, 64 + i % 1500);
                  recent.keep(frame);
                }
              });
      long whole = 0;
      long begun = System.nanoTime();
      while (whole < 20_000 && System.nanoTime() - begun < 20_000_000_000L) {
        for (RecentFrames.Kept kept : recent.copies()) {
          assertWhole(kept.bytes());
          whole++;
        }
      }
      ended.set(true);
      writer.join();
      assertTrue(whole > 100, "copies: " + whole);
    }
  }

  private static void assertWhole(MemorySegment bytes) {
    for (long at = 0; at < bytes.byteSize(); at++) {
      assertEquals((byte) bytes.byteSize(), bytes.get(ValueLayout.JAVA_BYTE, at));
    }
  }

  @Test
  void theNewestFramesTakeThePlaceOfTheOldest() throws KernelException {
    try (FramePool pool = FramePool.create(64)) {
      RecentFrames recent = new RecentFrames(4);
      assertEquals(List.of(), recent.copies());
      Frame frame = frame(pool);
      for (int length = 100; length < 107; length++) {
        fill(frame, length);
        recent.keep(frame);
      }
      assertEquals(
          List.of(103L, 104L, 105L, 106L),
          recent.copies().stream().map(kept -> kept.bytes().byteSize()).sorted().toList());
    }
  }

  @Test
  void theLongestFrameIsKeptWhole() throws KernelException {
    try (FramePool pool = FramePool.create(64)) {
      RecentFrames recent = new RecentFrames(2);
      Frame frame = frame(pool);
      fill(frame, FramePool.FRAME_BYTES);
      recent.keep(frame);
      assertEquals(FramePool.FRAME_BYTES, recent.copies().getFirst().bytes().byteSize());
      assertWhole(recent.copies().getFirst().bytes());
    }
  }
}
