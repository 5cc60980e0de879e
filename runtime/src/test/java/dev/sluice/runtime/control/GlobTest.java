package dev.sluice.runtime.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GlobTest {
  @ParameterizedTest
  @CsvSource({
    "*,'',true",
    "*,port-up,true",
    "port-up,port-up,true",
    "PORT-UP,port-up,true",
    "port-*,port-up,true",
    "*-up,port-up,true",
    "*t-*,port-up,true",
    "port-?p,port-up,true",
    "**,x,true",
    "a*b*c,aXbXbXc,true",
    "'','',true",
    "'',x,false",
    "?,'',false",
    "port,port-up,false",
    "port-up-,port-up,false",
    "a*b,aXbX,false",
    "a.b,aXb,false",
    "[a],a,false"
  })
  void patternFitsTheWholeName(String pattern, String name, boolean fits) {
    assertEquals(fits, new Glob(pattern).matches(name));
  }

  @Test
  void worstPatternTakesNoTime() {
    long before = System.nanoTime();
    assertFalse(new Glob("*a".repeat(50)).matches("a".repeat(2048) + "b"));
    assertFalse(System.nanoTime() - before > 1_000_000_000L);
  }
}
