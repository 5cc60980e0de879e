package dev.sluice.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DropReasonTest {
  @Test
  void sameNameIsTheSameReason() {
    DropReason reason = DropReason.of("test-again");
    assertSame(reason, DropReason.of("test-again"));
    assertSame(reason.verdict(), DropReason.of("test-again").verdict());
    assertSame(reason.verdict(), Verdict.drop(reason));
    assertSame(DropReason.MALFORMED, DropReason.of("malformed"));
  }

  @Test
  void indexIsThePlaceAmongAll() {
    DropReason reason = DropReason.of("test-index");
    List<DropReason> all = DropReason.all();
    assertSame(reason, all.get(reason.index()));
    for (int i = 0; i < all.size(); i++) {
      assertEquals(i, all.get(i).index());
    }
    Set<String> names = new HashSet<>();
    all.forEach(each -> assertTrue(names.add(each.name()), each::name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "0", "no-session", "iec104-command-2-refused"})
  void wordsJoinedByDashesAreNames(String name) {
    assertEquals(name, DropReason.of(name).name());
    assertEquals(name, DropReason.of(name).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "-",
        "No-Session",
        "no session",
        "no_session",
        "-a",
        "a-",
        "a--b",
        "ä",
        "a\n"
      })
  void otherNamesAreRefused(String name) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> DropReason.of(name));
    assertEquals(
        "drop reason \"" + name + "\": must be lower-case words joined by dashes, 1..64 characters",
        e.getMessage());
  }

  @Test
  void namesHaveAtMost64Characters() {
    String longest = "x".repeat(64);
    assertEquals(longest, DropReason.of(longest).name());
    assertThrows(IllegalArgumentException.class, () -> DropReason.of(longest + "x"));
  }

  @Test
  void listOfAllIsNotToBeChanged() {
    List<DropReason> all = DropReason.all();
    assertThrows(UnsupportedOperationException.class, () -> all.add(DropReason.OTHER));
  }

  @Test
  void verdictsOtherThanDropHaveNoReason() {
    assertNull(Verdict.PASS.reason());
    assertNull(Verdict.ANSWERED.reason());
    assertNull(Verdict.TAKEN.reason());
    assertEquals("pass", Verdict.PASS.toString());
    assertEquals("answered", Verdict.ANSWERED.toString());
    assertEquals("taken", Verdict.TAKEN.toString());
  }

  @Test
  void verdictOfAReasonNamesIt() {
    assertSame(DropReason.FRAGMENT, Verdict.drop(DropReason.FRAGMENT).reason());
    assertEquals("drop fragment", Verdict.drop(DropReason.FRAGMENT).toString());
  }

  @Test
  void namesBeyondTheMostShareOther() throws Exception {
    // In a class loader of its own: names are for good, and the other tests need some.
    URL classes = DropReason.class.getProtectionDomain().getCodeSource().getLocation();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {classes}, ClassLoader.getPlatformClassLoader())) {
      Class<?> reasons = loader.loadClass(DropReason.class.getName());
      assertNotSame(DropReason.class, reasons);
      Method of = reasons.getMethod("of", String.class);
      for (int i = 0; i < DropReason.MAX_REASONS; i++) {
        of.invoke(null, "test-many-" + i);
      }
      List<?> all = (List<?>) reasons.getMethod("all").invoke(null);
      assertEquals(DropReason.MAX_REASONS, all.size());
      assertSame(reasons.getField("OTHER").get(null), of.invoke(null, "one-too-many"));
      assertSame(reasons.getField("MALFORMED").get(null), of.invoke(null, "malformed"));
    }
  }
}
