package dev.sluice.runtime.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The lines on standard input that a simulated station works by.
final class Orders {
  /// Carries out one order.
  interface Taker {
    /// Returns false at an order that it does not know.
    boolean take(List<String> words) throws IOException, InterruptedException, CredentialException;
  }

  private Orders() {}

  /// Hands every order to `taker` until `quit` or the end of the input. An order that fails is told
  /// and does not end the station.
  static void serve(Taker taker) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.equals("quit")) {
        return;
      }
      carryOut(taker, line);
    }
  }

  private static void carryOut(Taker taker, String line) throws IOException {
    try {
      if (!taker.take(List.of(line.split(" ", -1)))) {
        tell(Line.now("unknown-order", "cause", line));
      }
    } catch (CredentialException | IllegalArgumentException e) {
      tell(Line.now("order-failed", "cause", line + ": " + e.getMessage()));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Prints one line whole, whatever other threads print.
  static void tell(Line line) {
    synchronized (System.out) {
      System.out.println(line);
      System.out.flush();
    }
  }
}
