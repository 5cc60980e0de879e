package dev.sluice.runtime.control;

import dev.sluice.runtime.arguments.ArgumentException;
import dev.sluice.runtime.arguments.Arguments;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// What a person typed behind `sluice ctl`, made into a request.
final class CtlWords {
  /// Options with a value.
  static final Set<String> OPTIONS =
      Set.of("socket", "state", "config", "for", "severity", "event");

  static final Set<String> FLAGS = Set.of("help", "json", "downgrade", "follow");

  /// Options that belong to one command alone.
  private static final Map<String, String> OWNERS =
      Map.of(
          "downgrade",
          "deploy",
          "for",
          "trace",
          "follow",
          "events",
          "severity",
          "events",
          "event",
          "events");

  private static final String COMMANDS =
      "bundles, deploy, undeploy, rollback, quarantine, release, generations, pipeline, trace,"
          + " events, status";

  private final Arguments arguments;
  private final String command;
  private final List<String> operands;

  private CtlWords(Arguments arguments, String command, List<String> operands) {
    this.arguments = arguments;
    this.command = command;
    this.operands = new ArrayList<>(operands);
  }

  /// The request that these words mean, as a JSON object.
  ///
  /// @throws ArgumentException if they mean none
  static Map<String, Object> request(Arguments arguments) throws ArgumentException {
    List<String> words = arguments.operands();
    if (words.isEmpty()) {
      throw new ArgumentException("a command must follow: " + COMMANDS);
    }
    return new CtlWords(arguments, words.getFirst(), words.subList(1, words.size())).request();
  }

  private Map<String, Object> request() throws ArgumentException {
    for (Map.Entry<String, String> owner : OWNERS.entrySet()) {
      if (arguments.has(owner.getKey()) && !owner.getValue().equals(command)) {
        throw new ArgumentException("--" + owner.getKey() + " belongs to " + owner.getValue());
      }
    }
    Map<String, Object> request = new LinkedHashMap<>();
    // What is in quarantine is read off the list of all bundles.
    request.put("command", command.equals("quarantine") ? "bundles" : command);
    switch (command) {
      case "bundles", "quarantine", "generations", "pipeline", "status" -> {}
      case "deploy" -> deploy(request);
      case "undeploy", "rollback", "release" -> request.put("name", operand("the bundle's name"));
      case "trace" -> trace(request);
      case "events" -> events(request);
      default ->
          throw new ArgumentException(
              "there is no command '" + command + "'; allowed: " + COMMANDS);
    }
    if (!operands.isEmpty()) {
      throw new ArgumentException(
          "'" + operands.getFirst() + "' is one word too many for " + command);
    }
    return request;
  }

  private void deploy(Map<String, Object> request) throws ArgumentException {
    request.put("file", Path.of(operand("a file")).toAbsolutePath().normalize().toString());
    if (arguments.has("downgrade")) {
      request.put("downgrade", true);
    }
  }

  private String operand(String what) throws ArgumentException {
    if (operands.isEmpty() || operands.getFirst().isEmpty()) {
      throw new ArgumentException(what + " must follow " + command);
    }
    return operands.removeFirst();
  }

  /// A number that stands first is how many; all the other words are the filter.
  private void trace(Map<String, Object> request) throws ArgumentException {
    if (!operands.isEmpty() && operands.getFirst().matches("\\d+")) {
      request.put("count", number(operands.removeFirst(), 1, Operations.MOST_TRACED));
    }
    if (arguments.has("for")) {
      request.put("seconds", (long) arguments.number("for", 10, 1, 600));
    }
    if (!operands.isEmpty()) {
      request.put("filter", String.join(" ", operands));
      operands.clear();
    }
  }

  private void events(Map<String, Object> request) throws ArgumentException {
    boolean follow = operands.remove("-f") || arguments.has("follow");
    if (follow) {
      request.put("follow", true);
    }
    if (!operands.isEmpty()) {
      request.put("last", number(operands.removeFirst(), 0, 1000));
    } else if (follow) {
      request.put("last", 0L);
    }
    arguments
        .option("severity")
        .ifPresent(text -> request.put("severity", text.toUpperCase(Locale.ROOT)));
    arguments.option("event").ifPresent(text -> request.put("event", text));
  }

  private long number(String text, int least, int most) throws ArgumentException {
    if (text.matches("\\d{1,9}")
        && least <= Integer.parseInt(text)
        && Integer.parseInt(text) <= most) {
      return Integer.parseInt(text);
    }
    throw new ArgumentException(
        "%s %s: a whole number from %d to %d is allowed".formatted(command, text, least, most));
  }
}
